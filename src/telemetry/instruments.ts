/** The metrics of the catalogue as Prometheus' client has them. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { METRICS } from './metric-catalogue.ts';
import { combinations, type MetricRow } from './metric-row.ts';

type Catalogue = typeof METRICS;
export type MetricKey = keyof Catalogue;
type LabelOf<R extends MetricRow> = Extract<keyof R['labels'], string>;
type Instrument<R extends MetricRow> = R['type'] extends 'counter'
  ? Counter<LabelOf<R>>
  : R['type'] extends 'gauge'
    ? Gauge<LabelOf<R>>
    : Histogram<LabelOf<R>>;
export type Instruments = { readonly [K in MetricKey]: Instrument<Catalogue[K]> };

/**
 * Makes all of them. What is counted begins at 0 for every combination of labels that is known beforehand, so that rates
 * are right from the first event on.
 */
export function createInstruments(registry: Registry): Instruments {
  const made = Object.entries(METRICS).map(([key, row]) => [key, create(row, registry)] as const);
  const instruments = Object.fromEntries(made) as unknown as Instruments;
  for (const key of Object.keys(METRICS) as MetricKey[]) startAtZero(instruments, key);
  return instruments;
}

/** Does so for one of them, as soon as the values of its open labels are known and before anything is counted. */
export function startAtZero(
  instruments: Instruments,
  key: MetricKey,
  given: Readonly<Record<string, string>> = {},
): void {
  const row: MetricRow = METRICS[key];
  const instrument: Counter | Gauge | Histogram = instruments[key];
  for (const labels of combinations(row.labels, given)) {
    if (instrument instanceof Counter) instrument.inc(labels, 0);
    else if (instrument instanceof Histogram) instrument.zero(labels);
  }
}

function create({ type, name, help, labels, buckets = [] }: MetricRow, registry: Registry) {
  const common = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  switch (type) {
    case 'counter':
      return new Counter(common);
    case 'gauge':
      return new Gauge(common);
    case 'histogram':
      return new Histogram({ ...common, buckets: [...buckets] });
  }
}
