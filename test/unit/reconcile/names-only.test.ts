import { beforeEach, describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { shape } from './shape.ts';
import { faults, HOUR, MINUTE, SECOND, World, type WorldParts } from './world.ts';

beforeEach(() => {
  shape.apiVersion = ARRAY_API_VERSION;
});

/** A scale set to which others have attached what the binding declares. */
const theirs = (): World => new World({ web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] });
const FORBIDDEN = { kind: 'status', status: 403, code: 'AuthorizationFailed' } as const;
const UNAVAILABLE = { kind: 'status', status: 503 } as const;
const FAILURE = { kind: 'Fail', code: 'InternalExecutionError', message: 'no' } as const;

describe('an identity that a scale set names', () => {
  it('is Assigned, with its ids, when it exists', async () => {
    const world = theirs();

    await world.pass();

    const { principalId, clientId } = world.control.identity(identity('app'));
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', principalId, clientId });
    expect(world.take()).toEqual(['GET web', 'GET app', 'status one: True Assigned 1/1']);
  });

  it('is read again after five minutes at the soonest', async () => {
    const world = theirs();
    await world.pass();
    world.take();
    for (let minute = 0; minute < 5; minute += 1) {
      await world.pass();
      await world.clock.advance(MINUTE);
    }
    const before = world.take();

    await world.pass();

    expect(new Set(before)).toEqual(new Set(['GET web']));
    expect(world.take()).toEqual(['GET web', 'GET app']);
  });

  it('costs no read of the scale set where a list has shown it', async () => {
    const world = theirs();
    await world.pass();
    await world.clock.advance(10 * MINUTE);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET app']);
  });

  it('is Missing when it is gone, and looked for more and more rarely', async () => {
    const world = theirs();
    world.control.deleteIdentity(identity('app'));

    await world.pass();
    const shown = world.identity('one', 'app');
    world.take();
    await world.run(HOUR);

    expect(shown).toMatchObject({ state: 'Missing', reason: 'IdentityMissing' });
    expect(world.take().filter((line) => line === 'GET app').length).toBeLessThanOrEqual(7);
    expect(world.takeWrites()).toEqual([]);
  });

  it('is Stale when it comes back under its name', async () => {
    const world = theirs();
    world.control.deleteIdentity(identity('app'));
    await world.pass();
    world.control.createIdentity(identity('app'));

    await world.run(MINUTE);

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Stale', reason: 'StaleIdentity' });
  });

  it('is Assigned again once it was off the scale set in between', async () => {
    const world = theirs();
    world.control.deleteIdentity(identity('app'));
    await world.pass();
    world.control.createIdentity(identity('app'));
    world.control.drift(scaleSet(), { kind: 'Strip' });

    await world.pass();
    await world.run(HOUR);

    expect(world.ready('one')?.status).toBe('True');
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('is Pending while nobody knows whether it exists, and looked at again after 30 seconds', async () => {
    const world = theirs();
    world.fault(faults.getIdentity('app'), UNAVAILABLE);

    const { requeueAfterMs } = await world.pass();
    const shown = [world.identity('one', 'app')?.state, world.ready('one')?.reason];
    await world.run(30 * SECOND);

    expect(requeueAfterMs).toBe(30 * SECOND);
    expect(shown).toEqual(['Pending', 'Assigning']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('stays as it is shown, with its ids, while it cannot be read for a moment', async () => {
    const world = theirs();
    await world.pass();
    await world.clock.advance(10 * MINUTE);
    world.fault(faults.getIdentity('app'), UNAVAILABLE);
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET app → 503']);
    expect(world.ready('one')?.status).toBe('True');
    expect(world.identity('one', 'app')?.clientId).toBe(world.control.identity(identity('app')).clientId);
  });

  it('is Failed, with what to do, when the operator may not read it', async () => {
    const world = theirs();
    world.fault(faults.getIdentity('app'), FORBIDDEN, { count: null });

    expect(await world.pass()).toEqual({});
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'IdentityRefused' });
    expect(world.ready('one')?.message).toContain('may not read the identity');
  });

  it('stays Assigned, with its ids, while others have an operation under way', async () => {
    const world = theirs();
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    world.cluster.requestPass('one');

    await world.pass();

    expect(world.identity('one', 'app')).toMatchObject({
      state: 'Assigned',
      clientId: world.control.identity(identity('app')).clientId,
    });
  });

  it('is not shown to work before the operation that attaches it is over', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: 5 * SECOND });

    await world.pass();
    await world.run(2 * SECOND);
    const during = world.identity('one', 'app')?.state;
    await world.run(10 * SECOND);

    expect(during).toBe('Pending');
    expect(world.identity('one', 'app')?.state).toBe('Assigned');
  });
});

