/** How what a cold start costs grows with the number of scale sets, on a scale of powers. */
import type { Result } from './results.ts';

export interface Growth {
  readonly scaleSets: number;
  /** Medians, by the names of the figures. */
  readonly cost: Readonly<Record<string, number>>;
  /** From the row before: 1 where cost grows as the number does, below it more slowly. Absent in the first row. */
  readonly exponents?: Readonly<Record<string, number>>;
}

const NAME = /^cold-(\d+)$/;

/** @param figures which to follow */
export function growthOf(results: readonly Result[], figures: readonly string[]): readonly Growth[] {
  const sizes = results
    .flatMap(({ name, figures: measured }) => {
      const [, count] = NAME.exec(name) ?? [];
      if (count === undefined) return [];
      return [
        {
          scaleSets: Number(count),
          cost: Object.fromEntries(figures.map((figure) => [figure, measured[figure]?.median ?? Number.NaN])),
        },
      ];
    })
    .toSorted((one, other) => one.scaleSets - other.scaleSets);
  return sizes.map((size, index) => {
    const before = sizes[index - 1];
    return before === undefined ? size : { ...size, exponents: exponentsBetween(before, size) };
  });
}

function exponentsBetween(from: Growth, to: Growth): Readonly<Record<string, number>> {
  const decades = Math.log(to.scaleSets / from.scaleSets);
  return Object.fromEntries(
    Object.entries(to.cost).map(([figure, cost]) => [
      figure,
      Math.log(cost / (from.cost[figure] ?? Number.NaN)) / decades,
    ]),
  );
}
