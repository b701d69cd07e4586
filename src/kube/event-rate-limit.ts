import type { Clock } from '../runtime/clock.ts';
import type { ObjectReference } from './event-object.ts';
import { LeastRecentlyUsed } from './lru.ts';

/** client-go's spam filter: 25 events at once for an object, then one each 5 min. */
const burst = 25;
const refillMs = 300_000;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** A token bucket for each object. */
export class EventRateLimit {
  readonly #clock: Clock;
  readonly #buckets: LeastRecentlyUsed<string, Bucket>;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#buckets = new LeastRecentlyUsed(capacity);
  }

  /** Takes a token of the object's, if it has one. */
  allows({ kind, namespace, name, uid }: ObjectReference): boolean {
    const key = JSON.stringify([kind, namespace, name, uid]);
    const atMs = this.#clock.monotonicMs();
    const before = this.#buckets.get(key) ?? { tokens: burst, atMs };
    const tokens = Math.min(burst, before.tokens + (atMs - before.atMs) / refillMs);
    const allowed = tokens >= 1;
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, atMs });
    return allowed;
  }
}
