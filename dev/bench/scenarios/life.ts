/** What comes after the first day: nothing happens, one spec changes, others take identities off, the operator is restarted. */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from '../../demo/wait.ts';
import { lastRequest, trafficOf } from '../azure-traffic.ts';
import { bindingOf, BINDINGS, identityId, indices, nameOf, scaleSetId } from '../fleet.ts';
import { changed, versions } from '../kube-versions.ts';
import type { OperatorProcess } from '../operator-process.ts';
import { openPlace, type Place } from '../place.ts';
import { type FigureSpec, type Goals, type Measured, type Scenario, type Tell, withGoals } from '../scenario.ts';
import { spreadOf } from '../statistics.ts';
import { WITHOUT_BUDGET } from './cold.ts';

export interface Life extends Goals {
  readonly name: string;
  readonly about: string;
  readonly scaleSets: number;
  /** How often the operator looks for drift, in seconds. */
  readonly intervalSeconds: number;
}

const INTERVALS = 10;
/** Of the default, in seconds: what an interval costs is spread over so much in a cluster. */
const DEFAULT_INTERVAL = 600;
const CHANGES = 10;
/** Of the scale sets, from which on and how many: others may take an identity off twice in an hour before it has to wait. */
const DRIFTS = [
  { from: 0, part: 0.01 },
  { from: 0.01, part: 0.1 },
  { from: 0, part: 1 },
] as const;
const LIMIT_MS = 30 * 60_000;
const LOOK_MS = 1000;

const figures = {
  steadyWrites: { about: 'at rest, 10 intervals: writes to Azure', unit: '' },
  steadyKubeWrites: { about: 'at rest: changes of bindings and ledgers', unit: '' },
  steadyReads: { about: 'at rest: reads of Azure that are no pages of lists', unit: '' },
  steadyPages: { about: 'at rest: pages of lists in an interval', unit: '' },
  steadyCpu: { about: 'at rest: CPU time in an interval', unit: 's' },
  restCpu: { about: 'at rest with the default interval of 10 minutes', unit: '% of a core' },
  steadyRss: { about: 'at rest: resident memory', unit: 'MiB' },
  steadyStall: { about: 'at rest: the event loop stood still for at most', unit: 'ms' },
  change: { about: 'from a change of one spec to Ready, median of 10', unit: 's' },
  changeSlowest: { about: 'the slowest of those 10', unit: 's' },
  drift1: { about: 'drift over 1 %: from the first write that puts back to the last', unit: 's' },
  drift10: { about: 'drift over 10 %: the same', unit: 's' },
  drift100: { about: 'drift over 100 %: the same', unit: 's' },
  restart: { about: 'restart: from the start of the process to the last scale set looked at', unit: 's' },
  restartWrites: { about: 'restart: writes to Azure', unit: '' },
  restartKubeWrites: { about: 'restart: changes of bindings and ledgers', unit: '' },
} as const satisfies Readonly<Record<string, FigureSpec>>;

export function life(options: Life): Scenario {
  const { name, about } = options;
  return { name, about, figures: withGoals(figures, options), run: (tell) => run(options, tell) };
}

async function run(options: Life, tell: Tell): Promise<Measured> {
  const { scaleSets, intervalSeconds } = options;
  const flags = [...WITHOUT_BUDGET, `--interval=${String(intervalSeconds)}s`];
  const place = await openPlace({ scaleSets, flags, azure: { operationMs: 0 } });
  try {
    await place.create(indices(scaleSets).map((index) => bindingOf(index)));
    const operator = await place.startOperator();
    await place.readiness.allReady(scaleSets, LIMIT_MS);
    tell('converged; at rest');
    const rest = await atRest(place, operator, intervalSeconds);
    tell('changes of one spec');
    const changes = await changesOfOne(place);
    const drifts: number[] = [];
    for (const { from, part } of DRIFTS) {
      tell(`drift over ${String(part * 100)} %`);
      drifts.push(await drift(place, operator, indices(scaleSets).slice(from * scaleSets, (from + part) * scaleSets)));
      await place.readiness.allReady(scaleSets, LIMIT_MS);
    }
    const [drift1 = Number.NaN, drift10 = Number.NaN, drift100 = Number.NaN] = drifts;
    tell('restart');
    await operator.end();
    return { ...rest, ...changes, drift1, drift10, drift100, ...(await restart(place)) };
  } finally {
    await place.close();
  }
}

