import { describe, expect, it } from 'vitest';

import { clientId, identity } from '../simulator/azure.ts';
import { binding, identityIds } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

function refuseAssigning(world: World, ...names: readonly string[]): void {
  const denials = names.map((name) => ({ scope: identity(name), actions: [ASSIGN] }));
  world.control.setRights(clientId, { denials });
}

/** What Azure says of the operator's rights on the identities. */
function permissions(world: World, ...actions: readonly string[]): void {
  world.control.clearFaults();
  const body = { value: [{ actions, notActions: [], dataActions: [], notDataActions: [] }] };
  world.fault(faults.permissions, { kind: 'status', status: 200, body }, { count: null });
}

/** `bus` may not be assigned. */
async function refused(): Promise<World> {
  const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
  refuseAssigning(world, 'bus');
  permissions(world, '*/read');
  await world.pass();
  world.take();
  return world;
}

describe('an identity that the operator may not assign', () => {
  it('costs no write while its permissions do not allow it', async () => {
    const world = await refused();

    await world.run(5 * MINUTE);

    expect(world.take()).toEqual([
      'GET web',
      'GET bus',
      'GET permissions on bus',
      'status one: False IdentityRefused 1/2',
    ]);
    expect(world.identity('one', 'bus')).toMatchObject({
      state: 'NotAuthorised',
      nextAttemptTime: '2026-05-07T07:47:41.000Z',
    });
  });

  it('is looked at after 5, 10, 20, 40 and then every 60 minutes', async () => {
    const world = await refused();
    const times: number[] = [];
    for (let minute = 1; minute <= 200; minute += 1) {
      await world.run(MINUTE);
      if (world.take().includes('GET bus')) times.push(minute);
    }

    expect(times).toEqual([5, 15, 35, 75, 135, 195]);
  });

  it('is written again as soon as its permissions allow it', async () => {
    const world = await refused();
    permissions(world, 'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action');
    refuseAssigning(world);

    await world.run(5 * MINUTE);

    expect(world.take()).toEqual([
      'GET web',
      'GET bus',
      'GET permissions on bus',
      'ledger: Attached app for one; Attaching bus for one; operation',
      'PATCH web UserAssigned +bus',
      'ledger: Attached app for one; Attached bus for one',
      'status one: True Assigned 2/2',
    ]);
  });

  it('is written once a step when its permissions may not be read', async () => {
    const world = await refused();
    world.control.clearFaults();
    world.fault(faults.permissions, { kind: 'status', status: 403, code: 'AuthorizationFailed' }, { count: null });

    await world.run(16 * MINUTE);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus → 403', 'PATCH web UserAssigned +bus → 403']);
  });

  it('is Missing, without a write, when it has gone in the meantime', async () => {
    const world = await refused();
    world.control.deleteIdentity(identity('bus'));

    await world.run(5 * MINUTE);

    expect(world.takeWrites()).toEqual([]);
    expect(world.identity('one', 'bus')).toMatchObject({ state: 'Missing', reason: 'IdentityMissing' });
  });

  it('holds up no other identity of the same binding', async () => {
    const world = await refused();
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus', 'cdn']) });

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'cdn']);
  });

  it('has the time of its next attempt written with each attempt, and never between', async () => {
    const world = await refused();
    const times: string[] = [];
    const writes: string[] = [];
    for (let minute = 0; minute < 16; minute += 1) {
      // Any event brings a pass.
      await world.pass();
      await world.run(MINUTE);
      writes.push(...world.take().filter((line) => line.startsWith('status')));
      times.push(world.identity('one', 'bus')!.nextAttemptTime!);
    }

    expect(writes).toHaveLength(2);
    expect(new Set(times).size).toBe(3);
  });

  it('has a wait of its own', async () => {
    const world = await refused();
    await world.run(2 * MINUTE);
    refuseAssigning(world, 'bus', 'cdn');
    world.cluster.apply(binding('two', { userAssigned: ['cdn'] }));

    await world.pass();

    expect(world.identity('one', 'bus')?.nextAttemptTime).toBe('2026-05-07T07:37:41.000Z');
    expect(world.identity('two', 'cdn')?.nextAttemptTime).toBe('2026-05-07T07:39:41.000Z');
  });

  it('is forgotten when nobody declares it any more', async () => {
    const world = await refused();
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });

    await world.pass();

    expect(await world.pass()).toEqual({});
    expect(world.ready('one')?.status).toBe('True');
  });
});

