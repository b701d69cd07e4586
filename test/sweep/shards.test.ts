/** Whole operators that lead shards, their requests in a random order: crashes, a roll-out, and who writes where. */
import { describe, expect, it } from 'vitest';

import { applySeed } from '../../dev/simulator/seeding.ts';
import { API_VERSION, BINDING } from '../../src/api/types.ts';
import type { LeaseObject } from '../../src/kube/lease.ts';
import { shardOf } from '../../src/reconcile/shard.ts';
import type { Incarnation } from './incarnation.ts';
import { GROUP, identityIdOf, LOCATION, NAMESPACE, SUBSCRIPTION, TENANT } from './names.ts';
import { EPOCH_MS } from './scheduler.ts';
import { beginningOf, World } from './world.ts';

const OTHER = 'abcdef01-2345-6789-abcd-ef0123456789';
const SUBSCRIPTIONS = [SUBSCRIPTION, OTHER];
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const FLAGS = ['--lease-duration', '2m'];

const idIn = (subscription: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/web`;

/** A scale set in each of two subscriptions, which are in different shards. */
function beginning() {
  const begun = beginningOf();
  const groups = [{ name: GROUP, location: LOCATION, scaleSets: [{ name: 'web' }] }];
  applySeed(begun.azure, { subscriptions: [{ id: OTHER, tenant: TENANT, resourceGroups: groups }] }, EPOCH_MS);
  return begun;
}

class ShardedWorld extends World {
  constructor(seed: number) {
    super(beginning(), { seed });
    const everything = SUBSCRIPTIONS.map((each) => `/subscriptions/${each}/**`);
    this.users.policy('everything', { scaleSets: everything, userAssigned: everything });
  }

  start(shards: number): Incarnation {
    return this.startOperator([...FLAGS, '--shards', String(shards)]);
  }

  /** Every scale set is to have these, and gets them. */
  async declare(...identities: readonly string[]): Promise<void> {
    for (const subscription of SUBSCRIPTIONS) {
      const userAssigned = identities.map((name) => ({ resourceId: identityIdOf(name) }));
      const spec = { scaleSet: { resourceId: idIn(subscription) }, userAssigned };
      const metadata = { name: `web-${subscription}`, namespace: NAMESPACE };
      const binding = { apiVersion: API_VERSION, kind: BINDING.kind, metadata, spec };
      this.kube.users.apply(BINDING, binding);
    }
    await this.scheduler.runUntil(`every scale set has ${identities.join(', ')}`, () => this.isDone(identities));
  }

  isDone(identities: readonly string[]): boolean {
    const wanted = identities.map((name) => identityIdOf(name).toLowerCase()).toSorted();
    return SUBSCRIPTIONS.every((subscription) => {
      const found = [...this.model().values()].find(({ id }) => id === idIn(subscription).toLowerCase());
      return JSON.stringify(found?.userAssigned.toSorted()) === JSON.stringify(wanted);
    });
  }

  /** Writes to Azure by operators that had not the Lease of the subscription's shard at that moment. */
  strayWrites(): readonly string[] {
    return this.azureChanges.flatMap(({ by, virtualMs, after, before }) => {
      const id = (after ?? before)?.id ?? '';
      const [subscription = ''] = id.split('/').slice(2);
      const isLeader = [2, 3].some((shards) => {
        const lease = `vmss-identity-operator-${shards}-${shardOf(subscription, shards)}`;
        return this.#holderOf(lease, virtualMs).startsWith(`${by}_`);
      });
      return isLeader ? [] : [`${by} wrote ${id} at ${virtualMs}`];
    });
  }

  #holderOf(name: string, virtualMs: number): string {
    const written = this.kube.changes.findLast(
      ({ object, collection, atMs }) =>
        collection.startsWith('leases.') && object.metadata.name === name && atMs - EPOCH_MS <= virtualMs,
    );
    return (written?.object as LeaseObject | undefined)?.spec?.holderIdentity ?? '';
  }
}

describe('operators that lead shards', () => {
  it('have their test subscriptions in different shards', () => {
    for (const shards of [2, 3]) expect(new Set(SUBSCRIPTIONS.map((each) => shardOf(each, shards))).size).toBe(2);
  });

  it.each(SEEDS)(
    'serve every subscription, each by its leader, through a crash and a roll-out (seed %i)',
    async (seed) => {
      const world = new ShardedWorld(seed);
      try {
        const [one, other] = [world.start(2), world.start(2)];
        await world.declare('one');
        (seed % 2 === 0 ? one : other).crash();
        await world.declare('one', 'two');
        const added = world.start(2);
        await world.declare('two');

        const next = [world.start(3), world.start(3)];
        const stopping = Promise.all([seed % 2 === 0 ? other : one, added].map((each) => each.stop()));
        await world.declare('three');
        await stopping;

        expect(world.strayWrites()).toEqual([]);
        const writers = new Set(world.azureChanges.map(({ by }) => by));
        expect(next.some(({ name }) => writers.has(name))).toBe(true);
      } finally {
        world.end();
      }
    },
  );
});
