import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { tooMany } from './too-many.ts';
import { faults, MINUTE, SECOND, World, type WorldParts } from './world.ts';

const READS = 'GetVMScaleSetSubscriptionMaximum';
const WRITES = 'VMScaleSetActionsSubscriptionMaximum';

/** `web` and `api` in one region, of which Azure has shown where they lie. */
async function two(parts: WorldParts = {}): Promise<World> {
  const world = new World({
    scaleSets: [{ name: 'api' }],
    bindings: [binding('one'), binding('two', { scaleSet: 'api', userAssigned: ['bus'] })],
    ...parts,
  });
  await world.list();
  return world;
}

/** Azure throttles a request for `api`; what `web` wants has to wait then. */
async function throttle(world: World, method: 'GET' | 'PATCH', policy: string, seconds: number): Promise<void> {
  world.fault({ method, path: 'virtualMachineScaleSets/api$' }, tooMany(policy, seconds));
  await world.pass('api');
  world.take();
  world.cluster.takeEvents();
}

describe('a read whose turn has not come', () => {
  it('has the scale set come again exactly when it has', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 20);

    // After the one that was throttled: 800 a minute.
    expect(await world.pass()).toEqual({ requeueAfterMs: 20 * SECOND + 75, priority: 'high' });
    await world.run(20 * SECOND + 74);
    const before = world.takeWrites();
    await world.run(1);

    expect(before).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
  });

  it('comes as soon as it has, also within the shortest time after which others come again', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 20);
    await world.clock.advance(20 * SECOND);

    expect(await world.pass()).toEqual({ requeueAfterMs: 75, priority: 'high' });
  });

  it('is nothing that anybody is told while the whole wait is below 30 seconds', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 29);

    await world.pass();

    expect(world.take()).toEqual([]);
    expect(world.ready('one')).toBeUndefined();
    expect(world.cluster.takeEvents()).toEqual([]);
  });

  it('is told once, with the limit, and without an event, when the wait is longer', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 30);

    await world.pass();
    await world.pass();
    await world.run(20 * SECOND);
    await world.pass();

    expect(world.take()).toEqual(['status one: False Throttled 0/1']);
    expect(world.ready('one')?.message).toBe(
      `The operator waits for its turn under Azure's limit on reads of scale sets in a region (${READS}).`,
    );
    expect(world.cluster.takeEvents()).toEqual([]);
  });

  it('is told when it goes on for longer than was thought', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 20);
    await world.pass();
    world.fault({ method: 'GET', path: 'virtualMachineScaleSets/api$' }, tooMany(READS, 20));
    await world.clock.advance(20 * SECOND);
    await world.pass('api');
    await world.clock.advance(SECOND);
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['status one: False Throttled 0/1']);
  });

  it('is told in the same words when it goes on for the sake of another limit', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 40);
    await world.pass();
    const told = world.ready('one');
    world.fault({ method: 'PATCH', path: 'virtualMachineScaleSets/api$' }, tooMany(WRITES, 50));
    await world.clock.advance(40 * SECOND);
    await world.pass('api');
    await world.clock.advance(SECOND);

    const { requeueAfterMs } = await world.pass();

    expect(requeueAfterMs).toBeGreaterThan(48 * SECOND);
    expect(world.ready('one')).toEqual(told);
  });

  it('leaves a binding Ready that is so for the spec it has, also when it is asked to look again', async () => {
    const world = await two();
    await world.pass();
    await throttle(world, 'GET', READS, 300);
    world.cluster.requestPass('one');

    await world.pass();

    expect(world.take()).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is shown on a binding whose spec has changed', async () => {
    const world = await two();
    await world.pass();
    await throttle(world, 'GET', READS, 300);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'Throttled' });
  });

  it('makes no list older that was asked for before', async () => {
    const world = await two({ web: { identity: { userAssigned: ['app'] } } });
    await world.pass();
    await world.clock.advance(3 * MINUTE);
    await throttle(world, 'GET', READS, 20);
    world.fault({ path: 'virtualMachineScaleSets$' }, { kind: 'delay', ms: 10 * SECOND });
    const listing = world.list();
    await world.clock.advance(SECOND);
    await world.pass();
    await world.clock.advance(20 * SECOND);
    await listing;
    world.take();

    await world.pass();

    expect(world.take()).toEqual([]);
  });

  it('does not come sooner for a change of the spec', async () => {
    const world = await two();
    await throttle(world, 'GET', READS, 20);
    await world.pass();
    await world.clock.advance(10 * SECOND);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });

    expect(await world.pass()).toEqual({ requeueAfterMs: 10 * SECOND + 75, priority: 'high' });
    expect(world.take()).toEqual([]);
  });

  it('is no failure between two others, and ends no row of them', async () => {
    const world = await two();
    world.fault(faults.getScaleSet, { kind: 'status', status: 503, code: 'ServiceUnavailable' }, { count: null });
    await world.run(0);
    await world.pass();
    await world.run(SECOND);
    await throttle(world, 'GET', READS, 10);
    await world.run(3 * SECOND);
    world.fault({ method: 'GET', path: 'virtualMachineScaleSets/api$' }, tooMany(READS, 10));
    await world.clock.advance(8 * SECOND);
    await world.pass('api');
    world.take();
    await world.pass();
    const queued = world.take();
    await world.clock.advance(11 * SECOND);

    // The third failure in a row.
    expect(queued).toEqual([]);
    expect(await world.pass()).toEqual({ requeueAfterMs: 4 * SECOND });
  });
});

