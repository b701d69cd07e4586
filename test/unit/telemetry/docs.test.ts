import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { labelsOutside, namesOutside, questions } from '../../../dev/generate/metric-questions.ts';
import { isCurrent } from '../../../dev/generate/metrics-docs.ts';
import { METRICS } from '../../../src/telemetry/metric-catalogue.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

const rows = Object.values(METRICS);

describe('docs/metrics.md', () => {
  it('is what `npm run generate` writes', async () => {
    expect(await isCurrent()).toBe(true);
  });

  it('has a row for every metric that a scrape shows, and no other', async () => {
    const text = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^\| `([a-z_]+)` +\| (counter|gauge|histogram)/gm)];
    const scrape = await new Metrics().metrics();
    const shown = [...scrape.matchAll(/^# TYPE ([a-z_]+) (\w+)$/gm)];
    const pairs = (found: readonly RegExpExecArray[]): readonly string[] =>
      found.map(([, name = '', type = '']) => `${name} ${type}`).toSorted();
    expect(pairs(documented)).toEqual(pairs(shown));
  });

  it.each(questions.map(({ asks, query }) => [asks, query]))(
    'asks of metrics and labels that there are: %s',
    (_, query) => {
      expect(namesOutside(rows, query)).toEqual([]);
      expect(labelsOutside(rows, query)).toEqual([]);
    },
  );
});

describe('a query', () => {
  it('that names a metric which does not exist is found', () => {
    expect(namesOutside(rows, 'rate(vmss_identity_gone_total[5m])')).toEqual(['vmss_identity_gone_total']);
    expect(namesOutside(rows, 'controller_runtime_reconcile_time_seconds > 1')).toHaveLength(1);
  });

  it('that names a label which the metric does not have is found', () => {
    expect(labelsOutside(rows, 'sum by (team) (vmss_identity_bindings{colour="red"})')).toEqual([
      'vmss_identity_bindings{team}',
      'vmss_identity_bindings{colour}',
    ]);
  });
});
