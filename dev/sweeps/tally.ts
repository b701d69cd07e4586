/** What the sweeps tried, added up over all workloads. */

/** As a test file leaves it behind. */
export interface Counted {
  /** What is counted, in the plural. */
  readonly counted: string;
  readonly cases: number;
  /** How many there would be if none had been left out. */
  readonly unpruned: number;
  readonly divergences: number;
}

export type Tally = readonly Counted[];

/** By name. */
export function tallyOf(lines: readonly Counted[]): Tally {
  const totals = new Map<string, Counted>();
  for (const { counted, cases, unpruned, divergences } of lines) {
    const before = totals.get(counted) ?? { cases: 0, unpruned: 0, divergences: 0 };
    totals.set(counted, {
      counted,
      cases: before.cases + cases,
      unpruned: before.unpruned + unpruned,
      divergences: before.divergences + divergences,
    });
  }
  // Of each there is one by now.
  return [...totals.values()].toSorted((one, other) => (one.counted < other.counted ? -1 : 1));
}

/** Markdown. */
export function tableOf(tally: Tally): string {
  const number = (value: number): string => value.toLocaleString('en');
  const rows = tally.map(
    ({ counted, cases, unpruned, divergences }) =>
      `| ${counted} | ${number(cases)} | ${number(unpruned)} | ${number(divergences)} |`,
  );
  return ['| what goes wrong | tried | of | divergences |', '| --- | ---: | ---: | ---: |', ...rows].join('\n');
}
