import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { ensureTool } from '../../../dev/go-tools/tools.ts';
import { type Alert, readAlerts, readRules, type Rules } from '../../../dev/monitoring/alerts.ts';

/** Prometheus itself reads the rules, and runs them on the series of `alerts.yaml`. */
const SERIES = join(import.meta.dirname, 'alerts.yaml');
/** A first build has to be waited for. */
const BUILD_MS = 1_800_000;

interface Expectations {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
  }[];
}

let promtool: string;
let folder: string;
const rules = await readRules();
const alerts = await readAlerts();
const { tests } = parse(await readFile(SERIES, 'utf8')) as Expectations;

beforeAll(async () => {
  promtool = await ensureTool('promtool');
  folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  await copyFile(SERIES, join(folder, 'alerts.yaml'));
}, BUILD_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(given: Rules, ...args: readonly string[]): Promise<string> {
  await writeFile(join(folder, 'rules.yaml'), stringify(given));
  return (await promisify(execFile)(promtool, args, { cwd: folder })).stdout;
}

const check = (given: Rules): Promise<string> =>
  run(given, 'check', 'rules', '--lint=all', '--lint-fatal', 'rules.yaml');
const test = (given: Rules): Promise<string> => run(given, 'test', 'rules', 'alerts.yaml');

/** The rules with every alert changed. */
const changed = (change: (alert: Alert) => Partial<Alert>): Rules => ({
  groups: rules.groups.map((group) => ({
    ...group,
    rules: group.rules.map((alert) => ({ ...alert, ...change(alert) })),
  })),
});

/** What the series expect of an alert: that it fires, or that it does not. */
const isExpected = (name: string, toFire: boolean): boolean =>
  tests.some(
    ({ alert_rule_test = [], promql_expr_test = [] }) =>
      alert_rule_test.some(({ alertname, exp_alerts }) => alertname === name && exp_alerts.length > 0 === toFire) ||
      promql_expr_test.some(({ expr, exp_samples }) => asksFor(name, expr) && exp_samples.length > 0 === toFire),
  );

/** Whether a query is about the alert, by name or by a pattern. */
function asksFor(name: string, query: string): boolean {
  const [, pattern = ''] = /alertname=~?"([^"]+)"/.exec(query) ?? [];
  return new RegExp(`^(?:${pattern})$`).test(name);
}

describe('the alerts', () => {
  it('are rules that Prometheus takes', async () => {
    expect(await check(rules)).toContain(`SUCCESS: ${String(alerts.length)} rules found`);
  });

  it('fire on the series that they are for, and on no others', async () => {
    expect(await test(rules)).toContain('SUCCESS');
  });
});

describe.each(alerts.map(({ alert }) => alert))('%s', (name) => {
  it('is tried with series on which it fires, and with some on which it does not', () => {
    expect([isExpected(name, true), isExpected(name, false)]).toEqual([true, true]);
  });
});

describe('the series', () => {
  it.each([
    ['never fires', { expr: 'vector(1) > 2' }],
    ['always fires', { expr: 'vector(1)', for: '0m' }],
  ])('miss each alert that %s', async (_, change) => {
    const said = await test(changed(() => change)).then(
      () => '',
      (error: unknown) => (error as { readonly stderr: string }).stderr,
    );
    expect(alerts.map(({ alert }) => alert).filter((name) => !said.includes(name))).toEqual([]);
  });
});

describe('a rule that is wrong', () => {
  it.each([
    ['a query that cannot be read', { expr: 'sum by (' }],
    ['a template that cannot be filled in', { annotations: { ...alerts[0]!.annotations, summary: '{{ $nothing }}' } }],
  ])('is found: %s', async (_, change) => {
    await expect(check(changed(() => change))).rejects.toThrow('FAILED');
  });
});
