/** Which shard a subscription is in. Every replica, of every release, must come to the same answer: it never changes. */
import { createHash } from 'node:crypto';

import { type ArmKey, asciiLower } from '../identity/arm-id.ts';

/**
 * The first four bytes of the SHA-256 of the lower-cased id, as a big-endian number, modulo the number of shards.
 * @param shards how many there are, from 1 on
 * @returns from 0 on
 */
export function shardOf(subscriptionId: string, shards: number): number {
  if (shards === 1) return 0;
  return createHash('sha256').update(asciiLower(subscriptionId)).digest().readUInt32BE(0) % shards;
}

/** The shard of the scale set's subscription. */
export function shardOfScaleSet(scaleSet: ArmKey, shards: number): number {
  return shards === 1 ? 0 : shardOf(scaleSet.split('/')[2] ?? '', shards);
}

/** What a shard may take of a limit: together never more than the whole. */
export function partOf(limit: number, shard: number, shards: number): number {
  return Math.floor(limit / shards) + (shard < limit % shards ? 1 : 0);
}
