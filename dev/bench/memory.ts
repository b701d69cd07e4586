/**
 * `npm run bench:memory`: bytes of JavaScript heap that a converged binding takes, with the operator's real caches, lists
 * and memories in this process. Kubernetes and Azure are texts made on demand, so that nothing of theirs is counted.
 * `-- 1000 10000` for other numbers of bindings; `-- --snapshot=<file>` writes the heap when all is loaded.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeHeapSnapshot } from 'node:v8';

import { parseConfig } from '../../src/config.ts';
import { createOperator } from '../../src/operator.ts';
import { realClock, realRandom } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { CREDENTIAL, Fleet } from './memory-fleet.ts';

const { values, positionals } = parseArgs({ options: { snapshot: { type: 'string' } }, allowPositionals: true });
const sizes = positionals.length > 0 ? positionals.map(Number) : [1000, 10_000, 20_000];
const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');

// The first gives the others the status that it writes, and compiles what they run.
const learnt = new Fleet(1);
await load(learnt, true);
process.stdout.write('bindings   bytes of heap each   heap, MB\n');
for (const size of sizes) {
  const fleet = new Fleet(size, learnt.status);
  const { before, after } = await load(fleet, size === sizes.at(-1));
  if (fleet.writes > 0) throw new Error(`${String(fleet.writes)} writes, though nothing was to be written`);
  const each = Math.round((after - before) / size).toLocaleString('en');
  const mb = (after / 2 ** 20).toFixed(1);
  process.stdout.write(`${String(size).padStart(8)}${each.padStart(21)}${mb.padStart(11)}\n`);
}
process.exit();

async function load(fleet: Fleet, isLast: boolean): Promise<{ readonly before: number; readonly after: number }> {
  const before = await heap();
  const parsed = parseConfig(
    ['--credential=cli', '--azure-budget-share=0', '--leader-elect=false', '--namespace=default', '--interval=1h'],
    {},
  );
  if (parsed.kind !== 'config') throw new Error(JSON.stringify(parsed));
  const clock = realClock;
  const logger = createLogger({ level: 'error', format: 'human', clock, destination: process.stderr });
  let metrics = (): Promise<string> => Promise.resolve('');
  const operator = createOperator({
    config: parsed.config,
    clock,
    random: realRandom,
    logger,
    instance: 'bench',
    kubeConnection: fleet.connection,
    kubeDispatcher: fleet.kubernetes,
    azureHttpClient: fleet.azure,
    credential: CREDENTIAL,
    healthServer: (options) => {
      metrics = () => options.metrics.metrics();
      return { start: () => Promise.resolve({ host: '', port: 0 }), stop: () => Promise.resolve() };
    },
  });
  await operator.start();
  await operator.synced();
  while (!(await isDone(metrics, fleet.size))) await pause(500);
  const after = await heap();
  if (isLast && fleet.size > 1 && values.snapshot !== undefined) writeHeapSnapshot(values.snapshot);
  await operator.stop();
  return { before, after };
}

/** Each scale set had its pass, and none waits for another. */
async function isDone(metrics: () => Promise<string>, size: number): Promise<boolean> {
  const text = await metrics();
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (all, [, value]) => all + Number(value),
      0,
    );
  return (
    sum('controller_runtime_reconcile_total') >= size &&
    sum('workqueue_depth') === 0 &&
    sum('controller_runtime_active_workers') === 0
  );
}

async function heap(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await pause(300);
    gc?.();
  }
  return process.memoryUsage().heapUsed;
}
