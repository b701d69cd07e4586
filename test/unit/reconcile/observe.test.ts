import { describe, expect, it } from 'vitest';

import { identity, lowerGroupIdentity } from '../simulator/azure.ts';
import { binding, type BindingOptions, identityIds, policy, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, World, type WorldParts } from './world.ts';

const FORBIDDEN = { kind: 'status', status: 403, code: 'AuthorizationFailed' } as const;
const LOCKED = { kind: 'status', status: 409, code: 'ScopeLocked' } as const;

function observing(name: string, options: BindingOptions = {}) {
  return binding(name, { managementPolicy: 'Observe', ...options });
}

/** One binding, `one`, that observes; others attached `bus`. */
function observed(options: BindingOptions = {}, parts: WorldParts = {}): World {
  return new World({
    web: { identity: { userAssigned: ['bus'] } },
    bindings: [observing('one', options)],
    ...parts,
  });
}

function planOf(world: World, name = 'one') {
  return world.cluster.binding(name).status.plan;
}

const named = (ids: readonly string[] = []): readonly string[] => ids.map((id) => id.split('/').at(-1)!);

describe('a binding that observes', () => {
  it('has nothing written to Azure, and no ledger and no finalizer', async () => {
    const world = observed({ userAssigned: ['app', 'bus'] });

    await world.pass();

    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual(['status one: True WouldChange 1/2']);
    expect(world.cluster.ledgerOf(world.key())).toBe(undefined);
    expect(world.cluster.binding('one').metadata).not.toHaveProperty('finalizers');
  });

  it('says what would be done, and how', async () => {
    const world = observed();

    await world.pass();

    expect(planOf(world)).toEqual({
      type: 'UserAssigned',
      attach: [identity('app')],
      detach: [],
      warnings: [expect.stringContaining('gets the only user-assigned identity now')],
      request: JSON.stringify({
        identity: { type: 'UserAssigned', userAssignedIdentities: { [identity('app')]: {} } },
      }),
    });
    expect(world.cluster.binding('one').status).toMatchObject({
      scaleSet: { name: 'web' },
      systemAssigned: { state: 'Disabled' },
      foreignCount: 1,
    });
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Pending', attachedByUs: false });
  });

  it('costs at rest what any binding does, and has its status written once', async () => {
    const policies = [policy({ exclusive: 'Allow' })];
    const web = { identity: { userAssigned: ['bus', 'cdn'] } };
    const world = observed({ userAssigned: ['app', 'bus'], mode: 'Exclusive' }, { web, policies });
    await world.pass();
    world.take();
    for (let interval = 0; interval < 3; interval += 1) {
      await world.clock.advance(10 * MINUTE);
      await world.list();
      expect(await world.pass()).toEqual({});
    }

    expect(world.take()).toEqual(['LIST', 'LIST', 'LIST']);
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Recase', to: 'upper' });
    await world.pass();
    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  it('is in sync when someone else does what the plan says', async () => {
    const world = observed({ userAssigned: ['app', 'bus'] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'InSync' });
    expect(planOf(world)).toMatchObject({ attach: [], detach: [], warnings: [] });
    expect(planOf(world)).not.toHaveProperty('request');
  });

  it('carries on when it is switched to Manage', async () => {
    const world = observed();
    await world.pass();
    world.cluster.edit('one', { managementPolicy: 'Manage' });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.cluster.binding('one').metadata.finalizers).toHaveLength(1);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
    expect(planOf(world)).toBe(undefined);
  });

  it('does what its plan said when it is switched to Manage', async () => {
    const world = observed({ userAssigned: ['app'], systemAssigned: 'Enabled' });
    await world.pass();
    const { request } = planOf(world)!;
    const bodies: unknown[] = [];
    const managed = observed(
      { userAssigned: ['app'], systemAssigned: 'Enabled', managementPolicy: 'Manage' },
      { overheard: ({ method, body }) => method === 'PATCH' && bodies.push(body) },
    );
    await managed.pass();

    expect(bodies).toEqual([request]);
  });

  it('says that the scale set is not there', async () => {
    const world = observed();
    world.fault(faults.getScaleSet, { kind: 'status', status: 404, code: 'ResourceNotFound' }, { count: null });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ScaleSetNotFound' });
  });

  it('says that the operator may not read the scale set, and what it knew before', async () => {
    const world = observed();
    await world.pass();
    const before = planOf(world);
    world.fault(faults.getScaleSet, FORBIDDEN, { count: null });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'AuthorizationFailed' });
    expect(planOf(world)).toEqual(before);
  });

  it('is as Ready as before while someone else changes the scale set, however long', async () => {
    const world = observed({ userAssigned: ['app', 'bus'] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    world.take();

    for (let look = 0; look < 5; look += 1) await world.pass();

    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  it('is told that an identity does not exist as soon as the lists of identities tell', async () => {
    const world = observed({ userAssigned: ['gone', 'bus'] });
    await world.pass();
    expect(planOf(world)?.attach).toHaveLength(1);
    await world.listIdentities();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'status one: False IdentityMissing 1/2']);
    expect(planOf(world)?.attach).toEqual([]);
    world.control.createIdentity(identity('gone'));
    await world.listIdentities();
    await world.pass();
    expect(world.ready('one')).toMatchObject({ reason: 'WouldChange' });
  });

  it('is told that an identity is the operator’s own', async () => {
    const { principalId } = observed().control.identity(identity('app'));
    const world = observed({}, { principal: { objectId: principalId } });
    await world.pass();
    await world.listIdentities();
    await world.pass();

    expect(world.identity('one', 'app')).toMatchObject({ state: 'NotPermitted' });
    expect(planOf(world)?.attach).toEqual([]);
  });

  it('says what mode: Exclusive would detach, for as long as it takes, and detaches nothing', async () => {
    const world = observed({ mode: 'Exclusive' }, { policies: [policy({ exclusive: 'Allow' })] });

    await world.pass();
    await world.run(HOUR);

    expect(planOf(world)?.detach).toEqual([lowerGroupIdentity('bus')]);
    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())).toBe(undefined);
  });

  it('keeps its place in a new process', async () => {
    const world = observed();
    await world.pass();
    world.restart();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });
});

