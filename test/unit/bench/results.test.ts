import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { printed, rowsOf } from '../../../dev/bench/report.ts';
import { machine, readRecord, record, resultOf } from '../../../dev/bench/results.ts';
import type { Scenario } from '../../../dev/bench/scenario.ts';
import { scenarios } from '../../../dev/bench/scenarios/all.ts';

const scenario: Scenario = {
  name: 'a',
  about: 'Something',
  figures: {
    time: { about: 'how long', unit: 's', target: 2, ideal: 1 },
    writes: { about: 'how many', unit: '' },
  },
  run: () => Promise.resolve({ time: 0, writes: 0 }),
};

const result = resultOf(
  scenario,
  [
    { time: 1.23456, writes: 20_000 },
    { time: 3.45678, writes: 20_000 },
    { time: 2.34567, writes: 20_000 },
  ],
  machine('v1'),
);

describe('a result', () => {
  it('has the median and the spread of every figure, in three digits', () => {
    expect(result.figures['time']).toMatchObject({ median: 2.35, min: 1.23, max: 3.46, runs: 3 });
  });

  it('keeps whole numbers whole', () => {
    expect(result.figures['writes']).toMatchObject({ median: 20_000 });
  });

  it('is shown with what was missed, the ideal, and what was measured before', () => {
    expect(rowsOf(result, result)).toStrictEqual([
      ['how long', '2.35 s', '1.23 s … 3.46 s', 'missed: ≤ 2 s', '1 s', '2.35 ×', '2.35 s'],
      ['how many', '20,000', '', '', '', '', '20,000'],
    ]);
  });

  it('is printed under its name', () => {
    expect(printed(result, undefined)).toMatch(/^a: Something \(3 runs\)\nfigure +median/);
  });
});

describe('the record', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vmss-identity-bench-record-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('takes a result in the place of the one of the same name, and keeps the others in their order', async () => {
    const path = join(folder, 'record.json');
    const order = ['a', 'b'];
    await record([{ ...result, name: 'b' }], order, path);
    await record([result], order, path);
    await record([{ ...result, name: 'b', about: 'Another' }], order, path);
    expect((await readRecord(path)).map(({ name, about }) => [name, about])).toStrictEqual([
      ['a', 'Something'],
      ['b', 'Another'],
    ]);
    expect(await readFile(path, 'utf8')).toMatch(/\n$/);
  });
});

describe('the scenarios', () => {
  it('have names of their own', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });
});
