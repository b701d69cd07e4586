/**
 * Leader election for work that is divided into shards: a lease and a leader for each of them.
 *
 * Into how many shards it is divided is agreed on by one more lease, the common one. All processes with the same number hold
 * it together, and stand for election in shards only while they do; a process with another number finds it taken until
 * none of them is left. So no two numbers are ever in force at once, however the processes come and go: whoever leads a
 * shard may write for as long as nobody else can have got its lease, nor processes of another number the common one.
 */
import type { Logger } from '../telemetry/logger.ts';
import { whenAborted } from './aborted.ts';
import type { Clock, Random } from './clock.ts';
import { type ElectionObserver, LeaderElection, type LeaseStore, type Term } from './leader-election.ts';
import { SharedLease } from './shared-lease.ts';

export interface ShardElectionsOptions {
  /** How many shards there are. */
  readonly shards: number;
  /** Of this process: another one in every process. */
  readonly identity: string;
  /** Of all processes with this number of shards, and of no others. */
  readonly commonIdentity: string;
  readonly durationMs: number;
  readonly commonStore: LeaseStore;
  /** @param shard from 0 on */
  readonly storeOf: (shard: number) => LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observerOf: (shard: number) => ElectionObserver;
  /** Does what only the leader of a shard may, until the term's signal aborts; then it ends soon. */
  readonly lead: (term: Term, shard: number) => Promise<void>;
}

/** No lease is left to others for longer than this part of its duration. */
const LONGEST_HESITATION = 1 / 3;

export class ShardElections {
  readonly #options: ShardElectionsOptions;
  readonly #common: LeaderElection;
  /** The shards whose leases this process has, or has just asked for. */
  readonly #held = new Set<number>();
  #isRetiring = false;

  constructor(options: ShardElectionsOptions) {
    this.#options = options;
    const { commonIdentity, commonStore, durationMs, clock, random, logger } = options;
    this.#common = new LeaderElection({
      identity: commonIdentity,
      durationMs,
      store: new SharedLease(commonStore),
      clock,
      random,
      logger: logger.child({ lease: 'common' }),
      lead: (common) => this.#standForAll(common),
    });
  }

  /** Stands for election in every shard until it is stopped. */
  start(): void {
    this.#common.start();
  }

  /** Takes no more shards, and goes on leading those it has. */
  retire(): void {
    this.#isRetiring = true;
  }

  /** Ends all terms, and gives the leases of shards back. To be called when all their work is done. Never rejects. */
  async stop(): Promise<void> {
    this.retire();
    await this.#common.stop();
  }

  /** @param common while it lasts, no process with another number of shards leads */
  async #standForAll(common: Term): Promise<void> {
    const { shards, random } = this.#options;
    // Those who begin together should not all ask for the same one first.
    const first = Math.floor(random.next() * shards);
    const elections = Array.from({ length: shards }, (_, index) => this.#election((first + index) % shards, common));
    for (const election of elections) election.start();
    await whenAborted(common.signal);
    await Promise.all(elections.map((election) => election.stop()));
  }

  #election(shard: number, common: Term): LeaderElection {
    const { identity, durationMs, storeOf, clock, random, logger, observerOf, lead } = this.#options;
    const observer = observerOf(shard);
    return new LeaderElection({
      identity,
      durationMs,
      store: this.#counted(shard, storeOf(shard)),
      clock,
      random,
      logger: logger.child({ shard }),
      hesitationMs: () => this.#hesitationMs(),
      observer: {
        leading: (isLeader) => {
          if (!isLeader) this.#held.delete(shard);
          observer.leading(isLeader);
        },
        renewalFailed: () => observer.renewalFailed(),
      },
      lead: (own) => lead({ signal: own.signal, remainingMs: () => shorter(own, common) }, shard),
    });
  }

  /**
   * Who leads nothing yet goes first, and whoever leads less goes before who leads more: processes that begin together
   * share the shards, and those of one that has died go to who has least to do.
   */
  #hesitationMs(): number {
    if (this.#isRetiring) return Number.POSITIVE_INFINITY;
    const { size } = this.#held;
    return LONGEST_HESITATION * this.#options.durationMs * (size / (size + 1));
  }

  /** The store of a shard's lease, which counts as held from when it is asked for. */
  #counted(shard: number, store: LeaseStore): LeaseStore {
    return {
      read: (signal) => store.read(signal),
      write: async (next, current, signal) => {
        if (next.holder === '' || this.#held.has(shard)) return store.write(next, current, signal);
        this.#held.add(shard);
        try {
          return await store.write(next, current, signal);
        } catch (error) {
          this.#held.delete(shard);
          throw error;
        }
      },
    };
  }
}

function shorter(one: Term, other: Term): number {
  return Math.min(one.remainingMs(), other.remainingMs());
}
