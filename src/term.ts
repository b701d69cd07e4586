/**
 * One term of leadership: the queue, the passes, and all that is remembered between them. A term begins with a list that
 * is read by quorum, and takes everything it knows with it when it ends: another process may have led since.
 */
import type { Config } from './config.ts';
import type { ArmKey } from './identity/arm-id.ts';
import type { Availability } from './kube/availability.ts';
import type { Cluster } from './kube/cluster.ts';
import { isKubeError } from './kube/errors.ts';
import type { AzurePort } from './reconcile/azure-port.ts';
import { DetachLimit } from './reconcile/detach-limit.ts';
import { fenced, LeaseOver } from './reconcile/fenced-cluster.ts';
import { createInventories, type Inventories } from './reconcile/inventory/inventories.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { whenAborted } from './runtime/aborted.ts';
import type { Clock, Random } from './runtime/clock.ts';
import { Controller } from './runtime/controller.ts';
import type { Term } from './runtime/leader-election.ts';
import { WorkQueue } from './runtime/work-queue.ts';
import type { Logger } from './telemetry/logger.ts';
import type { Metrics } from './telemetry/metrics.ts';

export interface TermParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly cluster: Cluster;
  readonly azure: AzurePort;
  readonly availability: Pick<Availability, 'tellsOf'>;
  /** Whether a scale set is one of those that the term is for. */
  readonly serves: (scaleSet: ArmKey) => boolean;
  /** How many identities the term may detach in 10 minutes. */
  readonly detachLimit: number;
}

export interface WorkingTerm {
  readonly queue: WorkQueue<ArmKey>;
  readonly inventories: Pick<Inventories, 'levels'>;
  /** How many identities were detached lately, as the limit counts them. */
  detached(): number;
  /** Works until the term's signal aborts; resolves when nothing of it is under way any more. */
  work(): Promise<void>;
  /** Takes no more work, waits for running passes for `graceMs` milliseconds, then aborts them. Never rejects. */
  drain(graceMs: number): Promise<void>;
}

/** Of the work queue and its workers, in metrics. */
export const QUEUE = 'scalesets';

const LIMITED =
  'as many identities were detached in 10 minutes as --detach-limit allows: what is more waits; see which bindings show ' +
  'DetachLimitReached, and whether that is meant';

/** @param term when its signal aborts, every pass and every list of it ends; what it has left, every write of a pass asks */
export function createTerm(parts: TermParts, term: Term): WorkingTerm {
  const { signal } = term;
  const { config, clock, random, logger, metrics, cluster, azure, availability } = parts;
  const queue = new WorkQueue<ArmKey>({ clock, random, observer: metrics.workQueue(QUEUE) });
  const inventories = createInventories(
    {
      azure,
      clock,
      random,
      logger,
      intervalMs: config.intervalMs,
      cluster,
      due: (scaleSet, inMs) => queue.addAfter(scaleSet, inMs, { priority: 'low' }),
    },
    signal,
  );
  const detachLimit = new DetachLimit(parts.detachLimit, () => {
    metrics.detachLimitReached();
    logger.warn(LIMITED, { limit: parts.detachLimit });
  });
  const reconciler = new Reconciler({
    azure,
    cluster: fenced(cluster, term),
    random,
    now: () => clock.now(),
    inventory: inventories.inventory,
    roster: inventories.roster,
    exclusiveDelayMs: config.exclusiveDelayMs,
    readOnly: config.readOnly,
    detachLimit,
    logger,
    lostInRace: metrics.azureRaces(),
    observer: metrics.passes(),
  });
  const controller = new Controller<ArmKey>({
    queue,
    reconcile: (scaleSet, passSignal, run) => reconciler.reconcile(scaleSet, passSignal, run.logger),
    workers: config.concurrency,
    signal,
    clock,
    random,
    logger,
    observer: metrics.controller(QUEUE, config.concurrency),
    levelOf: (error) => levelOf(error, availability),
  });
  return {
    queue,
    inventories,
    detached: () => detachLimit.inWindow(clock.now()),
    drain: (graceMs) => controller.stop(graceMs),
    async work() {
      // A watch may lag behind what the leader before has written, and nobody has looked at anything in this term.
      if (await cluster.relist(signal)) {
        const scaleSets = [...cluster.scaleSets()].filter(parts.serves);
        for (const scaleSet of scaleSets) queue.add(scaleSet, { priority: 'low' });
        controller.start();
        logger.info('at work', { scaleSets: scaleSets.length });
        await whenAborted(signal);
      }
      await controller.stop(0);
      await inventories.ended();
    },
  };
}

function levelOf(error: unknown, availability: TermParts['availability']): 'error' | 'info' | 'debug' {
  if (availability.tellsOf(error)) return 'debug';
  // Whether the term is over, the election tells.
  if (error instanceof LeaseOver) return 'info';
  // Someone was faster than the watch. The pass has looked again, and goes by what is there when it comes next.
  return isKubeError(error, 'conflict', 'alreadyExists', 'notFound', 'testFailed') ? 'info' : 'error';
}