describe('the second read of a scale set without an identity', () => {
  it('is not waited for twice: what was read before the wait is the first', async () => {
    // A hundredth of 2,400 reads in the region: one for each of the others, and one for `web`.
    const names = Array.from({ length: 23 }, (_, index) => `other-${String(index)}`);
    const world = new World({
      scaleSets: names.map((name) => ({ name, identity: { userAssigned: ['app'] } })),
      bindings: [binding('one'), ...names.map((name) => binding(`of-${name}`, { scaleSet: name }))],
      budgetShare: 0.01,
    });
    for (const name of names) await world.pass(name);
    world.take();

    await world.pass();
    const before = world.take();
    await world.run(10 * SECOND);

    expect(before).toEqual(['GET web']);
    expect(world.take().slice(0, 2)).toEqual(['GET web', 'GET app']);
    expect(world.assigned()).toEqual(['app']);
  });
});

describe('a write whose turn has not come', () => {
  it('leaves no line in the ledger, no finalizer, and goes without another read when it comes', async () => {
    const world = await two();
    await throttle(world, 'PATCH', WRITES, 20);

    await world.pass();
    const before = world.take();
    await world.run(21 * SECOND);

    expect(before).toEqual(['GET web', 'GET app']);
    expect(world.take()).toEqual([
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
  });

  it('is planned anew for the spec that is declared when it comes', async () => {
    const world = await two();
    await throttle(world, 'PATCH', WRITES, 20);
    await world.pass();
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'cdn']) });

    await world.run(21 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +cdn']);
  });

  it('is not sent when nobody wants it any more, and the scale set is then read anew before anything is said', async () => {
    const world = await two();
    await throttle(world, 'PATCH', WRITES, 300);
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    world.take();

    await world.run(301 * SECOND);

    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 0/0']);
  });

  it('does nothing to a scale set that was changed meanwhile but to read it again', async () => {
    const world = await two();
    await throttle(world, 'PATCH', WRITES, 20);
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Scale', capacity: 7 });
    world.take();

    await world.run(21 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app → 412', 'PATCH web UserAssigned +app']);
    expect(world.assigned()).toEqual(['app']);
  });

  it('that loses its turn after it was put on record takes the record back', async () => {
    const world = await two();
    await world.pass('api');
    world.cluster.edit('two', { userAssigned: identityIds(['bus', 'cdn']) });
    world.fault({ method: 'PATCH', path: 'virtualMachineScaleSets/api$' }, tooMany(WRITES, 20));
    let other: Promise<unknown> | undefined;
    world.journal.before('ledger: Attaching app', () => {
      other = world.pass('api');
    });
    world.take();
    const pass = world.pass();
    await other;
    await pass;
    await world.run(25 * SECOND);

    expect(world.assigned()).toEqual(['app']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('keeps for it the attempt that a change of the spec has brought forward', async () => {
    const world = await two({
      bindings: [binding('one', { userAssigned: ['nobody'] }), binding('two', { scaleSet: 'api' })],
    });
    await world.pass();
    await throttle(world, 'PATCH', WRITES, 20);
    world.control.createIdentity(identity('nobody'));
    world.cluster.edit('one', { deletionPolicy: 'Retain' });

    await world.pass();
    await world.run(21 * SECOND);

    expect(world.assigned()).toEqual(['nobody']);
  });
});

describe('a question about an identity whose turn has not come', () => {
  const throttledIdentities = async (seconds: number): Promise<World> => {
    const world = await two();
    world.fault(faults.getIdentity('bus'), tooMany('Whatever', seconds));
    await world.pass('api');
    world.take();
    return world;
  };

  it('holds the write back that depends on it', async () => {
    const world = await throttledIdentities(20);

    await world.pass();
    const before = world.take();
    await world.run(25 * SECOND);

    expect(before).toEqual(['GET web']);
    expect(world.take().slice(0, 1)).toEqual(['GET app']);
    expect(world.assigned()).toEqual(['app']);
  });

  it('makes an identity on the scale set neither failed nor stale', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['app'] } },
      settings: { deletedIdentity: 'NullIds' },
      scaleSets: [{ name: 'api' }],
      bindings: [binding('one'), binding('two', { scaleSet: 'api', userAssigned: ['bus'] })],
    });
    await world.pass();
    world.control.deleteIdentity(identity('app'));
    world.fault(faults.getIdentity('bus'), tooMany('Whatever', 20));
    await world.pass('api');
    world.take();

    await world.pass();
    const before = [world.take(), world.identity('one', 'app')?.state];
    await world.run(25 * SECOND);

    expect(before).toEqual([['GET web'], 'Assigned']);
    expect(world.identity('one', 'app')?.state).toBe('Missing');
  });

  it('costs an identity whose operation nobody saw end no attempt', async () => {
    const world = new World({
      settings: { deletedIdentity: 'NullIds' },
      scaleSets: [{ name: 'api' }],
      bindings: [binding('one'), binding('two', { scaleSet: 'api', userAssigned: ['bus'] })],
      operationMs: SECOND,
    });
    await world.pass();
    world.control.recreateIdentity(identity('app'));
    await world.clock.advance(MINUTE);
    world.restart();
    world.fault(faults.getIdentity('bus'), tooMany('Whatever', 20));
    await world.pass('api');

    await world.pass();
    await world.run(21 * SECOND);

    const { nextAttemptTime, state } = world.identity('one', 'app') ?? {};
    expect(state).toBe('Failed');
    expect(Date.parse(nextAttemptTime ?? '') - world.clock.now()).toBeGreaterThan(5 * MINUTE - 2 * SECOND);
    expect(Date.parse(nextAttemptTime ?? '') - world.clock.now()).toBeLessThan(5 * MINUTE);
  });
});

describe('a look at an operation whose turn has not come', () => {
  it('comes when it has, and changes nothing until then', async () => {
    const world = await two({ operationMs: MINUTE });
    await world.pass();
    await world.pass('api');
    world.fault(faults.poll, tooMany('GetOperationSubscriptionMaximum', 40));
    await world.clock.advance(2 * SECOND);
    await world.pass('api');
    world.take();

    const outcome = await world.pass();
    const before = world.take();
    await world.run(outcome.requeueAfterMs!);

    expect(outcome.requeueAfterMs).toBeGreaterThan(40 * SECOND);
    expect(outcome.requeueAfterMs).toBeLessThan(41 * SECOND);
    expect(before).toEqual([]);
    expect(world.take()).toEqual(['POLL']);
    // As after any first look.
    expect(world.waitMs).toBe(5 * SECOND);
    await world.run(MINUTE);
    expect(world.ready('one')?.status).toBe('True');
  });
});
