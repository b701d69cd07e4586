import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World, type WorldParts } from './world.ts';

const ALL = ['app', 'bus', 'cdn', 'dns'];

/** A world in which `app`, `bus`, `cdn` and `dns` were attached for `one`. */
async function attached(parts: WorldParts): Promise<World> {
  const world = new World({ bindings: [binding('one', { userAssigned: ALL })], ...parts });
  await world.pass();
  world.take();
  world.cluster.takeEvents();
  return world;
}

const phases = (world: World): readonly string[] =>
  (world.cluster.ledgerOf(world.key())?.spec.entries ?? []).map(({ phase }) => phase);

describe('with the detach limit reached', () => {
  it('what is left of it goes, and nothing else is put on record', async () => {
    const world = await attached({ detachLimit: 2 });
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'ledger: Detaching app for one; Detaching bus for one; Attached cdn for one; Attached dns for one; operation',
      'PATCH web UserAssigned -app -bus',
      'ledger: Attached cdn for one; Attached dns for one',
      'status one: False DetachLimitReached 0/0',
    ]);
    expect(world.heard).toEqual(['detach limit reached', 'detached: 2']);
  });

  it('the binding says when it goes on, and it does so then', async () => {
    const world = await attached({ detachLimit: 2 });
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    const goesOnAt = new Date(world.clock.now() + 10 * MINUTE).toISOString();

    expect(world.ready('one')?.message).toContain(`detaching cdn, dns. This goes on at ${goesOnAt}.`);
    expect(world.identity('one', 'cdn')).toMatchObject({ state: 'Detaching', nextAttemptTime: goesOnAt });
    expect(world.waitMs).toBe(10 * MINUTE);
    world.take();

    await world.run(10 * MINUTE - SECOND);
    expect(world.take()).toEqual([]);
    await world.run(SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web None']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('a pass in between writes no status', async () => {
    const world = await attached({ detachLimit: 2 });
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    world.take();
    await world.clock.advance(MINUTE);

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });

  it('one event tells of it', async () => {
    const world = await attached({ detachLimit: 2 });
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    await world.clock.advance(MINUTE);
    await world.pass();

    const events = world.cluster.takeEvents().filter((event) => event.includes('DetachLimitReached'));
    expect(events).toEqual([expect.stringMatching(/^Warning DetachLimitReached one: /)]);
  });

  it('attaches land', async () => {
    const world = await attached({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })], detachLimit: 1 });
    world.cluster.edit('one', { userAssigned: identityIds(['cdn']) });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn -app']);
    expect(world.assigned()).toEqual(['bus', 'cdn']);
    expect(world.identity('one', 'cdn')?.state).toBe('Assigned');
  });

  it('a binding that is deleted waits', async () => {
    const world = await attached({ detachLimit: 3 });
    world.cluster.delete('one');
    await world.pass();

    expect(world.ready('one')?.reason).toBe('DetachLimitReached');
    await world.run(10 * MINUTE);

    expect(world.assigned()).toEqual([]);
    expect(world.take()).toContain('finalizer off one');
  });

  it('a system-assigned identity stays on', async () => {
    const world = await attached({
      bindings: [binding('one', { userAssigned: ['app'], systemAssigned: 'Enabled' })],
      detachLimit: 1,
    });
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web SystemAssigned']);
    expect(world.isSystemAssigned()).toBe(true);
    await world.run(10 * MINUTE);
    expect(world.isSystemAssigned()).toBe(false);
  });

  it('what Exclusive would detach stays', async () => {
    const world = await attached({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one', { mode: 'Exclusive' })],
      policies: [policy({ exclusive: 'Allow' })],
      detachLimit: 0,
    });

    await world.run(HOUR);

    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.ready('one')?.reason).toBe('DetachLimitReached');
  });
});

