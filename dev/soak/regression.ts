/** Straight lines through measurements, and whether they are flat. */

export interface Point {
  /** Seconds since the beginning of the run. */
  readonly at: number;
  readonly value: number;
}

export interface Line {
  /** By how much the value grows in an hour. */
  readonly perHour: number;
  /** Of `perHour`: 0 where the points lie on the line. */
  readonly standardError: number;
  readonly mean: number;
  readonly points: number;
  /** From the first point to the last. */
  readonly seconds: number;
}

const HOUR = 3600;

/** Least squares; undefined for fewer than three points, or when all are of the same moment. */
export function fit(points: readonly Point[]): Line | undefined {
  const count = points.length;
  if (count < 3) return undefined;
  const meanAt = sum(points, ({ at }) => at) / count;
  const mean = sum(points, ({ value }) => value) / count;
  const spread = sum(points, ({ at }) => (at - meanAt) ** 2);
  if (spread === 0) return undefined;
  const slope = sum(points, ({ at, value }) => (at - meanAt) * (value - mean)) / spread;
  const residual = sum(points, ({ at, value }) => (value - mean - slope * (at - meanAt)) ** 2);
  const standardError = Math.sqrt(residual / (count - 2) / spread);
  const times = points.map(({ at }) => at);
  const seconds = Math.max(...times) - Math.min(...times);
  return { perHour: slope * HOUR, standardError: standardError * HOUR, mean, points: count, seconds };
}

export interface Halves {
  readonly first: Line | undefined;
  readonly second: Line | undefined;
}

/** The first half, in which a process still warms up, and the second, which is judged. */
export function fitHalves(points: readonly Point[]): Halves {
  const begin = points[0]?.at ?? 0;
  const middle = begin + ((points.at(-1)?.at ?? 0) - begin) / 2;
  return { first: fit(points.filter(({ at }) => at < middle)), second: fit(points.filter(({ at }) => at >= middle)) };
}

/** By how much the line rises from its first point to its last. */
export function riseOf({ perHour, seconds }: Line): number {
  return (perHour * seconds) / HOUR;
}

/**
 * Whether a series does not grow: its line rises by no more than `share` of its mean and no more than `least`, whichever is
 * more, from its first point to its last.
 */
export function isFlat(line: Line, bound: { readonly share: number; readonly least: number }): boolean {
  return riseOf(line) <= Math.max(bound.share * line.mean, bound.least);
}

function sum(points: readonly Point[], of: (point: Point) => number): number {
  return points.reduce((total, point) => total + of(point), 0);
}
