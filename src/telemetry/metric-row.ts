/** What a metric is, as data: of which Prometheus' instruments are made, and the documentation. */

/** A closed list of values, or what an open one holds, for people. */
export type LabelValues = readonly string[] | string;
export type Labels = Readonly<Record<string, LabelValues>>;

export interface MetricRow<T extends MetricType = MetricType, L extends Labels = Labels> {
  readonly type: T;
  readonly name: string;
  /** One line. */
  readonly help: string;
  readonly labels: L;
  /** Of a histogram: upper bounds. */
  readonly buckets?: readonly number[];
}

export type MetricType = 'counter' | 'gauge' | 'histogram';

export const counter = <const L extends Labels>(name: string, help: string, labels: L): MetricRow<'counter', L> => ({
  type: 'counter',
  name,
  help,
  labels,
});

export const gauge = <const L extends Labels>(name: string, help: string, labels: L): MetricRow<'gauge', L> => ({
  type: 'gauge',
  name,
  help,
  labels,
});

/** @param buckets upper bounds, in the unit that the name ends with */
export const histogram = <const L extends Labels>(
  name: string,
  help: string,
  buckets: readonly number[],
  labels: L,
): MetricRow<'histogram', L> => ({ type: 'histogram', name, help, labels, buckets });

/** Every combination of the closed labels' values, each with the given values of the others. */
export function combinations(
  labels: Labels,
  given: Readonly<Record<string, string>> = {},
): readonly Readonly<Record<string, string>>[] {
  const closed = Object.entries(labels).filter(([label]) => !Object.hasOwn(given, label));
  return closed.reduce<readonly Readonly<Record<string, string>>[]>(
    (made, [label, values]) => {
      // Nobody knows the values of an open label beforehand.
      if (typeof values === 'string') return [];
      return made.flatMap((each) => values.map((value) => ({ ...each, [label]: value })));
    },
    [given],
  );
}
