/** The soak itself: hardships for as long as was asked for, then quiet, then the questions. */
import { setTimeout as pause } from 'node:timers/promises';

import { AzureLog } from './azure-log.ts';
import {
  type Check,
  check,
  checkFlat,
  checkLogs,
  checkProcesses,
  checkWriters,
  leadersOf,
  type Series,
  seriesOf,
} from './checks.ts';
import { connectionDisturbances, leaderOf, processDisturbances } from './disturbances.ts';
import { createFleet } from './fleet.ts';
import { Hardship } from './hardship.ts';
import { Load } from './load.ts';
import { fold, Model } from './model.ts';
import type { Options } from './options.ts';
import { createRandom, type Random } from './random.ts';
import { disquiet, look, settle } from './settle.ts';
import { openStage, type Stage } from './stage.ts';
import { watch } from './watcher.ts';

export interface Outcome {
  readonly checks: readonly Check[];
  readonly series: readonly Series[];
  readonly figures: Readonly<Record<string, number | string>>;
  readonly disturbances: Readonly<Record<string, number>>;
  readonly azureRequests: Readonly<Record<string, number>>;
}

export type Tell = (line: string) => void;

const NAMESPACES = 8;
const INTERVAL = '15s';
const QUIET_INTERVALS = 3;
const SETTLE_LIMIT_MS = 25 * 60_000;
/** From here on the second replica is left alone, so that the first one leads for long. */
const CALMER_AFTER = 0.4;

export async function soak(options: Options, ending: AbortSignal, tell: Tell): Promise<Outcome> {
  const random = createRandom(options.seed);
  const size = { bindings: options.bindings, scaleSets: options.scaleSets, namespaces: NAMESPACES };
  const fleet = createFleet(size, random.fork('fleet'));
  const model = new Model(fleet);
  const elects = options.replicas > 1;
  const leaseMs = elects ? options.leaseSeconds * 1000 : undefined;
  const stage = await openStage({
    fleet,
    replicaNames: ['steady', 'victim'].slice(0, options.replicas),
    flags: [`--interval=${INTERVAL}`, '--exclusive-delay=5s', ...electionFlags(leaseMs)],
    ending,
    tell,
  });
  try {
    const load = new Load(model, stage.api, random.fork('load'));
    const hardship = new Hardship(stage.azure, model, random.fork('hardship'));
    const azureLog = new AzureLog((id) => fleet.scaleSets.some((set) => set.exclusive && fold(set.id) === id));
    const watching = new AbortController();
    const disturbances: Record<string, number> = {};
    const troubles: string[] = [];
    const watched = watch(
      { stage, azureLog, progress: () => tell(progressLine(stage, load, hardship, azureLog, disturbances)) },
      AbortSignal.any([ending, watching.signal]),
    );

    for (const { replica } of stage.replicas) await replica.start();
    for (const { replica } of stage.replicas) await replica.untilReady();
    tell(
      `the operator is ready; ${String(options.bindings)} bindings of ${String(options.scaleSets)} scale sets are created`,
    );
    await load.createAll();

    const lastsMs = options.minutes * 60_000;
    const over = AbortSignal.any([ending, AbortSignal.timeout(lastsMs)]);
    const disturbing = random.fork('disturbances');
    const calmer = performance.now() + CALMER_AFTER * lastsMs;
    await Promise.all([
      load.run(options.changes, over),
      hardship.interfere(options.drift, over),
      hardship.spoil(over),
      disturb(
        {
          stage,
          random: disturbing,
          among: () => {
            // Drawn in any case, so that what comes after does not depend on the clock.
            const isOfProcesses = disturbing.chance(0.5);
            return elects && isOfProcesses && performance.now() < calmer ? processDisturbances : connectionDisturbances;
          },
          calm: async () => {
            if (elects && performance.now() >= calmer) await leadByFirst(stage);
          },
          begin: (name, disturbance) => {
            tell(`disturbance: ${name}`);
            disturbances[name] = (disturbances[name] ?? 0) + 1;
            return disturbance({ stage, fleet, random: disturbing, leaseMs, tell });
          },
          failed: (line) => troubles.push(line),
        },
        over,
      ),
    ]);
    ending.throwIfAborted();

    tell('the hardships are over: everything has to become as it must be');
    await stage.azure.settings({ operationMs: 500 });
    await stage.azure.finishOperations();
    const settled = await settle(stage, model, SETTLE_LIMIT_MS, tell);
    tell(`settled after ${settled.seconds.toFixed(0)} s; now nothing may happen any more`);
    const restless = await disquiet(stage, fleet, QUIET_INTERVALS);
    watching.abort();
    await watched;

    const found = await look(stage);
    const incarnations = stage.replicas.flatMap(({ replica }) => replica.incarnations);
    const series = incarnations.flatMap((each) => seriesOf(each) ?? []);
    const { shortcomings } = settled;
    const checks = [
      check('Azure is as declared', shortcomings.azure, [`${String(found.azure.scaleSets.length)} scale sets`]),
      check('no update was lost', [...shortcomings.objects, ...load.failures], [`${String(load.made)} changes`]),
      check('every binding says Assigned of its present generation', shortcomings.statuses, [
        `${String(found.bindings.length)} bindings`,
      ]),
      check('every ledger is settled', shortcomings.ledgers, [`${String(found.ledgers.length)} ledgers`]),
      check('nothing of others was detached', azureLog.harms, [`${String(hardship.interferences)} changes by others`]),
      ...checkWriters(azureLog.writes, leadersOf(incarnations)),
      check(`nothing is written in ${String(QUIET_INTERVALS)} intervals at rest`, restless),
      checkFlat(series),
      checkLogs(incarnations),
      checkProcesses(incarnations),
      check('every disturbance was possible', troubles, [`${String(sum(Object.values(disturbances)))} disturbances`]),
    ];
    const figures = {
      'changes of bindings': load.made,
      'changes by others': hardship.interferences,
      'faults planned for Azure': hardship.faults,
      'writes to Azure': azureLog.writes.length,
      'seconds until settled': Math.round(settled.seconds),
      'requests to look again while settling': settled.requests,
    };
    return {
      checks,
      series,
      figures,
      disturbances,
      azureRequests: Object.fromEntries([...azureLog.counts].toSorted()),
    };
  } finally {
    await stage.close();
  }
}

