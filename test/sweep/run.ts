/** One workload from beginning to rest, with or without something that goes wrong. */
import type { AzureChange, ScaleSetModel } from './azure-model.ts';
import type { LoggedLine } from './incarnation.ts';
import type { Change } from './kube/object-store.ts';
import { type EndState, endStateOf } from './oracles/end-state.ts';
import type { Known } from './shown.ts';
import { isWrite, type TraceLine } from './trace.ts';
import type { Workload } from './workload.ts';
import { World } from './world.ts';

/** What has happened in a world. */
interface History {
  readonly firstModel: ReadonlyMap<string, ScaleSetModel>;
  readonly azureChanges: readonly AzureChange[];
  readonly kubeChanges: readonly Change[];
  /** What the operator went by at each of its writes of a binding or a ledger. */
  readonly knownAtWrite: ReadonlyMap<Change, Known>;
  readonly exclusiveDelayMs: number;
  readonly trace: readonly TraceLine[];
  /** Of all incarnations. */
  readonly lines: readonly LoggedLine[];
  readonly end: EndState;
  /** When something went wrong last, in virtual time; undefined when nothing did. */
  readonly faultMs: number | undefined;
}

/** All that the oracles judge by. */
export interface Run extends History {
  /** Requests until all was done; those that came in the time after it are not counted. */
  readonly requests: number;
  /** When all was done, in virtual time. */
  readonly doneMs: number;
  /** What was written in the time after it, when there was nothing to do. */
  readonly restless: readonly string[];
  /** Seed, step and trace, for people. */
  readonly description: string;
}

export interface RunOptions {
  readonly seed?: number | undefined;
  /** How many operators there are: one that leads without asking anybody, or several that agree by a Lease. Default: 1. */
  readonly replicas?: number;
  /** Whether they watch before anybody does anything. Default: they start when the first thing has been done. */
  readonly watchesFirst?: boolean;
  /** Arranges what is to go wrong; called before the first incarnation starts. */
  readonly arrange?: (world: World) => void;
}

/** So many intervals have to pass without a write. */
const INTERVALS_AT_REST = 3;
/** So long takes a start. */
const START_MS = 1000;
const SOLE_LEADER = ['--leader-elect=false'];
/** A long one is renewed seldom, and a run has fewer steps. */
const BY_LEASE = ['--lease-duration', '2m'];

/** @throws SweepError when it does not come to an end */
export async function runWorkload(workload: Workload, options: RunOptions = {}): Promise<Run> {
  const { seed, arrange, replicas = 1, watchesFirst = false } = options;
  const leadership = replicas === 1 ? SOLE_LEADER : BY_LEASE;
  const world = new World(workload.beginning, { seed, flags: [...leadership, ...(workload.flags ?? [])] });
  const { scheduler, kube } = world;
  const beforeAll = kube.revision;
  try {
    arrange?.(world);
    for (let replica = 0; replica < replicas; replica++) world.startOperator();
    if (watchesFirst) await scheduler.runFor(START_MS);
    for (const { what, act, isDone } of workload.stages) {
      act(world);
      await scheduler.runUntil(what, () => isDone(world));
    }
    const { requests, elapsedMs: doneMs } = scheduler;
    await scheduler.runFor(Math.max(0, world.troubledUntilMs - scheduler.elapsedMs));
    // Events are told after what they tell of, and lists are due that were not waited for.
    await world.runIntervals(1);
    const before = scheduler.trace.length;
    await world.runIntervals(INTERVALS_AT_REST);
    const restless = scheduler.trace.slice(before).filter(isRestless).map(nameOf);
    return { ...historyOf(world, beforeAll), requests, doneMs, restless, description: scheduler.describe() };
  } finally {
    world.end();
  }
}

/** @param beforeAll the API server's last revision before all that counts */
export function historyOf(world: World, beforeAll: number): History {
  const { scheduler, kube } = world;
  return {
    firstModel: world.firstModel,
    azureChanges: world.azureChanges,
    kubeChanges: kube.changes.filter(({ revision }) => revision > beforeAll),
    knownAtWrite: world.knownAtWrite,
    exclusiveDelayMs: world.exclusiveDelayMs,
    trace: scheduler.trace,
    lines: world.incarnations.flatMap(({ lines }) => lines),
    end: endStateOf(world),
    faultMs: world.faultMs,
  };
}

/** A Lease is renewed for ever. */
const isRestless = (line: TraceLine): boolean => isWrite(line) && !line.path.includes('/leases');

const nameOf = ({ from, method, path, outcome = '' }: TraceLine): string => `${from} ${method} ${path} ${outcome}`;
