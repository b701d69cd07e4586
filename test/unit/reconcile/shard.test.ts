import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import { partOf, shardOf, shardOfScaleSet } from '../../../src/reconcile/shard.ts';

const counts = fc.integer({ min: 1, max: 32 });

describe('the shard of a subscription', () => {
  // Replicas of several releases run beside each other: a change of these is a change of who writes to what.
  it.each([
    ['00000000-0000-0000-0000-000000000000', 0, 0, 1, 2, 4, 28],
    ['0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 0, 0, 0, 3, 4, 12],
    ['11111111-1111-1111-1111-111111111111', 0, 0, 2, 2, 5, 28],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 0, 0, 0, 4, 5, 24],
  ])('is the same for ever: %s', (subscription, ...expected) => {
    expect([1, 2, 3, 5, 7, 32].map((shards) => shardOf(subscription, shards))).toEqual(expected);
  });

  it('does not depend on how the id is spelled', () => {
    const id = 'ABCDEF01-2345-6789-abcd-EF0123456789';
    expect(shardOf(id, 32)).toBe(shardOf(id.toLowerCase(), 32));
  });

  it('is that of its scale sets', () => {
    fc.assert(
      fc.property(fc.uuid(), counts, (subscription, shards) => {
        const id = `/subscriptions/${subscription}/resourceGroups/web/providers/Microsoft.Compute/virtualMachineScaleSets/web`;
        expect(shardOfScaleSet(armKey(id), shards)).toBe(shardOf(subscription, shards));
      }),
    );
  });

  it('leaves no shard with much more than its part', () => {
    const subscriptions = Array.from(
      { length: 3000 },
      (_, index) => `${String(index).padStart(8, '0')}-aaaa-bbbb-cccc-dddddddddddd`,
    );
    const numbers = [0, 0, 0];
    for (const subscription of subscriptions) numbers[shardOf(subscription, 3)]! += 1;
    expect(Math.max(...numbers)).toBeLessThan(1100);
  });
});

describe('the parts of a limit', () => {
  it('are as much as the whole together, and differ by one at most', () => {
    fc.assert(
      fc.property(fc.nat(100_000), counts, (limit, shards) => {
        const parts = Array.from({ length: shards }, (_, shard) => partOf(limit, shard, shards));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(limit);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
