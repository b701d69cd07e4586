import type { Counted } from '../../../dev/sweeps/tally.ts';
import { noteCounts } from '../counts.ts';

/** What the walks came to, of one run of their file. */
export interface WalkCounts {
  walks: number;
  moves: number;
  /** Values against the schema that somebody tried to write. */
  invalidValues: number;
  divergences: number;
}

export const walkCounts: WalkCounts = { walks: 0, moves: 0, invalidValues: 0, divergences: 0 };

export function noteWalks({ walks, moves, invalidValues, divergences }: WalkCounts): void {
  const row = (counted: string, cases: number): Counted => ({ counted, cases, unpruned: cases, divergences });
  noteCounts('random walks', [
    row('random walks', walks),
    row('moves in random walks', moves),
    row('invalid values in random walks', invalidValues),
  ]);
}
