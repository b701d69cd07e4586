/** A process that stands for election in shards, for tests; with one shard as without any. */
import type { Clock } from '../../../src/runtime/clock.ts';
import { LeaderElection, type LeaseStore, type Term } from '../../../src/runtime/leader-election.ts';
import { ShardElections } from '../../../src/runtime/shard-elections.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { seededRandom } from './virtual-clock.ts';

export const LEASE_MS = 45_000;

export interface MemberOptions {
  readonly name: string;
  readonly shards: number;
  readonly clock: Clock;
  readonly seed?: number;
  readonly durationMs?: number;
  readonly store: (lease: string) => LeaseStore;
}

export class ShardMember {
  readonly name: string;
  readonly shards: number;
  readonly #terms = new Map<number, Term>();
  readonly #elections: Pick<ShardElections, 'start' | 'stop'> & Partial<Pick<ShardElections, 'retire'>>;
  hasStopped = false;

  constructor({ name, shards, clock, seed = 1, durationMs = LEASE_MS, store }: MemberOptions) {
    this.name = name;
    this.shards = shards;
    const common = { identity: name, durationMs, clock, random: seededRandom(seed), logger: recordingLogger() };
    const lead = (term: Term, shard = 0): Promise<void> => this.#lead(term, shard);
    this.#elections =
      shards === 1
        ? new LeaderElection({ ...common, store: store('operator'), lead })
        : new ShardElections({
            ...common,
            shards,
            commonIdentity: `operator-${String(shards)}`,
            commonStore: store('operator'),
            storeOf: (shard) => store(`operator-${String(shards)}-${String(shard)}`),
            observerOf: () => ({ leading: () => undefined, renewalFailed: () => undefined }),
            lead,
          });
    this.#elections.start();
  }

  /** The shards in which it may write now. */
  get leads(): readonly number[] {
    return [...this.#terms].filter(([, term]) => term.remainingMs() > 0).map(([shard]) => shard);
  }

  retire(): void {
    this.#elections.retire?.();
  }

  async stop(): Promise<void> {
    this.hasStopped = true;
    await this.#elections.stop();
  }

  async #lead(term: Term, shard: number): Promise<void> {
    this.#terms.set(shard, term);
    await new Promise<void>((resolve) => {
      term.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** What is wrong with who may write now: nothing, as long as all have one number of shards, and each shard one leader. */
export function overlapOf(members: readonly ShardMember[]): readonly string[] {
  const leading = members.flatMap(({ name, shards, leads }) => leads.map((shard) => ({ name, shards, shard })));
  return leading.flatMap((one, index) =>
    leading
      .slice(index + 1)
      .filter(({ shards, shard }) => shards !== one.shards || shard === one.shard)
      .map(
        (other) =>
          `${one.name} ${String(one.shard)}/${String(one.shards)} and ${other.name} ${String(other.shard)}/${String(other.shards)}`,
      ),
  );
}
