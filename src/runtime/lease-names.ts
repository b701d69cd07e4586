/** What the Leases of a number of shards are called. */

/** Of one shard; it carries their number, so that none stands for another part of the work than before. */
export function leaseOfShard(lease: string, shards: number, shard: number): string {
  return `${commonHolder(lease, shards)}-${String(shard)}`;
}

/** Who holds the common Lease: all processes with this number of shards. */
export function commonHolder(lease: string, shards: number): string {
  return `${lease}-${String(shards)}`;
}

/** All that a process with this number of shards asks for: the common one first. */
export function leasesFor(lease: string, shards: number): readonly string[] {
  if (shards === 1) return [lease];
  return [lease, ...Array.from({ length: shards }, (_, shard) => leaseOfShard(lease, shards, shard))];
}
