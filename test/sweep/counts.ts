/** How much was tried, for whoever reads about it. */
import { appendFileSync } from 'node:fs';

export interface Counts {
  /** What is counted, in the plural: `crash points`. */
  readonly counted: string;
  readonly cases: number;
  /** How many there would be if none had been left out as the same as another. */
  readonly unpruned: number;
  readonly divergences: number;
  readonly steps: number;
}

/** Prints them, and adds them as a line of JSON to the file that the environment names, if it does. */
export function noteCounts(name: string, counts: readonly Counts[]): void {
  const file = process.env['SWEEP_COUNTS'];
  for (const each of counts) {
    console.log(`${name}: ${each.cases} ${each.counted}, ${each.divergences} divergences`);
    if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, ...each })}\n`);
  }
}
