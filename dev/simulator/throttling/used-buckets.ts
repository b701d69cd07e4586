import type { Bucket } from './bucket.ts';
import type { LimitName, Scope } from './limits.ts';

/** A bucket that somebody has used. One that nobody has is full, and is not kept. */
export interface UsedBucket {
  readonly limit: LimitName;
  /** Only what tells the buckets of this limit apart. */
  readonly scope: Scope;
  readonly bucket: Bucket;
}

export interface UsedBuckets {
  /** By limit and scope, folded. */
  readonly byKey: Map<string, UsedBucket>;
  /** With so many, those that are full again are forgotten. */
  sweepAt: number;
}

export const smallestSweep = 4_096;

export function noBucketsUsed(): UsedBuckets {
  return { byKey: new Map(), sweepAt: smallestSweep };
}
