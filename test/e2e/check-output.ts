/** Runs `--check`, and reads what it prints. */
import { environmentOf, flagsOf } from '../../dev/demo/operator-process.ts';
import type { Verdict } from '../../src/check/finding.ts';
import { type Ended, launch } from './operator-bundle.ts';
import type { World } from './world.ts';
import type { OperatorChanges } from './world-options.ts';

/** To its end, set up as an operator of the world is. */
export async function runCheck(world: World, changes: OperatorChanges): Promise<Ended> {
  const options = await world.optionsOf(changes);
  // Who looks by hand leaves the format of the log as it is.
  const flags = flagsOf(options).filter((flag) => !flag.startsWith('--log-format='));
  return launch(options.bundle, ['--check', ...flags], environmentOf(options)).ended;
}

export interface PrintedFinding {
  readonly verdict: Verdict;
  readonly check: string;
  readonly says: string;
  readonly command: string | undefined;
}

const LINE = /^(ok|missing|failed) +([a-z-]+) +(.*)$/;

/** The findings of the lines for people; the last line, which counts them, is left out. */
export function findingsIn({ stdout }: Pick<Ended, 'stdout'>): readonly PrintedFinding[] {
  const lines = stdout.trimEnd().split('\n');
  return lines.flatMap((line, index) => {
    const [, verdict, check = '', says = ''] = LINE.exec(line) ?? [];
    if (verdict === undefined) return [];
    const below = lines[index + 1] ?? '';
    return [{ verdict: verdict as Verdict, check, says: says.trim(), command: /^ {9}(\S.*)$/.exec(below)?.[1] }];
  });
}

/** Those that are not ok. */
export const troubles = (ended: Pick<Ended, 'stdout'>): readonly PrintedFinding[] =>
  findingsIn(ended).filter(({ verdict }) => verdict !== 'ok');

/** What a printed `az role assignment create` would assign. */
export function assignmentIn(command: string): {
  readonly principal: string;
  readonly role: string;
  readonly scope: string;
} {
  const value = (flag: string): string => {
    const [, quoted, bare = ''] = new RegExp(`--${flag} (?:'([^']*)'|(\\S+))`).exec(command) ?? [];
    return quoted ?? bare;
  };
  if (!command.startsWith('az role assignment create ')) throw new Error(`not an assignment: ${command}`);
  return { principal: value('assignee-object-id'), role: value('role'), scope: value('scope') };
}
