import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ShardFleet } from './shard-fleet.ts';
import { LEASE_MS } from './shard-member.ts';

/** Processes with these numbers of shards, and what happens after how many steps. */
const fleets = fc.record({
  seed: fc.nat(),
  shards: fc.constantFrom([1, 2], [2, 3], [1, 3, 3], [2, 2, 3], [1, 1, 2], [1, 2, 3]),
  /** Of their leases: a roll-out may change that, too. */
  durationsMs: fc.constantFrom([LEASE_MS], [LEASE_MS, LEASE_MS / 3], [LEASE_MS / 3, LEASE_MS]),
  /** How often time passes although requests wait. */
  slowness: fc.constantFrom(0.02, 0.1, 0.3),
  ends: fc.array(fc.record({ afterSteps: fc.nat(300), member: fc.nat(2), how: fc.constantFrom('stops', 'isCutOff') }), {
    maxLength: 2,
  }),
});

describe('processes with different numbers of shards, however their requests are interleaved', () => {
  it('are never two that may write to the same subscription, and all shards of those that are left are led', async () => {
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(fleets, async ({ seed, shards, durationsMs, slowness, ends }) => {
        const fleet = new ShardFleet(seed);
        for (const [index, count] of shards.entries())
          fleet.start(count, { durationMs: durationsMs[index % durationsMs.length]! });
        for (let step = 0; step < 300; step++) {
          for (const { afterSteps, member, how } of ends) {
            const who = fleet.members[member];
            if (afterSteps !== step || who === undefined) continue;
            if (how === 'stops') void who.stop();
            else fleet.cutOff(who);
          }
          await fleet.step(slowness);
        }
        // Those of the last number are left, and one more that begins now.
        const last = shards.at(-1)!;
        for (const member of fleet.members) if (member.shards !== last) void member.stop();
        fleet.start(last);
        await fleet.runFor(4 * LEASE_MS);
        const left = fleet.members.filter((member) => fleet.isThere(member));
        expect(left.flatMap(({ leads }) => leads).toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: last }, (_, shard) => shard),
        );
        changes += fleet.inForce.length - 1;
      }),
      { numRuns: 60 },
    );
    // Else nothing was tried.
    expect(changes).toBeGreaterThan(20);
  });
});
