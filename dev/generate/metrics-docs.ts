/**
 * Writes `docs/metrics.md` from the catalogue that the operator itself makes its metrics from.
 *
 * `node dev/generate/metrics-docs.ts` writes the file; with `--check` it writes nothing, and exits with 1 when the file
 * is not what the catalogue says. A query that names a metric which does not exist is an error in both.
 */

import { format, resolveConfig } from 'prettier';

import { METRICS } from '../../src/telemetry/metric-catalogue.ts';
import type { LabelValues, MetricRow } from '../../src/telemetry/metric-row.ts';
import { code, table } from '../docs/table.ts';
import { hasText, writeOrCheck } from './generated-file.ts';
import { namesOutside, questions } from './metric-questions.ts';

const target = new URL('../../docs/metrics.md', import.meta.url);

const rows: readonly MetricRow[] = Object.values(METRICS);
const areOurs = ({ name }: MetricRow): boolean => name.startsWith('vmss_identity_');

/** More values than a cell of a table has room for. */
const LONG = 10;
const isShort = (values: LabelValues): values is readonly string[] =>
  typeof values !== 'string' && values.length <= LONG;
const codes = (values: readonly string[]): string => values.map(code).join(', ');

const labelCell = ([label, values]: readonly [string, LabelValues]): string =>
  isShort(values) ? `${code(label)}: ${codes(values)}` : code(label);

const metricTable = (shown: readonly MetricRow[]): string =>
  table(
    ['Name', 'Type', 'Labels', 'Meaning'],
    shown.map(({ name, type, labels, help }) => [
      code(name),
      type,
      Object.entries(labels).map(labelCell).join('<br>') || '–',
      help,
    ]),
  );

/** A pattern that fits all of them. */
const patternOf = ([first = '', ...others]: readonly string[]): string => {
  let common = first;
  while (!others.every((name) => name.startsWith(common))) common = common.slice(0, -1);
  return common === first ? first : `${common.slice(0, common.lastIndexOf('_') + 1)}*`;
};

/** What the cells above have no room for. */
const labelTable = (): string => {
  const long = rows.flatMap(({ name, labels }) =>
    Object.entries(labels).flatMap(([label, values]) => (isShort(values) ? [] : [{ name, label, values }])),
  );
  const told = Map.groupBy(long, ({ label, values }) => `${label} ${[values].flat().join(' ')}`);
  const lines = [...told.values()].map((same) => {
    const [{ label, values } = { label: '', values: '' }] = same;
    const of = patternOf(same.map(({ name }) => name));
    return [code(label), code(of), typeof values === 'string' ? values : codes(values)];
  });
  return table(['Label', 'Of', 'Holds'], lines.toSorted());
};

const questionList = (): string =>
  questions.map(({ asks, query, answer }) => `**${asks}**\n\n\`\`\`promql\n${query}\n\`\`\`\n\n${answer}`).join('\n\n');

/** The text that `docs/metrics.md` should have. */
export const generateMetricsDocs = async (): Promise<string> => {
  const text = `# Metrics

<!-- Generated from src/telemetry/metric-catalogue.ts by \`npm run generate\`; do not edit. -->

\`/metrics\` on \`--listen\`, in Prometheus' text format. Counters and histograms start at 0 for all label values that are
known beforehand. Every process has them; what is counted over all bindings is 0 in those that do not lead, so that sums
over replicas are right.

## Ours

${metricTable(rows.filter(areOurs))}

## As controller-runtime and client-go have them

Names, labels and buckets are those of [controller-runtime](https://github.com/kubernetes-sigs/controller-runtime) and
client-go, so that dashboards made for any operator show this one.

${metricTable(rows.filter((each) => !areOurs(each)))}

## Of the process

Those of [prom-client](https://github.com/siimon/prom-client): \`process_*\` (CPU, memory, file descriptors) and
\`nodejs_*\`, among them \`nodejs_eventloop_lag_seconds\`.

## Labels

Where no values are given above:

${labelTable()}

## Questions to ask

${questionList()}
`;
  return format(text, { ...(await resolveConfig(target)), parser: 'markdown' });
};

/** Whether `docs/metrics.md` is what the catalogue says. */
export const isCurrent = async (): Promise<boolean> => hasText(target, await generateMetricsDocs());

if (import.meta.main) {
  const unknown = questions.flatMap(({ query }) => namesOutside(rows, query));
  if (unknown.length > 0) {
    process.stderr.write(`queries name metrics that do not exist: ${unknown.join(', ')}\n`);
    process.exitCode = 1;
  } else await writeOrCheck(target, await generateMetricsDocs());
}
