/**
 * Writes the dashboard that Grafana takes, from the panels in `dev/monitoring/panels.ts`.
 *
 * `node dev/generate/dashboard.ts` writes the file; with `--check` it writes nothing, and exits with 1 when it is stale.
 */
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { COMPONENT } from '../monitoring/alerts.ts';
import { type Panel, type Row, rows, type Target } from '../monitoring/panels.ts';
import { hasText, writeOrCheck } from './generated-file.ts';

const FILE = join(COMPONENT, 'dashboard.json');
const SOURCE = { type: 'prometheus', uid: '${datasource}' };
/** Grafana divides the width by 24. */
const [WIDTH, HEIGHT] = [12, 8];

const variable = (name: string, rest: object): object => ({ name, hide: 0, ...rest });

const variables = [
  variable('datasource', { label: 'Data source', type: 'datasource', query: 'prometheus' }),
  variable('namespace', {
    label: 'Namespace',
    type: 'query',
    datasource: SOURCE,
    query: 'label_values(vmss_identity_build_info, namespace)',
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
    refresh: 2,
  }),
];

const target = ({ expr, legend }: Target, index: number): object => ({
  datasource: SOURCE,
  expr,
  legendFormat: legend,
  refId: String.fromCharCode('A'.charCodeAt(0) + index),
});

const panel = ({ title, description, unit, stacked, targets }: Panel, place: object): object => ({
  type: 'timeseries',
  title,
  description,
  datasource: SOURCE,
  gridPos: place,
  fieldConfig: {
    defaults: {
      unit,
      custom: { fillOpacity: stacked ? 25 : 5, stacking: { mode: stacked ? 'normal' : 'none' } },
    },
    overrides: [],
  },
  options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  targets: targets.map(target),
});

/** A line with its title, and its panels below, two side by side. */
function placed({ title, panels }: Row, y: number): readonly object[] {
  const heading = { type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] };
  const below = panels.map((each, index) => {
    const [x, line] = [(index % 2) * WIDTH, Math.floor(index / 2)];
    return panel(each, { x, y: y + 1 + line * HEIGHT, w: WIDTH, h: HEIGHT });
  });
  return [heading, ...below];
}

const heightOf = ({ panels }: Row): number => 1 + Math.ceil(panels.length / 2) * HEIGHT;

function dashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push(...placed(row, y));
    y += heightOf(row);
  }
  return {
    uid: 'vmss-identity-operator',
    title: 'vmss-identity-operator',
    tags: ['vmss-identity-operator'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: { list: variables },
    annotations: { list: [] },
    panels: panels.map((each, index) => ({ id: index + 1, ...each })),
  };
}

/** The text that the file should have. */
const generate = async (): Promise<string> =>
  format(JSON.stringify(dashboard()), { ...(await resolveConfig(FILE)), parser: 'json' });

/** Whether the file is what the panels say. */
export const isCurrent = async (): Promise<boolean> => hasText(FILE, await generate());

if (import.meta.main) {
  await writeOrCheck(FILE, await generate());
}
