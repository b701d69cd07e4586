/** The panels of the dashboard with what their queries answer, over what the operator showed. */
import { rangesOf, type Series } from '../../../dev/go-tools/ranges.ts';
import type { DrawnPanel } from '../../../dev/monitoring/draw.ts';
import { asPromql, type Panel, rows } from '../../../dev/monitoring/panels.ts';
import { EPOCH_MS } from '../scheduler.ts';
import { afternoon, LENGTH_MS, type Scrape } from './afternoon.ts';

/** Those that tell of this afternoon; the others are flat, or of the process, which virtual time has none of. */
const SHOWN = [
  'Bindings by status of Ready',
  'Not Ready, by reason',
  'Identities by state',
  'Drift, and what is detached',
  'Requests to Azure',
  'Refused or failed',
  'How long changes take in Azure',
  'Who leads',
];
const STEP_MS = 60_000;
/** As Prometheus' operator and the ServiceMonitor add them. */
const ADDED = { namespace: 'vmss-identity-system', job: 'vmss-identity-operator' };

interface Picture {
  readonly panels: readonly DrawnPanel[];
  readonly startMs: number;
  readonly endMs: number;
}

export async function picturedPanels(): Promise<Picture> {
  const all = rows.flatMap(({ panels }) => panels);
  const shown = SHOWN.flatMap((title) => all.filter((panel) => panel.title === title));
  const [startMs, endMs] = [EPOCH_MS, EPOCH_MS + LENGTH_MS];
  const answers = await rangesOf({
    queries: shown.flatMap(({ targets }) => targets.map(({ expr }) => asPromql(expr))),
    start: startMs,
    end: endMs,
    step: STEP_MS,
    series: seriesOf(await afternoon()),
  });
  return { panels: filled(shown, answers), startMs, endMs };
}

function filled(panels: readonly Panel[], answers: readonly (readonly Series[])[]): readonly DrawnPanel[] {
  const left = [...answers];
  return panels.map(({ title, unit, targets }) => ({
    title,
    unit,
    lines: targets.flatMap(({ legend }) =>
      (left.shift() ?? []).map(({ labels, points }) => ({ legend: named(legend, labels), points })),
    ),
  }));
}

const named = (legend: string, labels: Series['labels']): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');

/** Every series with its points, by the time of each scrape. A replica that is gone is not scraped any more. */
function seriesOf(scrapes: readonly Scrape[]): readonly Series[] {
  const series = new Map<string, { readonly labels: Series['labels']; readonly points: [number, number][] }>();
  for (const { atMs, pod, samples } of scrapes) {
    for (const { name, labels, value } of samples) {
      const full = { __name__: name, ...labels, ...ADDED, pod };
      const key = JSON.stringify(full);
      const found = series.get(key) ?? { labels: full, points: new Array<[number, number]>() };
      found.points.push([EPOCH_MS + atMs, value]);
      series.set(key, found);
    }
  }
  return [...series.values()].map(({ labels, points }) => {
    const last = points.at(-1)?.[0] ?? EPOCH_MS;
    return { labels, points, ...(last < EPOCH_MS + LENGTH_MS ? { gone: last + STEP_MS } : {}) };
  });
}
