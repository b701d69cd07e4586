/** What `--check` prints, read again. */
import type { Verdict } from '../../src/check/finding.ts';
import type { Ended } from './operator-bundle.ts';

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
