/**
 * `npm run bench`: see `docs/performance.md`. Exit code 0 when everything was measured, whatever came of it; 1 when not; 2
 * for what it cannot do.
 */
import { writeFile } from 'node:fs/promises';

import { GO_RELEASE } from '../control-plane/release.ts';
import { runCommand } from '../stage/command-line.ts';
import { type Options, parseOptions } from './options.ts';
import { printed } from './report.ts';
import { machine, readRecord, record, type Result, resultOf } from './results.ts';
import type { Measured, Scenario } from './scenario.ts';
import { scenarios } from './scenarios/all.ts';

await runCommand('the benchmark', () => run(parseOptions(process.argv.slice(2), scenarios)));

async function run({ chosen, runs, json, record: keeps }: Options): Promise<void> {
  const before = new Map((await readRecord().catch(() => [])).map((result) => [result.name, result]));
  const results: Result[] = [];
  for (const scenario of chosen) {
    const result = resultOf(
      scenario,
      await measure(scenario, scenario.isLong === true ? 1 : runs),
      machine(GO_RELEASE),
    );
    results.push(result);
    say(`\n${printed(result, before.get(scenario.name))}`);
    // One by one: what has been measured is not lost with what comes after it.
    if (json !== undefined) await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`);
    if (keeps)
      await record(
        [result],
        scenarios.map(({ name }) => name),
      );
  }
}

async function measure(scenario: Scenario, runs: number): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (let number = 1; number <= runs; number += 1) {
    tell(`${scenario.name}, ${String(number)} of ${String(runs)}`);
    measured.push(await scenario.run(tell));
  }
  return measured;
}

function tell(line: string): void {
  say(`${new Date().toISOString().slice(11, 19)}  ${line}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
