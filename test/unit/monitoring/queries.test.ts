import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { collectDefaultMetrics, Registry } from 'prom-client';
import { beforeAll, describe, expect, it } from 'vitest';

import { isCurrent } from '../../../dev/generate/dashboard.ts';
import { questions } from '../../../dev/generate/metric-questions.ts';
import { COMPONENT, readAlerts } from '../../../dev/monitoring/alerts.ts';
import { complaintsAbout, type Sample, samplesOf } from '../../../dev/monitoring/page.ts';
import { asPromql, queries } from '../../../dev/monitoring/panels.ts';
import { selectorsOf } from '../../../dev/monitoring/promql.ts';
import { METRICS } from '../../../src/telemetry/metric-catalogue.ts';
import { notReadyReasons } from '../../../src/telemetry/metric-labels.ts';
import { afternoon } from '../../sweep/monitored/afternoon.ts';

/** What each replica shows last in two hours in which much happens, and what its process does. */
let page: readonly Sample[];
beforeAll(async () => {
  const last = new Map((await afternoon()).map(({ pod, samples }) => [pod, samples]));
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  page = [...[...last.values()].flat(), ...samplesOf(await ofProcess.metrics())];
}, 300_000);

const alerts = await readAlerts();
const ours = new Set<string>(Object.values(METRICS).map(({ name }) => name));
const ofAlerts = alerts.map(({ alert, expr }) => [alert, expr] as const);
const ofPanels = queries.map(({ panel, legend, expr }) => [`${panel}: ${legend}`, asPromql(expr)] as const);
const ofDocs = questions.map(({ asks, query }) => [asks, query] as const);

describe.each([
  ['an alert', ofAlerts],
  ['a panel of the dashboard', ofPanels],
  ['a question in docs/metrics.md', ofDocs],
])('%s', (_, all) => {
  it.each(all)('asks for series that a running operator shows: %s', (__, query) => {
    expect(complaintsAbout(query, page)).toEqual([]);
  });

  it.each(all)('asks for metrics of the catalogue, or of the process: %s', (__, query) => {
    const foreign = selectorsOf(query)
      .map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, ''))
      .filter((name) => !ours.has(name) && !/^(?:process|nodejs)_/.test(name));
    expect(foreign).toEqual([]);
  });
});

describe('a query that is wrong', () => {
  it.each([
    [
      'a metric that there is none of',
      'rate(vmss_identity_gone_total[5m])',
      'nothing is called vmss_identity_gone_total',
    ],
    ['a histogram without its suffix', 'controller_runtime_reconcile_time_seconds > 1', 'nothing is called'],
    ['a label', 'sum(vmss_identity_bindings{colour="red"})', 'vmss_identity_bindings has no label colour'],
    ['a value', 'vmss_identity_bindings{reason="Asigned"}', 'no vmss_identity_bindings has reason="Asigned"'],
    ['a pattern', 'vmss_identity_bindings{reason=~"Assign|Gone"}', 'no vmss_identity_bindings has'],
    [
      'two values that never meet',
      'vmss_identity_bindings{ready="True",reason="Rejected"}',
      'no vmss_identity_bindings',
    ],
    ['a grouping', 'sum by (team) (vmss_identity_bindings)', 'nothing has the label team'],
    ['no metric', 'vector(1)', 'no metric is named'],
  ])('is found: %s', (_, query, complaint) => {
    expect(complaintsAbout(query, page)).toEqual([expect.stringContaining(complaint)]);
  });
});

describe('the alerts on bindings', () => {
  const expressions = new Map(alerts.map(({ alert, expr }) => [alert, selectorsOf(expr)] as const));
  /** The alerts that a binding with this reason can set off. */
  const alertsOn = (reason: string): readonly string[] =>
    [...expressions]
      .filter(([, selectors]) =>
        selectors.some(({ name, matchers }) => {
          if (!name.startsWith('vmss_identity_bindings')) return false;
          const series = [{ name, labels: { ready: 'False', reason }, value: 1 }];
          const query = `${name}{${matchers.map(({ label, operator, value }) => `${label}${operator}"${value}"`).join(',')}}`;
          return complaintsAbout(query, series).length === 0;
        }),
      )
      .map(([alert]) => alert);

  it.each(notReadyReasons.filter((reason) => reason !== 'ReadOnly'))('are one for the reason %s', (reason) => {
    expect(alertsOn(reason)).toHaveLength(1);
  });

  it('leave the reason ReadOnly to the alert on the operator that only reads', () => {
    expect(alertsOn('ReadOnly')).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('is what `npm run generate` writes', async () => {
    expect(await isCurrent()).toBe(true);
  });

  it('has every query in its JSON, under a number of its own', async () => {
    const { panels } = JSON.parse(await readFile(join(COMPONENT, 'dashboard.json'), 'utf8')) as {
      readonly panels: readonly { readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[];
    };
    const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(shown).toEqual(queries.map(({ expr }) => expr));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
