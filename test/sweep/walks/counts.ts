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
  const row = (counted: string, cases: number): Parameters<typeof noteCounts>[1][0] => ({
    counted,
    cases,
    unpruned: cases,
    divergences,
    steps: 0,
  });
  noteCounts('random walks', [
    row('random walks', walks),
    row('moves in random walks', moves),
    row('invalid values in random walks', invalidValues),
  ]);
}