describe('a refused identity that is declared again', () => {
  it('is sent at once: nothing is remembered of one that nobody declared in between', async () => {
    const world = await refused();
    permissions(world, '*');
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    await world.pass();
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });
    await world.pass();
    refuseAssigning(world);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
  });
});

describe('an identity that does not exist', () => {
  async function missing(): Promise<World> {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'nobody'] })] });
    await world.pass();
    return world;
  }

  it('costs no write at all, and no claim in the ledger', async () => {
    const world = await missing();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'GET app',
      'GET nobody → 404',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: False IdentityMissing 1/2',
    ]);
    expect(world.identity('one', 'nobody')).toMatchObject({ state: 'Missing', reason: 'IdentityMissing' });
  });

  it('is looked for after 30 seconds, doubling to an hour', async () => {
    const world = await missing();
    world.take();
    const seconds: number[] = [];
    for (let second = 30; second <= 4 * 3600; second += 30) {
      await world.run(30 * SECOND);
      if (world.take().includes('GET nobody → 404')) seconds.push(second);
    }

    expect(seconds).toEqual([30, 90, 210, 450, 930, 1890, 3810, 7410, 11_010]);
  });

  it('is attached when it is found', async () => {
    const world = await missing();
    world.control.createIdentity(identity('nobody'));
    world.take();

    await world.run(30 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +nobody']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('costs at most three writes in ten minutes of unrelated events', async () => {
    const world = await missing();
    for (let minute = 0; minute < 10; minute += 1) {
      world.cluster.apply(binding(`event-${String(minute)}`));
      await world.pass();
      await world.run(MINUTE);
    }

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
  });
});

describe('a change of the spec', () => {
  it('ends the wait of an identity that the binding declares', async () => {
    const world = await refused();
    refuseAssigning(world);
    permissions(world, '*');
    world.cluster.edit('one', { deletionPolicy: 'Retain' });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
  });

  it('begins its back-off anew', async () => {
    const world = await refused();
    await world.run(20 * MINUTE);
    permissions(world, '*/read');
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    const before = world.clock.now();

    await world.pass();

    expect(Date.parse(world.identity('one', 'bus')!.nextAttemptTime!) - before).toBe(5 * MINUTE);
  });

  it('ends it at most once a minute, and then at once', async () => {
    const world = await refused();
    permissions(world, '*');
    const attempts: number[] = [];
    for (let second = 0; second < 150; second += 5) {
      world.cluster.edit('one', { deletionPolicy: second % 10 === 0 ? 'Retain' : 'Detach' });
      await world.pass();
      if (world.takeWrites().length > 0) attempts.push(second);
      await world.run(5 * SECOND);
      if (world.takeWrites().length > 0) attempts.push(second + 5);
    }

    expect(attempts).toEqual([0, 60, 120]);
  });

  it('that comes too soon after another counts when the minute is over', async () => {
    const world = await refused();
    permissions(world, '*');
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    await world.pass();
    await world.run(10 * SECOND);
    world.cluster.edit('one', { deletionPolicy: 'Detach' });
    await world.pass();
    refuseAssigning(world);
    world.take();

    await world.run(50 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
  });

  it('of a binding that does not declare the identity ends nothing', async () => {
    const world = await refused();
    permissions(world, '*');
    world.cluster.apply(binding('two', { userAssigned: ['cdn'] }));
    await world.pass();
    world.take();
    world.cluster.edit('two', { deletionPolicy: 'Retain' });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
  });

  it('is what a request to look again counts as', async () => {
    const world = await refused();
    refuseAssigning(world);
    permissions(world, '*');
    world.cluster.requestPass('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
  });
});

describe('a refused identity that is due', () => {
  it('does not make the pass come again and again while someone else is at work', async () => {
    const world = await refused();
    refuseAssigning(world);
    permissions(world, '*');
    await world.run(4 * MINUTE);
    world.control.drift(binding('_').spec.scaleSet.resourceId, { kind: 'ProvisioningState', state: 'Updating' });
    world.take();

    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('ScaleSetBusy');
  });
});
