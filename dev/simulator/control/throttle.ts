import type { State } from '../state.ts';
import { isUntouched, take } from '../throttling/bucket.ts';
import { bucketOf, sizeOf } from '../throttling/buckets.ts';
import { type LimitName, limits, type Scope } from '../throttling/limits.ts';
import { ControlError } from './lookup.ts';

/** A bucket as it is now, and what it belongs to. */
export interface BucketSnapshot extends Scope {
  readonly limit: LimitName;
  readonly remaining: number;
  readonly capacity: number;
  readonly refill: number;
  /** When tokens come back next, in ms since the epoch; undefined when it is full. */
  readonly refillMs: number | undefined;
  /** Requests that it refused since tokens last came back. */
  readonly refused: number;
}

/** Those that are not full, or that somebody was told to wait for. */
export function snapshotBuckets(state: State, nowMs: number): readonly BucketSnapshot[] {
  return [...state.usedBuckets.byKey.values()]
    .filter(({ limit, scope }) => !isUntouched(bucketOf(state, limit, scope, nowMs), sizeOf(state, limit), nowMs))
    .map(({ limit, scope }) => snapshotBucket(state, limit, scope, nowMs));
}

/** @throws ControlError when the scope lacks what tells the buckets of this limit apart */
export function snapshotBucket(state: State, limit: LimitName, scope: Scope, nowMs: number): BucketSnapshot {
  requireScope(limit, scope);
  const { capacity, refill, everyMs } = sizeOf(state, limit);
  const { tokens, windowMs, refused } = bucketOf(state, limit, scope, nowMs);
  const refillMs = tokens === capacity ? undefined : windowMs + everyMs;
  return { limit, ...scope, remaining: tokens, capacity, refill, refillMs, refused };
}

/**
 * Somebody else uses up a bucket.
 * @param remaining tokens to leave in it; it is never filled up
 * @throws ControlError when the scope lacks what tells the buckets of this limit apart
 */
export function drainBucket(state: State, limit: LimitName, scope: Scope, remaining: number, nowMs: number): void {
  requireScope(limit, scope);
  const bucket = bucketOf(state, limit, scope, nowMs);
  take(bucket, sizeOf(state, limit), Math.max(bucket.tokens - remaining, 0), nowMs);
}

function requireScope(limit: LimitName, scope: Scope): void {
  const missing = limits[limit].per.filter((member) => scope[member] === undefined);
  if (missing.length > 0) throw new ControlError(`a bucket ${limit} is that of a ${missing.join(' and a ')}`);
}