describe('what counts', () => {
  it('is over all scale sets', async () => {
    const sets = ['web', 'api', 'job'];
    const bindings = sets.map((set) => binding(`of-${set}`, { scaleSet: set }));
    const scaleSets = ['api', 'job'].map((name) => ({ name }));
    const world = new World({ bindings, scaleSets, detachLimit: 2 });
    for (const set of sets) await world.pass(set);
    for (const set of sets) world.cluster.edit(`of-${set}`, { userAssigned: [] });

    for (const set of sets) await world.pass(set);

    expect(sets.map((set) => world.assigned(set))).toEqual([[], [], ['app']]);
    expect(world.ready('of-job')?.reason).toBe('DetachLimitReached');
  });

  it('is taken before it is sent, so that two passes at once do not overdraw it', async () => {
    const bindings = ['web', 'api'].map((set) => binding(`of-${set}`, { scaleSet: set, userAssigned: ['app', 'bus'] }));
    const world = new World({ bindings, scaleSets: [{ name: 'api' }], detachLimit: 3 });
    for (const set of ['web', 'api']) await world.pass(set);
    for (const set of ['web', 'api']) world.cluster.edit(`of-${set}`, { userAssigned: [] });
    world.take();

    const { signal } = new AbortController();
    await Promise.all(['web', 'api'].map((set) => world.reconcile(world.key(set), signal)));

    const left = ['web', 'api'].map((set) => world.assigned(set).length).toSorted();
    expect(left).toEqual([0, 1]);
  });

  it('is nothing that Azure refused', async () => {
    const world = await attached({ detachLimit: 4 });
    world.cluster.edit('one', { userAssigned: [] });
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'Conflict', message: 'Busy.' });

    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.assigned()).toEqual([]);
  });

  it('is nothing that was not sent, since the ledger could not be written', async () => {
    const world = await attached({ detachLimit: 4 });
    world.cluster.edit('one', { userAssigned: [] });
    world.journal.before('ledger', () => {
      throw new Error('conflict');
    });
    await expect(world.pass()).rejects.toThrow('conflict');

    await world.pass();

    expect(world.assigned()).toEqual([]);
  });

  it('is what nobody knows the end of', async () => {
    const world = await attached({ detachLimit: 4 });
    world.cluster.edit('one', { userAssigned: [] });
    world.fault(faults.patch, { kind: 'status', status: 503, code: 'ServiceUnavailable', message: 'Later.' });

    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual(ALL);
    expect(world.ready('one')?.reason).toBe('DetachLimitReached');
    expect(phases(world)).toEqual(['Detaching', 'Detaching', 'Detaching', 'Detaching']);
    await world.run(10 * MINUTE);
    expect(world.assigned()).toEqual([]);
  });
});

describe('a detach limit of 0', () => {
  it('detaches nothing, ever, and says that other flags are needed', async () => {
    const world = await attached({ detachLimit: 0 });
    world.cluster.delete('one');

    await world.pass();
    await world.run(24 * HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.message).toContain('This goes on when the operator is started with other flags.');
  });
});

describe('in the array shape', () => {
  /** `app` and `bus` are ours, and `app` is deleted: Azure takes no list that names it. */
  async function withDead(detachLimit: number): Promise<World> {
    const world = await attached({
      apiVersion: ARRAY_API_VERSION,
      bindings: [binding('one', { userAssigned: ['app'] })],
      detachLimit,
    });
    world.control.deleteIdentity(identity('app'));
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));
    return world;
  }

  it('what is dead, and left out of the list, counts', async () => {
    const world = await withDead(1);
    await world.pass();
    world.cluster.delete('two');

    await world.pass();

    expect(world.assigned()).toEqual(['bus']);
    expect(world.ready('two')?.reason).toBe('DetachLimitReached');
  });

  it('what cannot be left out holds up the write that would have to', async () => {
    const world = await withDead(0);

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toHaveLength(1);
    expect(world.ready('two')).toMatchObject({
      reason: 'DetachLimitReached',
      message: expect.stringContaining('attaching bus') as string,
    });
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
  });

  it('what is dead goes before what is detached', async () => {
    const world = await attached({
      apiVersion: ARRAY_API_VERSION,
      bindings: [binding('one', { userAssigned: ['app', 'bus', 'cdn'] })],
      detachLimit: 1,
    });
    world.control.deleteIdentity(identity('app'));
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });

    await world.pass();

    expect(world.assigned()).toEqual(['bus', 'cdn']);
    await world.run(10 * MINUTE);
    expect(world.assigned()).toEqual(['bus']);
  });
});
