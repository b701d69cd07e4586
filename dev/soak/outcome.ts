/** What comes of a scenario, and the questions that all of them answer in the end. */
import {
  type Check,
  check,
  checkFlat,
  checkLogs,
  checkProcesses,
  checkWriters,
  type Series,
  seriesOf,
} from './checks.ts';
import type { Field } from './field.ts';
import { disquiet, look, settle } from './settle.ts';
import type { Tell } from './stage.ts';

export interface Outcome {
  readonly checks: readonly Check[];
  readonly series: readonly Series[];
  readonly figures: Readonly<Record<string, number>>;
  readonly disturbances: Readonly<Record<string, number>>;
  readonly azureRequests: Readonly<Record<string, number>>;
}

export interface Conclusion {
  readonly checks: readonly Check[];
  readonly series: readonly Series[];
  readonly settledSeconds: number;
  /** Requests to look again that people made while it settled. */
  readonly requests: number;
}

const QUIET_INTERVALS = 3;
const SETTLE_LIMIT_MS = 25 * 60_000;

/** Waits until everything is as it must be, and stays so. What processes take is judged up to now. */
export async function conclude(field: Field, tell: Tell): Promise<Conclusion> {
  const { stage, model, fleet, load, azureLog } = field;
  const judgedUntil = stage.elapsed();
  await stage.azure.settings({ operationMs: 500 });
  const settled = await settle(stage, model, SETTLE_LIMIT_MS, tell);
  tell(`settled after ${settled.seconds.toFixed(0)} s; now nothing may happen any more`);
  const restless = await disquiet(stage, fleet, QUIET_INTERVALS);
  await field.stopWatching();

  const found = await look(stage);
  const incarnations = stage.replicas.flatMap(({ replica }) => replica.incarnations);
  const series = incarnations.flatMap((each) => seriesOf(each, judgedUntil) ?? []);
  const { azure, objects, statuses, ledgers } = settled.shortcomings;
  const checks = [
    check('Azure is as declared', azure, [`${String(found.azure.scaleSets.length)} scale sets`]),
    check('no update was lost', [...objects, ...load.failures], [`${String(load.made)} changes`]),
    check('every binding says so of its present generation', statuses, [`${String(found.bindings.length)} bindings`]),
    check('every ledger is settled', ledgers, [`${String(found.ledgers.length)} ledgers`]),
    check('nothing of others was detached', azureLog.harms),
    ...checkWriters(azureLog.writes, incarnations),
    check(`nothing is written in ${String(QUIET_INTERVALS)} intervals at rest`, restless),
    checkFlat(series),
    checkLogs(incarnations),
    checkProcesses(incarnations),
  ];
  return { checks, series, settledSeconds: Math.round(settled.seconds), requests: settled.requests };
}
