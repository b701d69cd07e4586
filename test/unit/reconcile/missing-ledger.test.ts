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
