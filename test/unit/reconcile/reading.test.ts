import { describe, expect, it } from 'vitest';

import { binding, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

/** A world in which `app` was attached, and `dns` is somebody else's. */
async function attached(): Promise<World> {
  const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
  await world.pass();
  world.take();
  return world;
}

describe('a read that shows no identity at all', () => {
  it('is not believed when a second one disagrees, and nothing is written', async () => {
    const world = await attached();
    world.fault(faults.getScaleSet, { kind: 'withoutIdentity' });

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web']);
    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('is not believed when the second one fails', async () => {
    const world = await attached();
    world.fault(faults.getScaleSet, { kind: 'withoutIdentity' });
    world.fault(faults.getScaleSet, { kind: 'reset' }, { nth: 2 });

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web → nothing']);
  });

  it('is believed when a list says the same of the same version', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(1);
    world.take();

    await world.pass();

    expect(world.take().filter((line) => line === 'GET web')).toHaveLength(1);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is not believed for a list that speaks of another version', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.list();
    world.control.drift(scaleSet(), { kind: 'Scale', capacity: 2 });
    world.take();

    await world.pass();

    expect(world.take().filter((line) => line === 'GET web')).toHaveLength(2);
  });

  it('is believed again without a second one while the version stays', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: [] })] });
    await world.pass();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });

  it('is doubted again when the version moves on', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: [] })] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Scale', capacity: 2 });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web']);
  });

  it('is doubted again of another scale set under the same name and version', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: [] })] });
    await world.pass();
    world.control.replaceScaleSet(scaleSet());
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web']);
  });

  it('is doubted in a list, too', async () => {
    const world = await attached();
    await world.clock.advance(1);
    world.fault({ path: 'virtualMachineScaleSets$' }, { kind: 'withoutIdentity' });
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });
});

describe('a list entry', () => {
  it('feeds a plan that only attaches, under its etag', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual([
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
    expect(world.control.requests().find(({ method }) => method === 'PATCH')?.ifMatch).toBe('"1"');
  });

  it('that is outdated costs a 412 and does no harm', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    await world.list();
    world.control.drift(scaleSet(), { kind: 'EnableSystemAssigned' });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([
      'PATCH web UserAssigned +app → 412',
      'PATCH web SystemAssigned+UserAssigned +app',
    ]);
    expect(world.isSystemAssigned()).toBe(true);
  });

  it('is not enough to detach', async () => {
    const world = await attached();
    await world.clock.advance(1);
    await world.list();
    world.cluster.edit('one', { userAssigned: [] });
    world.take();

    await world.pass();

    expect(world.take().slice(0, 3)).toEqual([
      'GET web',
      'ledger: Detaching app for one; operation',
      'PATCH web UserAssigned -app',
    ]);
  });

  it('is not enough to turn the system-assigned identity off', async () => {
    const world = new World({
      web: { identity: { systemAssigned: true } },
      bindings: [binding('one', { userAssigned: [], systemAssigned: 'Disabled' })],
    });
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()[0]).toBe('GET web');
    expect(world.isSystemAssigned()).toBe(false);
  });

  it('is not enough to end a deletion', async () => {
    const world = await attached();
    world.control.drift(scaleSet(), {
      kind: 'Strip',
      identities: [world.control.scaleSet(scaleSet()).userAssigned[1]!.id],
    });
    await world.clock.advance(1);
    await world.list();
    world.cluster.delete('one');
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger deleted', 'finalizer off one']);
  });

  it('is not enough to see that the scale set is another one', async () => {
    const world = await attached();
    world.control.replaceScaleSet(scaleSet());
    await world.clock.advance(1);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take().slice(0, 2)).toEqual(['GET web', 'ledger deleted']);
  });

  it('is not enough to confirm what we have attached ourselves', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    world.crashBefore('ledger: Attached');
    await expect(world.pass()).rejects.toThrow('crash');
    world.restart();
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger: Attached app for one', 'status one: True Assigned 1/1']);
  });

  it('that is older than our last look or write is ignored', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    await world.list();
    await world.pass();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });

  it('serves for two minutes', async () => {
    const world = await attached();
    await world.clock.advance(1);
    await world.list();
    world.take();
    await world.clock.advance(2 * MINUTE);
    await world.pass();
    const fresh = world.take();
    await world.clock.advance(1);

    await world.pass();

    expect(fresh).toEqual([]);
    expect(world.take()).toEqual(['GET web']);
  });

  it('is missed by nobody: absence proves nothing', async () => {
    const world = await attached();
    await world.clock.advance(1);
    world.fault(
      { path: 'virtualMachineScaleSets$' },
      { kind: 'status', status: 200, body: { value: [] } },
      { count: null },
    );
    await world.list();
    await world.pass();
    const present = world.take();
    world.cluster.delete('one');

    await world.run(0);
    await world.pass();

    expect(present).toEqual(['LIST', 'GET web']);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -app']);
  });

  it('shows drift, which is mended under its etag', async () => {
    const world = await attached();
    await world.clock.advance(1);
    world.control.drift(scaleSet(), {
      kind: 'Strip',
      identities: [world.control.scaleSet(scaleSet()).userAssigned[1]!.id],
    });
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual([
      'ledger: Attached app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
    ]);
  });

  it('that is too old to drop an entry has the scale set read, and no pass loops for it', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    await world.run(20 * SECOND);
    await world.list();
    world.take();

    await world.run(40 * SECOND);

    expect(world.take().slice(0, 2)).toEqual(['GET web', 'ledger deleted']);
  });
});