async function atRest(place: Place, operator: OperatorProcess, intervalSeconds: number): Promise<Measured> {
  // The first list after the last write still tells of it.
  await pause(2000 * intervalSeconds);
  const since = await lastRequest(place.azure);
  const before = await versions(place.api);
  // Nobody looks at it meanwhile: to count thousands of bindings every second takes more than resting.
  await operator.stallMs();
  const usedBefore = await operator.usage();
  await pause(INTERVALS * 1000 * intervalSeconds);
  const { cpuSeconds, rssMib: steadyRss } = await operator.usage();
  const traffic = trafficOf(await place.azure.requests(since));
  const steadyCpu = (cpuSeconds - usedBefore.cpuSeconds) / INTERVALS;
  return {
    steadyWrites: traffic.writes,
    steadyKubeWrites: changed(before, await versions(place.api)),
    steadyReads: traffic.reads - traffic.lists,
    steadyPages: traffic.lists / INTERVALS,
    steadyCpu,
    restCpu: (steadyCpu / DEFAULT_INTERVAL) * 100,
    steadyRss,
    steadyStall: await operator.stallMs(),
  };
}

/** Of some scale sets anywhere among them, one after another. */
async function changesOfOne({ api, readiness, options }: Place): Promise<Measured> {
  const seconds: number[] = [];
  const from = randomInt(options.scaleSets);
  for (const step of indices(CHANGES)) {
    const index = (from + step) % options.scaleSets;
    const { spec } = bindingOf(index, [identityId(index), identityId(index + 1)]);
    const begin = Date.now();
    await api.patch(`${BINDINGS}/${nameOf(index)}`, { spec });
    seconds.push(((await readiness.ready(nameOf(index), 2)) - begin) / 1000);
  }
  const { median, max } = spreadOf(seconds);
  return { change: median, changeSlowest: max };
}

/** @returns seconds from the first write that puts an identity back to the last */
async function drift({ azure }: Place, operator: OperatorProcess, stripped: readonly number[]): Promise<number> {
  const since = await lastRequest(azure);
  const before = await patches(operator);
  const left = stripped.values();
  const strip = async (): Promise<void> => {
    for (const index of left) await azure.drift(scaleSetId(index), { kind: 'Strip', identities: [identityId(index)] });
  };
  await Promise.all(Array.from({ length: 8 }, strip));
  const areBack = async (): Promise<boolean> => (await patches(operator)) - before >= stripped.length;
  await eventually('the identities to be put back', areBack, LIMIT_MS, LOOK_MS);
  const writes = (await azure.requests(since)).filter(({ method, status }) => method === 'PATCH' && status === 200);
  const times = writes.map(({ timeMs }) => timeMs);
  return (Math.max(...times) - Math.min(...times)) / 1000;
}

async function patches(operator: OperatorProcess): Promise<number> {
  const labels = { operation: 'patch_identity', code: '200' };
  return (await operator.metrics()).sum('vmss_identity_azure_requests_total', labels);
}

async function restart(place: Place): Promise<Measured> {
  const { scaleSets } = place.options;
  const since = await lastRequest(place.azure);
  const before = await versions(place.api);
  const operator = await place.startOperator();
  await operator.said('at work');
  const lookedAt = await eventually(
    'every scale set to be looked at',
    async () => {
      const metrics = await operator.metrics();
      const settled = metrics.sum('controller_runtime_reconcile_total', { result: 'success' });
      const busy = metrics.sum('workqueue_depth') + metrics.sum('controller_runtime_active_workers');
      return settled >= scaleSets && busy === 0 && Date.now();
    },
    LIMIT_MS,
    LOOK_MS / 10,
  );
  const measured = {
    restart: (lookedAt - operator.startedAt) / 1000,
    restartWrites: trafficOf(await place.azure.requests(since)).writes,
    restartKubeWrites: changed(before, await versions(place.api)),
  };
  await operator.end();
  return measured;
}