export function electionFlags(leaseMs: number | undefined): readonly string[] {
  return leaseMs === undefined ? [] : ['--leader-elect', `--lease-duration=${String(leaseMs / 1000)}s`];
}

interface DisturbParts {
  readonly stage: Stage;
  readonly random: Random;
  readonly among: () => typeof connectionDisturbances;
  readonly calm: () => Promise<void>;
  readonly begin: (name: string, disturbance: (typeof connectionDisturbances)[string]) => Promise<void>;
  readonly failed: (line: string) => void;
}

async function disturb({ random, among, calm, begin, failed }: DisturbParts, ending: AbortSignal): Promise<void> {
  const wait = (seconds: number): Promise<unknown> =>
    pause(seconds * 1000, undefined, { signal: ending }).catch(() => undefined);
  await wait(15);
  while (!ending.aborted) {
    const possible = among();
    const name = random.pick(Object.keys(possible));
    const disturbance = possible[name];
    try {
      await calm();
      if (disturbance !== undefined) await begin(name, disturbance);
    } catch (error) {
      failed(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await wait(random.between(6, 16));
  }
}

/** The first replica is only ever disturbed from outside: it leads once the other one has been told to go. */
async function leadByFirst(stage: Stage): Promise<void> {
  const [first, ...others] = stage.replicas;
  const leader = await leaderOf(stage);
  if (leader === undefined || leader === first) return;
  for (const { replica } of others) {
    await replica.end('SIGTERM');
    await pause(5000);
    await replica.start();
    await replica.untilReady();
  }
}

function progressLine(
  { replicas, elapsed }: Stage,
  load: Load,
  hardship: Hardship,
  azureLog: AzureLog,
  disturbances: Readonly<Record<string, number>>,
): string {
  const processes = replicas.map(({ replica }) => {
    const last = replica.incarnations.at(-1)?.samples.at(-1);
    const figures =
      last && `${last.rssMib.toFixed(0)} MiB, ${String(last.sockets)} sockets, ${String(last.files)} files`;
    return `${replica.name}${replica.saysThatItLeads ? ' (leads)' : ''}: ${figures ?? 'not measured'}`;
  });
  return [
    `${elapsed().toFixed(0)} s`,
    `${String(load.made)} changes (${String(load.outstanding)} on their way)`,
    `${String(hardship.interferences)} by others`,
    `${String(azureLog.writes.length)} writes to Azure`,
    `${String(sum(Object.values(disturbances)))} disturbances`,
    ...processes,
  ].join(' · ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
