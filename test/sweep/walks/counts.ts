/** What the walks came to, of one run of their file. */
export interface WalkCounts {
  walks: number;
  moves: number;
  /** Values against the schema that somebody tried to write. */
  invalidValues: number;
  divergences: number;
}

export const walkCounts: WalkCounts = { walks: 0, moves: 0, invalidValues: 0, divergences: 0 };

export const describeCounts = ({ walks, moves, invalidValues, divergences }: WalkCounts): string =>
  `${walks} walks, ${moves} moves, ${invalidValues} invalid values, ${divergences} divergences`;
