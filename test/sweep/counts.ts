/** How much was tried, for whoever reads about it. */
import { appendFileSync } from 'node:fs';

import type { Counted } from '../../dev/sweeps/tally.ts';

/** Prints them, and adds them as a line of JSON to the file that the environment names, if it does. */
export function noteCounts(name: string, counts: readonly Counted[]): void {
  const file = process.env['SWEEP_COUNTS'];
  for (const each of counts) {
    console.log(`${name}: ${each.cases} ${each.counted}, ${each.divergences} divergences`);
    if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, ...each })}\n`);
  }
}
