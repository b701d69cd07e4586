import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { ROOT } from '../../../dev/docs/pages.ts';
import { rangesOf } from '../../../dev/go-tools/ranges.ts';
import { ensureTool } from '../../../dev/go-tools/tools.ts';
import { draw, type DrawnPanel } from '../../../dev/monitoring/draw.ts';
import { picturedPanels } from '../../sweep/monitored/pictured-panels.ts';

/** A first build has to be waited for. */
const BUILD_MS = 1_800_000;
const MINUTE = 60_000;

beforeAll(() => ensureTool('ranges'), BUILD_MS);

describe('the picture of the dashboard', () => {
  let panels: readonly DrawnPanel[];
  beforeAll(async () => {
    ({ panels } = await picturedPanels());
  }, BUILD_MS);

  it('shows panels in which something happens', () => {
    const flat = panels.filter(({ lines }) => !lines.some(({ points }) => points.some(([, value]) => value > 0)));
    expect(flat.map(({ title }) => title)).toEqual([]);
  });

  it('in the documentation is of these panels and lines', async () => {
    const picture = await readFile(join(ROOT, 'docs/images/dashboard.svg'), 'utf8');
    const told = panels.flatMap(({ title, lines }) => [title, lines[0]!.legend]);
    expect(told.filter((words) => !picture.includes(`>${words}</text>`))).toEqual([]);
  });
});

describe('Prometheus’ own engine', () => {
  const ask = (query: string, series: Parameters<typeof rangesOf>[0]['series']) =>
    rangesOf({ queries: [query], start: 0, end: 4 * MINUTE, step: MINUTE, series });
  const points = [0, 1, 2].map((minute) => [minute * MINUTE, minute + 1] as const);

  it('answers a query over the series that it is given', async () => {
    const series = ['a', 'b'].map((pod) => ({ labels: { __name__: 'up', pod }, points }));
    expect(await ask('sum(up)', series)).toMatchObject([
      [
        {
          labels: {},
          points: [
            [0, 2],
            [MINUTE, 4],
            [2 * MINUTE, 6],
            [3 * MINUTE, 6],
            [4 * MINUTE, 6],
          ],
        },
      ],
    ]);
  });

  it('does not count what is gone', async () => {
    const labels = { __name__: 'up', pod: 'a' };
    const [[found] = []] = await ask('sum(up)', [{ labels, points, gone: 3 * MINUTE }]);
    expect(found?.points).toEqual(points);
  });

  it('says what is wrong with a query', async () => {
    await expect(ask('sum(', [])).rejects.toThrow('parse error');
  });
});

describe('a drawing', () => {
  it('has a line for each answer, with a gap where minutes are missing', () => {
    const points = [0, 1, 2, 5, 6].map((minute) => [minute * MINUTE, 3] as const);
    const svg = draw([{ title: 'A & B', unit: 's', lines: [{ legend: 'one', points }] }], 0, 10 * MINUTE);
    expect(svg).toContain('>A &amp; B</text>');
    expect(svg).toContain('>5 s</text>');
    expect(/<path d="(M[^"]*)" fill="none"/.exec(svg)?.[1]?.match(/M/g)).toHaveLength(2);
  });
});
