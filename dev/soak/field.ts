/** A stage with people at work on it: what every scenario begins with. */
import { AzureLog } from './azure-log.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { Load } from './load.ts';
import { fold, Model } from './model.ts';
import type { Options } from './options.ts';
import type { Random } from './random.ts';
import { openStage, type Stage, type Tell } from './stage.ts';
import { watch } from './watcher.ts';

export interface Field {
  readonly fleet: Fleet;
  readonly model: Model;
  readonly stage: Stage;
  readonly load: Load;
  readonly azureLog: AzureLog;
  /** Of the Lease; undefined when nobody is elected. */
  readonly leaseMs: number | undefined;
  /** Begins to measure, to read logs and to tell how it goes. */
  startWatching(progress: () => string): void;
  /** Resolves after a last look. @throws what went wrong with the looks before */
  stopWatching(): Promise<void>;
  close(): Promise<void>;
}

const NAMESPACES = 8;
const EXCLUSIVE_DELAY = '5s';

/** All processes run when it is there, and every binding exists. */
export async function openField(options: Options, random: Random, ending: AbortSignal, tell: Tell): Promise<Field> {
  const size = { bindings: options.bindings, scaleSets: options.scaleSets, namespaces: NAMESPACES };
  const fleet = createFleet(size, random.fork('fleet'));
  const model = new Model(fleet);
  const leaseMs = options.replicas > 1 ? options.leaseSeconds * 1000 : undefined;
  const stage = await openStage({
    fleet,
    replicaNames: ['steady', 'victim'].slice(0, options.replicas),
    nodeFlags: options.nodeFlags.split(' ').filter((flag) => flag !== ''),
    flags: [
      `--interval=${String(options.interval)}s`,
      `--exclusive-delay=${EXCLUSIVE_DELAY}`,
      // Years of changes pass in minutes: what would be held back is meant.
      '--detach-limit=100000',
      ...electionFlags(leaseMs),
    ],
    ending,
    tell,
  });
  const exclusive = new Set(fleet.scaleSets.filter((set) => set.exclusive).map(({ id }) => fold(id)));
  const azureLog = new AzureLog((id) => exclusive.has(id));
  const load = new Load(model, stage.api, random.fork('load'));
  const watching = new AbortController();
  let watched: Promise<void> | undefined;
  const field: Field = {
    fleet,
    model,
    stage,
    load,
    azureLog,
    leaseMs,
    startWatching(progress) {
      watched = watch({ stage, azureLog, progress: () => tell(progress()) }, watching.signal);
      // Told by `stopWatching`.
      watched.catch(() => undefined);
    },
    async stopWatching() {
      watching.abort();
      await watched;
    },
    async close() {
      watching.abort();
      await watched?.catch(() => undefined);
      await stage.close();
    },
  };
  try {
    for (const { replica } of stage.replicas) await replica.start();
    for (const { replica } of stage.replicas) await replica.untilReady();
    tell(`the operator is ready; creating ${String(size.bindings)} bindings of ${String(size.scaleSets)} scale sets`);
    await load.createAll();
    return field;
  } catch (error) {
    await field.close();
    throw error;
  }
}

function electionFlags(leaseMs: number | undefined): readonly string[] {
  return leaseMs === undefined ? ['--leader-elect=false'] : [`--lease-duration=${String(leaseMs / 1000)}s`];
}
