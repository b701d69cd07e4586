import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { metricsFrom } from '../../dev/stage/metrics.ts';
import { shardOf } from '../../src/reconcile/shard.ts';
import type { Binding } from './binding.ts';
import type { ScaleSet } from './scale-set.ts';
import { leasesOf, type ShardReplica, ShardReplicas } from './shard-replicas.ts';
import { startWorld, type World } from './world.ts';

const SUBSCRIPTIONS = 8;

let world: World;
let replicas: ShardReplicas;
/** Of each subscription a scale set and its binding. */
const served: { readonly subscription: string; readonly set: ScaleSet; readonly binding: Binding }[] = [];
const running: ShardReplica[] = [];

beforeAll(async () => {
  world = await startWorld({ name: 'shards', clients: 7, subscriptions: SUBSCRIPTIONS, operationMs: 200 });
  await world.allow();
  // As deploy/overlays/shards does, and whoever changes the number before.
  await world.account.allowLeases(...leasesOf(3), ...leasesOf(2));
  replicas = await ShardReplicas.of(world);
  for (const [index, subscription] of world.subscriptions.entries()) {
    const set = world.scaleSet(`set-${String(index)}`, { subscription, foreign: ['theirs'] });
    served.push({ subscription, set, binding: world.binding(set) });
  }
});
afterAll(async () => {
  try {
    expect(replicas.strayWrites()).toEqual([]);
  } finally {
    await world.close();
  }
});

/** Every binding declares these, and gets them. */
async function declare(...identities: readonly string[]): Promise<void> {
  await Promise.all(served.map(({ binding }) => binding.apply({ userAssigned: identities })));
  for (const { binding, set } of served) {
    await binding.ready();
    expect(set.identities).toEqual([...identities, 'theirs'].toSorted());
  }
}

/** By which the subscription was written to last. */
const lastWriterOf = (subscription: string): number | undefined => replicas.writersOf(subscription).at(-1);

/** Who leads the shard of the subscription. */
function leaderOf(subscription: string): ShardReplica | undefined {
  return running.find((each) => replicas.ledBy(each).includes(shardOf(subscription, each.shards)));
}

/** What all processes show of a metric together. */
async function sumOf(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const processes = running.filter(({ process }) => process.isRunning());
  const texts = await Promise.all(processes.map(async ({ process }) => (await fetch(`${process.url}/metrics`)).text()));
  return texts.reduce((sum, text) => sum + metricsFrom(text).sum(metric, labels), 0);
}

describe('three replicas with three shards', () => {
  it('wait for as long as one with a single shard works', async () => {
    await declare('one');
    running.push(...(await Promise.all([1, 2, 3].map((client) => replicas.start(client, 3)))));

    await declare('two');

    for (const { subscription } of served) expect(replicas.writersOf(subscription)).toEqual([0]);
  });

  it('share the subscriptions when it has gone, and each is written to by the leader of its shard', async () => {
    expect(await world.operators[0]?.stop()).toBe(0);
    await replicas.untilLed(...running);
    expect(running.filter((each) => replicas.ledBy(each).length > 0).length).toBeGreaterThan(1);

    await declare('one', 'two');

    for (const { subscription } of served) expect(lastWriterOf(subscription)).toBe(leaderOf(subscription)?.client);
  });

  it('count each binding once', async () => {
    await eventually('all bindings to be counted', async () => {
      return (await sumOf('vmss_identity_bindings', { ready: 'True', reason: 'Assigned' })) === SUBSCRIPTIONS;
    });
    expect(await sumOf('vmss_identity_bindings')).toBe(SUBSCRIPTIONS);
    expect(await sumOf('leader_election_master_status')).toBe(3);
  });

  it('take over the shards of one that is killed, and do what was declared meanwhile', async () => {
    const [killed, ...others] = running.splice(0);
    running.push(...others);
    await killed?.process.stop('SIGKILL');
    running.push(await replicas.start(4, 3));

    await declare('three');

    await replicas.untilLed(...running);
    for (const { subscription } of served) expect(lastWriterOf(subscription)).toBe(leaderOf(subscription)?.client);
  });
});

describe('a roll-out of another number of shards', () => {
  it('has the new replicas wait for the last of the old ones, and then lead all subscriptions', async () => {
    const old = running.splice(0);
    running.push(...(await Promise.all([5, 6].map((client) => replicas.start(client, 2)))));
    expect(await Promise.all(old.slice(1).map(({ process }) => process.stop()))).toEqual([0, 0]);
    await declare('one');
    for (const { subscription } of served) expect(lastWriterOf(subscription)).toBe(old[0]?.client);

    expect(await old[0]?.process.stop()).toBe(0);
    await replicas.untilLed(...running);
    await declare('two');

    for (const { subscription } of served) expect(lastWriterOf(subscription)).toBe(leaderOf(subscription)?.client);
    expect(await sumOf('vmss_identity_bindings')).toBe(SUBSCRIPTIONS);
  });
});
