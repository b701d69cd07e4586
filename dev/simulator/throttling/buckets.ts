import { present } from '../http.ts';
import { fold, foldLocation } from '../resource-id.ts';
import type { State } from '../state.ts';
import {
  type Bucket,
  canTake,
  fullBucket,
  isUntouched,
  type Limit,
  refill,
  refuse,
  type Shortage,
  take,
} from './bucket.ts';
import { type LimitName, limits, type Scope } from './limits.ts';
import { smallestSweep } from './used-buckets.ts';

/** What a request costs, from one of the buckets that it has to be let through by. */
export interface Charge {
  readonly limit: LimitName;
  readonly scope: Scope;
  readonly tokens: number;
}

/** How a service tells those it turns away to wait. */
export interface Terms {
  /** The shortest wait that it tells. */
  readonly minimumMs: number;
  /** Whoever was told a time and asks before it is refused, and told anew. */
  readonly told: boolean;
}

/** The tokens that are left in each bucket, in the order of the charges, and which of them fell short. */
export interface Charged {
  readonly remaining: readonly number[];
  readonly short: (Shortage & { readonly limit: LimitName }) | undefined;
}

/** Takes from all of these buckets, or, when one falls short, from none. With throttling off each request finds them full. */
export function charge(state: State, asker: string, charges: readonly Charge[], terms: Terms, nowMs: number): Charged {
  if (state.settings.throttling === 'Off') {
    return { remaining: charges.map(({ limit, tokens }) => sizeOf(state, limit).capacity - tokens), short: undefined };
  }
  const entries = charges.map((each) => ({
    ...each,
    size: sizeOf(state, each.limit),
    bucket: bucketOf(state, each.limit, each.scope, nowMs),
  }));
  const short = entries.find(({ bucket, tokens }) => !canTake(bucket, tokens, asker, nowMs));
  if (short === undefined) for (const { bucket, size, tokens } of entries) take(bucket, size, tokens, nowMs);
  const remaining = entries.map(({ bucket }) => bucket.tokens);
  if (short === undefined) return { remaining, short };
  const shortage = refuse(short.bucket, short.size, short.tokens, nowMs, terms.minimumMs);
  if (terms.told) short.bucket.waits.set(asker, nowMs + shortage.seconds * 1_000);
  return { remaining, short: { ...shortage, limit: short.limit } };
}

/** Its size as the settings have it. */
export function sizeOf(state: State, limit: LimitName): Limit {
  const other = state.settings.throttlingLimits[limit];
  return other === undefined ? limits[limit] : { ...limits[limit], ...other };
}

/** The bucket as it is at that time. */
export function bucketOf(state: State, limit: LimitName, scope: Scope, nowMs: number): Bucket {
  const { byKey } = state.usedBuckets;
  const key = keyOf(limit, scope);
  const found = byKey.get(key)?.bucket;
  if (found !== undefined) {
    refill(found, sizeOf(state, limit), nowMs);
    return found;
  }
  sweep(state, nowMs);
  const bucket = fullBucket(sizeOf(state, limit), nowMs);
  byKey.set(key, { limit, scope: ownScope(limit, scope), bucket });
  return bucket;
}

/** Without the members that do not tell its buckets apart. */
function ownScope(limit: LimitName, scope: Scope): Scope {
  return present(Object.fromEntries(limits[limit].per.map((member) => [member, scope[member]])));
}

function keyOf(limit: LimitName, scope: Scope): string {
  const values = limits[limit].per.map((member) =>
    member === 'location' ? foldLocation(scope.location ?? '') : fold(scope[member] ?? ''),
  );
  return [limit, ...values].join(' ');
}

/** Every scale set and every operation that is polled leaves buckets behind. */
function sweep(state: State, nowMs: number): void {
  const { usedBuckets } = state;
  if (usedBuckets.byKey.size < usedBuckets.sweepAt) return;
  for (const [key, { limit, bucket }] of usedBuckets.byKey) {
    const size = sizeOf(state, limit);
    refill(bucket, size, nowMs);
    if (isUntouched(bucket, size, nowMs)) usedBuckets.byKey.delete(key);
  }
  usedBuckets.sweepAt = Math.max(smallestSweep, usedBuckets.byKey.size * 2);
}
