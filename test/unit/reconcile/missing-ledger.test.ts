import { describe, expect, it } from 'vitest';

import { binding, scaleSet } from './objects.ts';
import { World } from './world.ts';

async function attached(): Promise<World> {
  const world = new World({ bindings: [binding('one')] });
  await world.pass();
  world.cluster.takeEvents();
  return world;
}

describe('a deleted binding that no ledger names', () => {
  it('is told of when someone deleted the ledger', async () => {
    const world = await attached();
    world.cluster.deleteLedgerByHand(scaleSet());
    world.cluster.delete('one');

    await world.pass();

    expect(world.cluster.takeEvents()).toEqual([expect.stringContaining('LedgerMissing')]);
  });

  it('is nothing to tell when all was taken back, and only the finalizer could not be taken off', async () => {
    const world = await attached();
    world.cluster.delete('one');
    world.cluster.failNext('removeFinalizer', 'network');
    await expect(world.pass()).rejects.toMatchObject({ kind: 'network' });
    expect(world.assigned()).toEqual([]);

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.takeEvents().filter((event) => event.includes('LedgerMissing'))).toEqual([]);
  });

  it('is nothing to tell when it went before anything was on record for it', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.cluster.failNext('saveLedger', 'network');
    await expect(world.pass()).rejects.toMatchObject({ kind: 'network' });
    world.cluster.delete('one');

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.takeEvents()).toEqual([]);
  });
});

describe('a binding that lives on when someone deleted its ledger', () => {
  it('is told of it once, and shows that nothing is its own any more', async () => {
    const world = await attached();
    world.cluster.deleteLedgerByHand(scaleSet());

    await world.pass();
    await world.pass();

    expect(world.cluster.takeEvents()).toEqual([expect.stringMatching(/^Warning LedgerMissing one: .* others’/)]);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is told nothing when it is the scale set that is another one', async () => {
    const world = await attached();
    world.control.replaceScaleSet(scaleSet());
    world.cluster.failNext('removeFinalizer', 'network');
    await expect(world.pass()).rejects.toMatchObject({ kind: 'network' });

    await world.pass();

    expect(world.cluster.takeEvents()).toEqual([]);
    expect(world.identity('one', 'app')?.attachedByUs).toBe(false);
  });

  it('is told nothing when it had nothing attached for it', async () => {
    const world = new World({ web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] });
    await world.pass();
    world.cluster.takeEvents();
    const { metadata, ...rest } = world.cluster.binding('one');
    world.cluster.apply({ ...rest, metadata: { ...metadata, finalizers: ['vmss-identity.dev/detach'] } });

    await world.pass();

    expect(world.cluster.takeEvents()).toEqual([]);
    expect(world.cluster.binding('one').metadata).not.toHaveProperty('finalizers');
  });
});
