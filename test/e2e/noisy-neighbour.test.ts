import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { API_VERSION, type VmssIdentityBinding } from '../../src/api/types.ts';
import type { Binding } from './binding.ts';
import { startWorld, type World } from './world.ts';

/** As the operator has it: how often requests to look again are handled for a scale set. */
const HANDLED_EVERY_MS = 10_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'noisy' });
  await world.allow();
});
afterAll(() => world.close());

/** How often the status of the binding says that a request was handled, from now on. */
async function countHandled({ name, namespace }: Binding): Promise<() => number> {
  const handled = new Set<string>();
  const collection = `/apis/${API_VERSION}/namespaces/${namespace}/vmssidentitybindings`;
  await world.api.watch<VmssIdentityBinding>(collection, ({ object }) => {
    const { lastHandledReconcileAt } = object.status;
    if (object.metadata.name === name && lastHandledReconcileAt !== undefined) handled.add(lastHandledReconcileAt);
  });
  return () => handled.size;
}

/** Asks ten times a second, at least so often, until something else is over. @returns how long it took, in milliseconds */
async function askUntil(over: Promise<unknown>, binding: Binding, atLeast: number): Promise<number> {
  const began = performance.now();
  const others = { areServed: false };
  const watched = over.finally(() => (others.areServed = true));
  for (let asked = 0; !others.areServed || asked < atLeast; asked += 1) {
    await binding.askAgain();
    await pause(100);
  }
  await watched;
  return performance.now() - began;
}

describe('a tenant who asks ten times a second', () => {
  it('starves nobody, and costs Azure and Kubernetes next to nothing', async () => {
    const noisy = world.scaleSet('noisy', { foreign: ['theirs'] });
    const asking = await world.bind(noisy, { userAssigned: ['one'] });
    await asking.ready();
    const handled = await countHandled(asking);
    const readBefore = noisy.requests.length;

    const quiet = world.scaleSet('quiet');
    const served = world.bind(quiet, { userAssigned: ['two'] }).then((binding) => binding.ready());
    const tookMs = await askUntil(served, asking, 50);

    const most = 1 + Math.ceil(tookMs / HANDLED_EVERY_MS);
    expect(noisy.requests.length - readBefore).toBeLessThanOrEqual(most);
    expect(handled()).toBeLessThanOrEqual(most);
    expect(quiet.identities).toEqual(['two']);
    // In the end the last of all requests is handled as well.
    await asking.ready();
    expect(noisy.identities).toEqual(['one', 'theirs']);
    expect(noisy.writes).toHaveLength(1);
  });

  it('keeps no other binding of the same scale set waiting', async () => {
    const set = world.scaleSet('shared');
    const asking = await world.bind(set, { userAssigned: ['one'] }, { name: 'asking' });
    await asking.ready();

    const served = world.bind(set, { userAssigned: ['two'] }, { name: 'served' }).then((binding) => binding.ready());
    await askUntil(served, asking, 20);

    expect(set.identities).toEqual(['one', 'two']);
  });
});
