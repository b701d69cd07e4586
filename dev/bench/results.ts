/** What was measured, as it is kept in `docs/benchmarks.json`. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';

import type { FigureSpec, Measured, Scenario } from './scenario.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface Result {
  readonly name: string;
  readonly about: string;
  /** RFC 3339, of the end. */
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly figures: Readonly<Record<string, FigureSpec & Spread>>;
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly platform: string;
  readonly node: string;
  /** Of kube-apiserver. */
  readonly kubernetes: string;
}

const RECORD = join(import.meta.dirname, '../../docs/benchmarks.json');

export function machine(kubernetes: string): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? '',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    kubernetes,
  };
}

/** @param runs at least one, each with every figure */
export function resultOf({ name, about, figures }: Scenario, runs: readonly Measured[], on: Machine): Result {
  const specs = Object.entries(figures);
  return {
    name,
    about,
    measuredAt: new Date().toISOString(),
    machine: on,
    figures: Object.fromEntries(
      specs.map(([figure, spec]) => [
        figure,
        { ...spec, ...rounded(spreadOf(runs.map((run) => run[figure] ?? Number.NaN))) },
      ]),
    ),
  };
}

export async function readRecord(path = RECORD): Promise<readonly Result[]> {
  return JSON.parse(await readFile(path, 'utf8')) as readonly Result[];
}

/** Puts these in the place of those of the same names; the others stay. */
export async function record(results: readonly Result[], order: readonly string[], path = RECORD): Promise<void> {
  const before = await readRecord(path).catch(() => []);
  const byName = new Map([...before, ...results].map((result) => [result.name, result]));
  const ordered = order.flatMap((name) => byName.get(name) ?? []);
  await writeFile(path, `${JSON.stringify(ordered, undefined, 2)}\n`);
}

function rounded({ median, min, max, runs }: Spread): Spread {
  return { median: significant(median), min: significant(min), max: significant(max), runs };
}

/** Three digits, and all of a whole number: more would say what no second run would. */
function significant(value: number): number {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
