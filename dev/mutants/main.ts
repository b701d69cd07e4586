/**
 * `npm run test:mutants`: breaks one rule of the operator after another, and sees the sweep named beside it turn red.
 * With words, only the mutants that have them all in their name. The last line is `N passed, N failed`.
 */
import { totalLine } from '../checks/summary.ts';
import { hunt, type Outcome } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { CRASH } from './sweeps.ts';

/** Broken in nothing: a test that turns red for it would turn red for anything. */
const control: Mutant = {
  name: 'nothing is broken',
  file: 'src/identity/plan.ts',
  edits: [],
  sweep: 'workloads/deletion',
  test: CRASH,
};

/** As many as the smallest machine that is expected to run them has cores. */
const AT_ONCE = 2;
const SHOWN = 160;

const words = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => words.every((word) => name.includes(word)));
const outcomes: Outcome[] = [];
const waiting = [...chosen];

async function huntOn(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const outcome = await hunt(next);
    outcomes.push(outcome);
    process.stdout.write(`${tell(outcome)}\n`);
  }
}

const tell = ({ mutant, caught, said, seconds }: Outcome): string =>
  [
    `${caught ? 'caught' : 'MISSED'} ${String(seconds).padStart(4)} s  ${mutant.name} (${mutant.file})`,
    `               ${mutant.sweep}: ${mutant.test}`,
    `               ${caught ? said.slice(0, SHOWN) : said}`,
  ].join('\n');

await Promise.all(Array.from({ length: AT_ONCE }, huntOn));
const sound = await hunt(control);
if (sound.caught) process.stdout.write(`${control.name}, and still it turned red: ${sound.said}\n`);
const caught = outcomes.filter((outcome) => outcome.caught).length;
const missed = outcomes.length - caught + (sound.caught ? 1 : 0);
process.stdout.write(`\n${totalLine({ passed: caught, failed: missed })}\n`);
process.exitCode = caught > 0 && missed === 0 ? 0 : 1;
