/**
 * `npm run bench:footprint`: how soon the built operator is ready, as a process against a real API server and the
 * simulated Azure, and what memory it then takes: idle, and with so many converged bindings (`-- --bindings=10000`).
 * Node is given the flags of the Dockerfile; `-- --node-flags=` with others compares.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { eventually } from '../demo/wait.ts';
import { openFootprintStage } from './footprint-stage.ts';
import { median, type Memory, memoryOf } from './process-memory.ts';

const ROOT = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    bindings: { type: 'string', default: '0' },
    runs: { type: 'string', default: '5' },
    bundle: { type: 'string' },
    'node-flags': { type: 'string' },
    env: { type: 'string', multiple: true, default: [] },
    settle: { type: 'string', default: '20' },
  },
});
const bindings = Number(values.bindings);
const nodeFlags = values['node-flags']?.split(' ').filter((flag) => flag !== '') ?? (await flagsOfImage());

const environment = Object.fromEntries(values.env.map((each) => each.split('=', 2) as [string, string]));

const stage = await openFootprintStage({ bindings, nodeFlags, environment, bundle: values.bundle });
try {
  say(`Node ${process.version}, ${String(availableParallelism())} cores; node ${nodeFlags.join(' ')}`);
  const readyMs: number[] = [];
  const idle: Memory[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    const operator = await stage.start();
    readyMs.push(operator.readyMs);
    await pause(Number(values.settle) * 1000);
    idle.push(await memoryOf(operator.pid));
    await operator.stop();
  }
  say(`start to ready      ${median(readyMs).toFixed(0)} ms (${readyMs.map((ms) => ms.toFixed(0)).join(', ')})`);
  tell('idle', idle);
  if (bindings > 0) {
    const operator = await stage.start();
    await stage.bind();
    const limitMs = 60_000 + bindings * 100;
    await eventually('every binding to be ready', () => stage.allReady(), limitMs);
    tell('after convergence', [await memoryOf(operator.pid)]);
    await pause(60_000);
    tell('a minute later', [await memoryOf(operator.pid)]);
    await operator.stop();
    const again = await stage.start();
    await pause(60_000);
    tell('restarted', [await memoryOf(again.pid)]);
    await again.stop();
  }
} finally {
  await stage.close();
}

function tell(what: string, samples: readonly Memory[]): void {
  const [rss, own] = [median(samples.map((each) => each.rssMb)), median(samples.map((each) => each.ownMb))];
  const peak = median(samples.map((each) => each.peakMb));
  say(`${what.padEnd(19)} RSS ${rss.toFixed(1)} MB, of it its own ${own.toFixed(1)} MB; peak ${peak.toFixed(1)} MB`);
}

/** As the image starts it. */
async function flagsOfImage(): Promise<readonly string[]> {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]';
  return (JSON.parse(entry) as readonly string[]).filter((word) => word.startsWith('--'));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
