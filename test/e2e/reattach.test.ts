import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Binding, identityOf, readyOf } from './binding.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

interface Scene {
  readonly set: ScaleSet;
  readonly binding: Binding;
}

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'reattach', operationMs: 100 });
  await world.allow({ namespaces: ['*'] });
});
afterAll(() => world.close());

/** A binding of one identity, named after its scale set, that is ready; somebody else attached another one. */
async function settled(name: string, staleIdentities: 'Report' | 'Reattach' = 'Reattach'): Promise<Scene> {
  world.control.createIdentity(world.identityId(name));
  const set = world.scaleSet(name, { foreign: ['theirs'] });
  const binding = await world.bind(set, { userAssigned: [name], staleIdentities });
  await binding.ready();
  return { set, binding };
}

/** @returns its new client id */
const recreate = (name: string): string => world.control.recreateIdentity(world.identityId(name)).clientId;
const isUpdating = ({ state }: ScaleSet): boolean => state.provisioningState === 'Updating';

/** Until the identity named after the scale set is off, by an operation that does not end by itself. */
async function detaching(name: string): Promise<Scene & { readonly clientId: string }> {
  const scene = await settled(name);
  scene.set.setOperationLength(600_000);
  const clientId = recreate(name);
  await scene.set.until('is being changed', isUpdating);
  expect(scene.set.writes.at(-1)).toMatchObject({ detach: [name], attach: [] });
  return { ...scene, clientId };
}

function finish({ set }: Scene): void {
  set.setOperationLength(100);
  world.control.finishOperations(set.id);
}

describe('an identity that is created again under the same name', () => {
  it.concurrent('is reported, and left alone, on Report', async () => {
    const { set, binding } = await settled('reported', 'Report');
    recreate('reported');
    const found = await binding.shows('StaleIdentity');
    expect(identityOf(found, 'reported')).toMatchObject({ state: 'Stale', reason: 'StaleIdentity' });
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
  });

  it.concurrent('is detached and attached on Reattach, and nothing is written any more then', async () => {
    const { set, binding } = await settled('healed');
    const clientId = recreate('healed');
    const found = await binding.until('works again', (one) => identityOf(one, 'healed').clientId === clientId);
    expect(readyOf(found)).toMatchObject({ status: 'True', reason: 'Assigned' });
    expect(set.writes.slice(1)).toMatchObject([
      { detach: ['healed'], attach: [] },
      { detach: [], attach: ['healed'] },
    ]);
    expect(set.identities).toEqual(['healed', 'theirs']);
    const entries = (await world.ledgerOf(set))?.spec.entries;
    expect(entries).toMatchObject([{ phase: 'Attached', reattachedAt: expect.any(String) }]);
    const { resourceVersion } = found.metadata;
    await world.intervals(2);
    expect(set.writes).toHaveLength(3);
    expect((await binding.read())?.metadata.resourceVersion).toBe(resourceVersion);
  });

  it.concurrent('is left alone while another binding on Report declares it, until that one agrees', async () => {
    const { set, binding } = await settled('vetoed');
    const namespace = await world.createNamespace('cautious');
    const other = await world.bind(set, { userAssigned: ['vetoed'] }, { namespace });
    await other.ready();
    const clientId = recreate('vetoed');
    const found = await binding.shows('StaleIdentity');
    await other.shows('StaleIdentity');
    expect(readyOf(found)?.message).toContain('another binding that declares it says staleIdentities: Report');
    expect(JSON.stringify(found.status)).not.toContain(namespace);
    await world.intervals(1);
    expect(set.writes).toHaveLength(1);
    await other.apply({ userAssigned: ['vetoed'], staleIdentities: 'Reattach' });
    await binding.until('works again', (one) => identityOf(one, 'vetoed').clientId === clientId);
    expect(set.writes).toHaveLength(3);
  });

  it.concurrent('is only reported where somebody else attached it', async () => {
    world.control.createIdentity(world.identityId('foreign'));
    const set = world.scaleSet('foreign', { foreign: ['foreign'] });
    const binding = await world.bind(set, { userAssigned: ['foreign'], staleIdentities: 'Reattach' });
    await binding.ready();
    recreate('foreign');
    const found = await binding.shows('StaleIdentity');
    expect(readyOf(found)?.message).toContain('someone else attached it');
    await world.intervals(2);
    expect(set.writes).toEqual([]);
  });

  it.concurrent('is attached again before a deletion in between is honoured', async () => {
    const scene = await detaching('deleted');
    await scene.binding.delete();
    finish(scene);
    await scene.binding.untilGone();
    expect(scene.set.writes.slice(1)).toMatchObject([
      { detach: ['deleted'] },
      { attach: ['deleted'] },
      { detach: ['deleted'] },
    ]);
    expect(scene.set.identities).toEqual(['theirs']);
  });
});

describe('an operator that is killed between detaching an identity and attaching it again', () => {
  it('has the next one finish it', async () => {
    const scene = await detaching('killed');
    await world.killOperator();
    expect((await world.ledgerOf(scene.set))?.spec.entries).toMatchObject([{ phase: 'Reattaching' }]);
    finish(scene);
    await world.startOperator();
    const { binding, set, clientId } = scene;
    await binding.until('works again', (one) => identityOf(one, 'killed').clientId === clientId);
    await binding.ready();
    expect(set.writes.slice(1)).toMatchObject([{ detach: ['killed'] }, { attach: ['killed'] }]);
    await world.intervals(2);
    expect(set.writes).toHaveLength(3);
  });
});