describe('a binding that is switched to Observe', () => {
  async function switched(change: Partial<BindingOptions> = {}): Promise<World> {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'], ...change })] });
    await world.pass();
    world.cluster.edit('one', { managementPolicy: 'Observe' });
    await world.pass();
    world.take();
    return world;
  }

  it('keeps what was attached for it, and its entries', async () => {
    const world = await switched();

    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'InSync' });
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(2);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('has no drift repaired', async () => {
    const world = await switched();
    world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(planOf(world)?.attach).toEqual([identity('app')]);
  });

  it('keeps what it no longer declares, says that it would go, and has it detached when it is Manage again', async () => {
    const world = await switched();
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });
    await world.pass();
    await world.clock.advance(MINUTE);
    await world.list();
    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(named(planOf(world)?.detach)).toEqual(['app']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned' });
    world.cluster.edit('one', { managementPolicy: 'Manage' });
    await world.pass();
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -app']);
  });

  it('leaves everything as it is when it is deleted', async () => {
    const world = await switched();
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBe(undefined);
    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('has nothing more sent of what was not through', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, LOCKED, { count: null });
    await world.pass();
    world.cluster.edit('one', { managementPolicy: 'Observe' });
    world.take();

    await world.clock.advance(MINUTE);
    await world.pass();
    await world.run(2 * HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'WouldChange' });
  });

  it('is not told for ever of what an attempt of long ago found', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['gone', 'app'] })] });
    await world.pass();
    expect(world.identity('one', 'gone')).toMatchObject({ state: 'Missing' });
    world.cluster.edit('one', { managementPolicy: 'Observe' });
    await world.pass();
    world.control.createIdentity(identity('gone'));
    await world.listIdentities();

    await world.clock.advance(10 * MINUTE);
    await world.pass();

    expect(world.identity('one', 'gone')).toMatchObject({ state: 'Pending' });
    expect(named(planOf(world)?.attach)).toEqual(['gone']);
  });
});

describe('a binding that observes beside others', () => {
  it('holds what it declares when the one it was attached for goes', async () => {
    const world = new World({ bindings: [binding('one'), observing('two')] });
    await world.pass();
    expect(world.ready('two')).toMatchObject({ reason: 'InSync' });
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual(['app']);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries[0]?.for).toMatchObject([{ name: 'two' }]);
  });

  it('holds what it declares against mode: Exclusive', async () => {
    const world = new World({
      policies: [policy({ exclusive: 'Allow' })],
      web: { identity: { userAssigned: ['bus', 'cdn'] } },
      bindings: [binding('one', { mode: 'Exclusive' }), observing('two', { userAssigned: ['bus'] })],
    });
    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('says nothing of what is done for them', async () => {
    const world = new World({ bindings: [binding('one'), observing('two', { userAssigned: ['bus'] })] });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(named(planOf(world, 'two')?.attach)).toEqual(['bus']);
    expect(world.ready('one')).toMatchObject({ reason: 'Assigned' });
  });

  it('is not held up by theirs that Azure refuses', async () => {
    const world = new World({ bindings: [binding('one'), observing('two', { userAssigned: ['bus'] })] });
    world.fault(faults.patch, LOCKED, { count: null });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ reason: 'BlockedByAdministrator' });
    expect(world.ready('two')).toMatchObject({ status: 'True', reason: 'WouldChange' });
    expect(named(planOf(world, 'two')?.attach)).toEqual(['bus']);
  });

  it('keeps its plan while Azure works for them', async () => {
    const world = new World({
      operationMs: MINUTE,
      bindings: [binding('one'), observing('two', { userAssigned: ['bus'] })],
    });
    await world.pass();
    const before = world.cluster.binding('two').status;

    await world.run(30_000);

    expect(before.plan?.attach).toEqual([identity('bus')]);
    expect(world.cluster.binding('two').status).toEqual(before);
  });

  it('knows nothing of another namespace’s, nor they of its', async () => {
    const world = new World({
      policies: [policy({ exclusive: 'Allow' })],
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [
        observing('mine', { userAssigned: ['app'], mode: 'Exclusive' }),
        binding('theirs', { namespace: 'other', userAssigned: ['bus'] }),
        observing('also', { namespace: 'other', userAssigned: ['cdn'] }),
      ],
    });
    await world.pass();
    await world.pass();

    const [mine, theirs, also] = ['mine', 'theirs', 'also'].map((name) => JSON.stringify(world.cluster.binding(name)));
    for (const name of ['bus', 'cdn']) expect(mine).not.toContain(`/${name}`);
    for (const name of ['app', 'dns']) expect(`${theirs!}${also!}`).not.toContain(`/${name}`);
    expect(named(planOf(world, 'mine')?.detach)).toEqual(['dns']);
  });
});
