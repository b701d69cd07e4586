/** A fleet from cold to where it is wanted, by the whole operator on virtual time, beside the ideal. */
import { type Ideal, idealOf } from '../../../dev/bench/ideal/ideal.ts';
import type { Operator } from '../../../src/operator.ts';
import { FleetAzure } from './fleet-azure.ts';
import { FleetCluster } from './fleet-cluster.ts';
import { fleetOperator } from './fleet-operator.ts';
import { FleetTime } from './fleet-time.ts';
import { type Fleet, partsOf } from './layout.ts';
import type { Rate } from './traffic.ts';

/** Until all was done; times are those since the operator's start. */
export interface Served {
  /** When the last binding was Ready. */
  readonly convergedMs: number;
  /** When the last write to Azure was answered. */
  readonly writtenMs: number;
  readonly arm: { readonly reads: Rate; readonly writes: Rate; readonly readsOf: Readonly<Record<string, number>> };
  readonly kube: { readonly reads: Rate; readonly writes: Rate };
  /** Writes beyond one for each scale set. */
  readonly extraWrites: number;
  /** How many requests Azure refused because there were too many. */
  readonly throttled: number;
  /** Whether Azure itself has all that was declared. */
  readonly isAsWanted: boolean;
}

/** What was asked for after all was done. */
export interface AtRest {
  readonly ms: number;
  readonly armReads: number;
  readonly armWrites: number;
  readonly kubeWrites: number;
}

export interface FleetRun extends Served {
  readonly ideal: Ideal;
  readonly atRest: AtRest;
  /** Warnings and errors of the operator, by what they say. */
  readonly complaints: Readonly<Record<string, number>>;
}

export interface FleetProgress {
  /** In virtual time. */
  readonly elapsedMs: number;
  readonly ready: number;
}

export interface RunOptions {
  /** How long it goes on after all is done. */
  readonly restMs: number;
  /** Called once in a virtual minute. */
  readonly onProgress?: (progress: FleetProgress) => void;
}

const MINUTE_MS = 60_000;
/** Beyond so many times the ideal, and an hour, something is broken, and the run would never end. */
const MOST_TIMES_IDEAL = 20;
const HOUR_MS = 60 * MINUTE_MS;

/** @throws Error when it does not come to an end */
export async function runFleet(fleet: Fleet, { restMs, onProgress }: RunOptions): Promise<FleetRun> {
  const ideal = idealOf({ ...fleet, fleet: partsOf(fleet) });
  const time = new FleetTime();
  const azure = new FleetAzure(fleet, time);
  const world = { time, azure, cluster: new FleetCluster(fleet, time) };
  const complaints = new Map<string, number>();
  const operator = fleetOperator(fleet, { ...world, complaints });
  if (onProgress !== undefined) tellProgress(world, onProgress);
  void operator.start();
  const served = await untilServed(world, fleet, ideal.totalMs * MOST_TIMES_IDEAL + HOUR_MS);
  const atRest = await rest(world, restMs);
  await stopped(operator, time);
  return { ...served, ideal, atRest, complaints: Object.fromEntries(complaints) };
}

interface World {
  readonly time: FleetTime;
  readonly azure: FleetAzure;
  readonly cluster: FleetCluster;
}

async function untilServed({ time, azure, cluster }: World, fleet: Fleet, limitMs: number): Promise<Served> {
  const all = fleet.subscriptions * fleet.scaleSets;
  const isDone = await time.runUntil(() => cluster.ready === all, limitMs);
  if (!isDone) throw new Error(`${cluster.ready} of ${all} are Ready after ${time.elapsedMs} ms`);
  const { writtenMs, extraWrites, throttled, isAsWanted } = azure;
  return {
    ...{ convergedMs: time.elapsedMs, writtenMs, extraWrites, throttled, isAsWanted },
    arm: { reads: azure.traffic.reads, writes: azure.traffic.writes, readsOf: Object.fromEntries(azure.reads) },
    kube: { reads: cluster.traffic.reads, writes: cluster.traffic.writes },
  };
}

async function rest({ time, azure, cluster }: World, ms: number): Promise<AtRest> {
  // Events are told after what they tell of.
  await time.runFor(MINUTE_MS);
  const before = { arm: totals(azure), kube: totals(cluster) };
  await time.runFor(ms);
  const [arm, kube] = [totals(azure), totals(cluster)];
  return {
    ms,
    armReads: arm.reads - before.arm.reads,
    armWrites: arm.writes - before.arm.writes,
    kubeWrites: kube.writes - before.kube.writes,
  };
}

function totals({ traffic }: Pick<FleetCluster, 'traffic'>): Readonly<Record<'reads' | 'writes', number>> {
  return { reads: traffic.reads.total, writes: traffic.writes.total };
}

function tellProgress(world: World, onProgress: (progress: FleetProgress) => void): void {
  const { time, cluster } = world;
  onProgress({ elapsedMs: time.elapsedMs, ready: cluster.ready });
  time.clock.setTimer(MINUTE_MS, () => tellProgress(world, onProgress));
}

async function stopped(operator: Operator, time: FleetTime): Promise<void> {
  let isOver = false;
  void operator.stop().then(() => (isOver = true));
  await time.runUntil(() => isOver);
}
