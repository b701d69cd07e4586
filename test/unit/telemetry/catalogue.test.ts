import { collectDefaultMetrics, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { METRICS } from '../../../src/telemetry/metric-catalogue.ts';
import { combinations, type MetricRow } from '../../../src/telemetry/metric-row.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

const rows: readonly MetricRow[] = Object.values(METRICS);

describe('the catalogue of metrics', () => {
  it.each(rows.map((row) => [row.name, row] as const))(
    'holds %s, and a scrape does too',
    async (name, { type, help }) => {
      const text = await new Metrics().metrics();
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    },
  );

  it('names nothing twice', () => {
    const names = rows.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names counters, and only them, as Prometheus wants it', () => {
    for (const { name, type } of rows) {
      expect(name).toMatch(/^[a-z][a-z_]*[a-z]$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('says in one line what each is, and what its labels hold', () => {
    for (const { help, labels } of rows) {
      expect(help).toMatch(/^[A-Z0-9][^\n]+\.$/);
      for (const values of Object.values(labels)) expect(values.length).toBeGreaterThan(0);
    }
  });

  it('starts everything at 0 that is counted, for all labels that are known beforehand', async () => {
    const text = await new Metrics().metrics();
    for (const { name, type, labels } of rows.filter((row) => row.type !== 'gauge')) {
      for (const each of combinations(labels)) {
        const shown = Object.entries(each).map(([label, value]) => `${label}="${value}"`);
        const series = type === 'histogram' ? `${name}_count` : name;
        expect(text).toContain(`${series}${shown.length === 0 ? '' : `{${shown.join(',')}}`} 0`);
      }
    }
  });

  it('has no label that a tenant could fill: namespaces, bindings, scale sets, identities, messages', () => {
    const labels = new Set(rows.flatMap((row) => Object.keys(row.labels)));
    for (const unbounded of ['namespace', 'binding', 'scale_set', 'identity', 'message', 'error', 'uid', 'path']) {
      expect(labels).not.toContain(unbounded);
    }
  });

  it('takes no name that those of the process have', async () => {
    const process = new Registry();
    collectDefaultMetrics({ register: process });
    const taken = new Set(process.getMetricsAsArray().map(({ name }) => name));
    expect(rows.filter(({ name }) => taken.has(name))).toEqual([]);
  });
});

describe('combinations of labels', () => {
  it('are of all closed ones', () => {
    expect(combinations({ a: ['1', '2'], b: ['3', '4'] })).toHaveLength(4);
  });

  it('are none where a value is not known', () => {
    expect(combinations({ a: ['1', '2'], b: 'anything' })).toEqual([]);
  });

  it('hold what is given', () => {
    expect(combinations({ a: ['1', '2'], b: 'anything' }, { b: 'x' })).toEqual([
      { b: 'x', a: '1' },
      { b: 'x', a: '2' },
    ]);
  });
});
