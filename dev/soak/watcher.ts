/** Looks at everything all along: what processes take, what they log, and what Azure was asked. */
import { setTimeout as pause } from 'node:timers/promises';

import type { AzureLog } from './azure-log.ts';
import type { Stage } from './stage.ts';

const SAMPLE_MS = 2000;
const LOG_EVERY = 2;
const TELL_MS = 30_000;

export interface WatcherParts {
  readonly stage: Stage;
  readonly azureLog: AzureLog;
  /** Called every 30 s. */
  readonly progress: () => void;
}

/** @returns when told to, and after a last look */
export async function watch({ stage, azureLog, progress }: WatcherParts, ending: AbortSignal): Promise<void> {
  let toldAt = performance.now();
  for (let count = 0; !ending.aborted; count += 1) {
    await Promise.all(stage.replicas.map(({ replica }) => replica.measure()));
    if (count % LOG_EVERY === 0) await look(stage, azureLog);
    if (performance.now() - toldAt >= TELL_MS) {
      toldAt += TELL_MS;
      progress();
    }
    await pause(SAMPLE_MS, undefined, { signal: ending }).catch(() => undefined);
  }
  await look(stage, azureLog);
}

async function look({ replicas, azure }: Stage, azureLog: AzureLog): Promise<void> {
  await Promise.all(replicas.map(({ replica }) => replica.readLog()));
  azureLog.add(await azure.requests(azureLog.since));
}