describe('an operation that fails in the array shape', () => {
  it('has the list sent again after five minutes, then ten', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome(FAILURE, { count: 2 });
    await world.pass();
    await world.run(2 * SECOND);
    const shown = world.identity('one', 'app');
    world.take();

    await world.run(5 * MINUTE - 3 * SECOND);
    const early = world.takeWrites();
    await world.run(6 * SECOND);
    const second = world.takeWrites();
    await world.run(11 * MINUTE);

    expect(shown).toMatchObject({ state: 'Failed', reason: 'OperationFailed' });
    expect([early, second]).toEqual([[], ['PATCH web UserAssigned']]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned']);
    expect(world.ready('one')?.status).toBe('True');
    expect(world.cluster.ledgerOf(world.key())?.spec).not.toHaveProperty('operation');
  });

  it('is mended by any later write, for that carries the whole list', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome(FAILURE);
    await world.pass();
    await world.run(2 * SECOND);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });

    await world.pass();
    await world.run(3 * SECOND);

    expect(world.identity('one', 'app')?.state).toBe('Assigned');
    expect(world.ready('one')?.status).toBe('True');
  });

  it('says nothing of what was there before', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one', { userAssigned: ['app', 'dns'] })],
      operationMs: SECOND,
    });
    world.control.planOutcome(FAILURE);

    await world.pass();
    await world.run(2 * SECOND);

    expect(world.identity('one', 'dns')?.state).toBe('Assigned');
    expect(world.identity('one', 'app')?.state).toBe('Failed');
  });
});

describe('what is to be detached from a scale set that shows names only', () => {
  it('waits until it is known not to be the operator’s own', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await world.clock.advance(HOUR);
    world.cluster.edit('one', { userAssigned: [] });
    world.fault(faults.getIdentity('app'), UNAVAILABLE);
    world.take();

    const { requeueAfterMs } = await world.pass();
    const held = world.takeWrites();
    await world.run(30 * SECOND);

    expect(requeueAfterMs).toBe(30 * SECOND);
    expect(held).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web None']);
  });

  it('goes also when it is gone itself', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.deleteIdentity(identity('app'));
    await world.clock.advance(HOUR);
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
  });
});

describe('mode: Exclusive on a scale set that shows names only', () => {
  const crowded = (parts: WorldParts = {}): World =>
    new World({
      policies: [policy({ exclusive: 'Allow' })],
      web: { identity: { userAssigned: ['bus', 'cdn'] } },
      bindings: [binding('one', { mode: 'Exclusive' })],
      ...parts,
    });

  it('never announces or detaches the operator’s own identity', async () => {
    const { principalId } = crowded().control.identity(identity('bus'));
    const world = crowded({ principal: { objectId: principalId } });

    await world.pass();
    const announced = world.cluster.binding('one').status.plan?.detach;
    await world.run(2 * MINUTE);
    world.take();
    for (let interval = 0; interval < 3; interval += 1) {
      await world.clock.advance(10 * MINUTE);
      await world.pass();
    }

    expect(announced).toEqual([expect.stringMatching(/\/cdn$/)]);
    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('detaches nothing that may be the operator’s own for all it can read, and asks rarely', async () => {
    const world = crowded();
    world.fault(faults.getIdentity('cdn'), FORBIDDEN, { count: null });

    await world.pass();
    await world.run(2 * MINUTE);
    const gone = world.assigned();
    world.take();
    await world.run(HOUR);

    expect(gone).toEqual(['app', 'cdn']);
    expect(world.take().filter((line) => line.startsWith('GET cdn')).length).toBeLessThanOrEqual(7);
    expect(world.takeWrites()).toEqual([]);
  });

  it('does not put back what it would take away', async () => {
    const world = crowded({ web: { identity: { userAssigned: ['cdn'] } } });
    world.journal.before('PATCH', () => {
      world.journal.before('GET web', () => {
        world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('cdn')] });
      });
    });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.assigned()).toEqual(['app']);
  });
});

describe('a read that shows no identity in the array shape', () => {
  it('is doubted again after something was seen there', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('dns')] });
    await world.pass();
    world.fault(faults.getScaleSet, { kind: 'withoutIdentity' });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web']);
    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('is not believed where it comes right before the write', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    world.fault(faults.getScaleSet, { kind: 'withoutIdentity' }, { nth: 2 });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('is not believed where it comes right after the write', async () => {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
    world.fault(faults.getScaleSet, { kind: 'withoutIdentity' }, { nth: 3 });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.lostInRace).toBe(0);
  });
});
