/**
 * What this process leads: one term for each shard whose Lease it has. With one shard, as by default, that is all or
 * nothing. A scale set is served by the term of its subscription's shard and by no other.
 */
import { type ArmKey, armKey } from './identity/arm-id.ts';
import { scaleSetOf } from './kube/binding-index.ts';
import { partOf, shardOf, shardOfScaleSet } from './reconcile/shard.ts';
import { LeaderElection, type LeaseStore, type Term } from './runtime/leader-election.ts';
import { commonHolder, leaseOfShard } from './runtime/lease-names.ts';
import { ShardElections } from './runtime/shard-elections.ts';
import { SoleLeader } from './runtime/sole-leader.ts';
import type { ClusterFigures } from './telemetry/cluster-counts.ts';
import { createTerm, QUEUE, type TermParts, type WorkingTerm } from './term.ts';

export interface ShardsParts extends Omit<TermParts, 'serves' | 'detachLimit'> {
  /** Of this process; the next one may have the same. */
  readonly instance: string;
  /** Of the one Lease, or of the one that all replicas hold together; those of shards are called after it. */
  readonly lease: string;
  readonly storeOf: (lease: string) => LeaseStore;
}

/** Who says which shards this process leads, and from when until when. */
interface Office {
  start(): void;
  /** Takes no more of them. */
  retire(): void;
  stop(): Promise<void>;
}

interface Led {
  readonly term: Term;
  readonly working: WorkingTerm;
}

export class Shards {
  readonly #parts: ShardsParts;
  readonly #office: Office;
  readonly #led = new Map<number, Led>();

  constructor(parts: ShardsParts) {
    this.#parts = parts;
    this.#office = this.#createOffice();
    this.#show();
  }

  /** Stands for election. */
  start(): void {
    this.#office.start();
  }

  /** A scale set has to be looked at. Nobody's business while another process leads its shard: a term begins with all there is. */
  add(scaleSet: ArmKey, priority: 'high' | 'low'): void {
    this.#led.get(shardOfScaleSet(scaleSet, this.#count))?.working.queue.add(scaleSet, { priority });
  }

  /** For how much longer nobody else can be writing in the subscription, in milliseconds. */
  remainingMs(subscriptionId: string): number {
    return this.#led.get(shardOf(subscriptionId, this.#count))?.term.remainingMs() ?? 0;
  }

  /** Takes no more work; what runs may go on for `graceMs` milliseconds, under the Leases, which go on being renewed. */
  async drain(graceMs: number): Promise<void> {
    this.#office.retire();
    await Promise.all(this.#all.map(({ working }) => working.drain(graceMs)));
  }

  /** Ends all terms, and gives the Leases back. */
  async stop(): Promise<void> {
    await this.#office.stop();
  }

  get #count(): number {
    return this.#parts.config.shards;
  }

  get #all(): readonly Led[] {
    return [...this.#led.values()];
  }

  #createOffice(): Office {
    const { config, clock, random, logger, metrics, instance, lease, storeOf } = this.#parts;
    const lead = (term: Term, shard = 0): Promise<void> => this.#lead(term, shard);
    const retire = (): void => undefined;
    if (!config.leaderElect) {
      const sole = new SoleLeader(lead);
      return { start: () => sole.start(), retire, stop: () => sole.stop() };
    }
    const identity = `${instance}_${random.uuid()}`;
    const common = { identity, durationMs: config.leaseDurationMs, clock, random, logger };
    if (config.shards === 1) {
      const observer = metrics.election(lease);
      const election = new LeaderElection({ ...common, store: storeOf(lease), observer, lead });
      return { start: () => election.start(), retire, stop: () => election.stop() };
    }
    const leaseOf = (shard: number): string => leaseOfShard(lease, config.shards, shard);
    return new ShardElections({
      ...common,
      shards: config.shards,
      commonIdentity: commonHolder(lease, config.shards),
      commonStore: storeOf(lease),
      storeOf: (shard) => storeOf(leaseOf(shard)),
      observerOf: (shard) => metrics.election(leaseOf(shard)),
      lead,
    });
  }

  async #lead(term: Term, shard: number): Promise<void> {
    const { config, logger } = this.#parts;
    const { shards, detachLimit } = config;
    const working = createTerm(
      {
        ...this.#parts,
        logger: shards === 1 ? logger : logger.child({ shard }),
        serves: (scaleSet) => shardOfScaleSet(scaleSet, shards) === shard,
        detachLimit: partOf(detachLimit, shard, shards),
      },
      term,
    );
    this.#led.set(shard, { term, working });
    try {
      await working.work();
    } finally {
      this.#led.delete(shard);
    }
  }

  /** A process that stands by shows all of it as well: it is at 0 when its first term begins. */
  #show(): void {
    const { metrics, config } = this.#parts;
    metrics.workQueue(QUEUE);
    metrics.controller(QUEUE, config.concurrency);
    metrics.readQueue(QUEUE, {
      depth: (priority) => this.#all.reduce((sum, { working }) => sum + working.queue.depth(priority), 0),
      runningMs: () => this.#all.flatMap(({ working }) => working.queue.runningMs()),
    });
    metrics.brakes(config.readOnly, config.detachLimit, () =>
      this.#all.reduce((sum, { working }) => sum + working.detached(), 0),
    );
    metrics.readInventory(() => {
      const levels = this.#all.map(({ working }) => working.inventories.levels());
      return {
        scale_sets: levels.flatMap(({ scale_sets }) => scale_sets),
        identities: levels.flatMap(({ identities }) => identities),
      };
    });
    metrics.readCluster(() => (this.#led.size === 0 ? undefined : this.#served()));
  }

  /** What this process leads of all there is, so that each binding is counted by one of them. */
  #served(): ClusterFigures {
    const all = this.#parts.cluster.all();
    if (this.#led.size === this.#count) return all;
    const { bindings, ledgers } = all;
    const isServed = (scaleSet: ArmKey): boolean => this.#led.has(shardOfScaleSet(scaleSet, this.#count));
    return {
      bindings: bindings.filter((binding) => isServed(scaleSetOf(binding))),
      ledgers: ledgers.filter(({ spec }) => isServed(armKey(spec.scaleSetId))),
    };
  }
}
