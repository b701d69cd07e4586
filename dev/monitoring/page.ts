/** What `/metrics` shows, in Prometheus' text format, and whether a query finds there what it asks for. */
import { groupingOf, passes, type Selector, selectorsOf } from './promql.ts';

export type SeriesLabels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly value: number;
}

/** What Prometheus adds to all that it reads by a ServiceMonitor. */
const ADDED = new Set(['namespace', 'pod', 'job']);

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** All that the page shows. */
export const samplesOf = (page: string): readonly Sample[] =>
  page.split('\n').flatMap((line) => {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: labelsIn(labels), value: numberOf(value) }];
  });

const labelsIn = (text: string): SeriesLabels =>
  Object.fromEntries([...text.matchAll(LABEL)].map(([, label = '', value = '']) => [label, value]));

const numberOf = (text: string): number => (text === '+Inf' ? Infinity : Number(text));

/** What a query asks for and the page does not have, in words; empty where it has everything. */
export function complaintsAbout(query: string, page: readonly Sample[]): readonly string[] {
  const selectors = selectorsOf(query);
  const shown = new Set(
    selectors.flatMap(({ name }) =>
      page.filter((each) => each.name === name).flatMap((each) => Object.keys(each.labels)),
    ),
  );
  const unknown = groupingOf(query).filter((label) => !shown.has(label) && !ADDED.has(label));
  return [
    ...(selectors.length === 0 ? ['no metric is named'] : []),
    ...selectors.flatMap((selector) => complaintAbout(selector, page)),
    ...unknown.map((label) => `nothing has the label ${label}`),
  ];
}

function complaintAbout({ name, matchers }: Selector, page: readonly Sample[]): readonly string[] {
  const series = page.filter((each) => each.name === name);
  if (series.length === 0) return [`nothing is called ${name}`];
  const own = matchers.filter(({ label }) => !ADDED.has(label));
  const absent = own.filter(({ label }) => !series.some(({ labels }) => Object.hasOwn(labels, label)));
  if (absent.length > 0) return absent.map(({ label }) => `${name} has no label ${label}`);
  const found = series.some(({ labels }) => own.every((matcher) => passes(matcher, labels[matcher.label] ?? '')));
  const asked = own.map(({ label, operator, value }) => `${label}${operator}"${value}"`).join(', ');
  return found ? [] : [`no ${name} has ${asked}`];
}
