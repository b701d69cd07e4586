import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

/** A world in which `app` was attached, and `dns` is somebody else's. */
async function attached(): Promise<World> {
  const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
  await world.list();
  await world.clock.advance(1);
  await world.pass();
  await world.clock.advance(1);
  world.take();
  return world;
}

const SETTLED = ['ledger: Attached app for one', 'status one: True Assigned 1/1'];

describe('a list that lags behind', () => {
  it('and does not show what we attached costs a 412, and nothing is attached twice', async () => {
    const world = await attached();
    world.listLagging();

    await world.pass();

    expect(world.take()).toEqual([
      'ledger: Attached app for one; operation',
      'PATCH web UserAssigned +app → 412',
      'GET web',
      'ledger: Attached app for one',
    ]);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('and still shows what we detached makes nobody attach or detach it again', async () => {
    const world = await attached();
    await world.list();
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    await world.clock.advance(1);
    world.take();
    world.listLagging();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['dns']);
  });

  it('and shows less than there is takes nothing away', async () => {
    const world = await attached();
    world.control.drift(scaleSet(), { kind: 'EnableSystemAssigned' });
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    world.listLagging({ identity: { userAssigned: new Map() } });
    world.take();

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus', 'dns']);
    expect(world.isSystemAssigned()).toBe(true);
  });
});

describe('an entry of a list', () => {
  it('without an etag proves that nothing is to be done', async () => {
    const world = await attached();
    await world.list();
    world.listLagging(WITHOUT_ETAG);
    world.take();

    await world.pass();

    expect(world.take()).toEqual([]);
  });

  it('without an etag feeds no write: the scale set is read, and written under the etag of that', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(1);
    world.listLagging(WITHOUT_ETAG);
    world.take();

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      ...SETTLED,
    ]);
  });

  it('of another scale set under the same name has the scale set read before anything of it is believed', async () => {
    const world = await attached();
    await world.list();
    world.listLagging({ uniqueId: 'another' });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('feeds the first write to a scale set for as long as that waits for its turn', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(14 * MINUTE);
    world.take();

    await world.pass();

    expect(world.take()).toEqual([
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      ...SETTLED,
    ]);
  });

  it('that is old proves nothing of a scale set that was never read', async () => {
    const world = new World({ web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(3 * MINUTE);
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 1/1']);
  });

  it('that is old feeds no write once nothing was left to send: what is declared later has the scale set read', async () => {
    const world = new World({ web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(1);
    await world.pass();
    await world.clock.advance(3 * MINUTE);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    world.take();

    await world.pass();

    expect(world.take()[0]).toBe('GET web');
    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('that was asked for before a write of ours is ignored, whatever came of that', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(1);
    world.fault(faults.patch, { kind: 'reset', applied: true });
    await world.pass();
    await world.clock.advance(5 * SECOND);
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', ...SETTLED]);
    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('that was asked for after a write whose outcome nobody knows is not enough either', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset', applied: true });
    await world.pass();
    await world.clock.advance(5 * SECOND);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()[0]).toBe('GET web');
  });

  it('needs no look at an identity that the list of identities has shown a short while ago', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one', { suspend: true })],
    });
    await world.list();
    world.roster.need(world.key(), [world.identityKey('app')]);
    await world.listIdentities();
    world.cluster.edit('one', { suspend: false });
    world.take();

    await world.pass();

    expect(world.take()).toEqual([
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      ...SETTLED,
    ]);
    expect(world.control.scaleSet(scaleSet()).userAssigned.map(({ id }) => id)).toContain(identity('app'));
  });
});

const WITHOUT_ETAG = { etag: undefined } as object;
