/** Scale sets that come, go, are stuck, fail, or move: nothing is written to what is at work, and nothing torn down for what is not seen. */
import { describe, expect, it } from 'vitest';

import type { ProvisioningState } from '../../../dev/simulator/state.ts';
import { otherSubscriptionId, subscriptionId, tenantId } from '../simulator/azure.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

/** A world in which `one` has `app`, and which tells only what comes after. */
async function served(): Promise<World> {
  const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')] });
  await world.pass();
  world.take();
  return world;
}

function becomes(world: World, state: Exclude<ProvisioningState, 'Creating'>): void {
  world.control.drift(scaleSet(), { kind: 'ProvisioningState', state });
}

describe.each(['Updating', 'Deleting'] as const)('a scale set that is %s', (state) => {
  it('has nothing written to it, and says so on a binding that lacks something', async () => {
    const world = await served();
    becomes(world, state);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });

    await world.pass();
    await world.run(10 * MINUTE);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ScaleSetBusy' });
  });

  it('leaves a binding Ready that lacks nothing', async () => {
    const world = await served();
    becomes(world, state);

    await world.pass();
    await world.run(HOUR);

    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('gives nothing back until that is over', async () => {
    const world = await served();
    becomes(world, state);
    world.cluster.delete('one');
    await world.pass();
    await world.run(HOUR);
    const during = [world.takeWrites(), world.cluster.has('one'), world.ready('one')?.reason];
    becomes(world, 'Succeeded');

    await world.run(10 * MINUTE);

    expect(during).toEqual([[], true, 'ScaleSetBusy']);
    expect(world.assigned()).toEqual(['dns']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('is looked at ever more rarely while it is stuck', async () => {
    const world = await served();
    becomes(world, state);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    await world.pass();
    await world.run(HOUR);
    world.take();

    await world.run(HOUR);

    const reads = world.take().filter((line) => line === 'GET web');
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThanOrEqual(2 * 60);
  });

  it('is served as soon as it is at rest again', async () => {
    const world = await served();
    becomes(world, state);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    await world.pass();
    await world.run(HOUR);
    becomes(world, 'Succeeded');

    await world.run(5 * MINUTE);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
    expect(world.ready('one')?.status).toBe('True');
  });
});

describe('a scale set that is deleted in the end', () => {
  it('keeps its ledger and its bindings: it may come back', async () => {
    const world = await served();
    becomes(world, 'Deleting');
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Remove' });

    await world.run(HOUR);
    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ScaleSetNotFound' });
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
  });
});

describe.each(['Failed', 'Canceled'] as const)('a scale set that is %s for a reason of its own', (state) => {
  it('is Ready all the same where its identities are good', async () => {
    const world = await served();
    becomes(world, state);

    await world.pass();
    await world.run(HOUR);

    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('has attached and detached what is declared', async () => {
    const world = await served();
    becomes(world, state);
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus -app']);
    expect(world.assigned()).toEqual(['bus', 'dns']);
  });
});

describe('a scale set that was moved to another resource group', () => {
  const moved = scaleSet().replace('resourceGroups/shop', 'resourceGroups/moved');

  /** The same scale set, with the same identities, under another id. */
  async function movedAway(): Promise<World> {
    const world = await served();
    world.control.drift(scaleSet(), { kind: 'Remove' });
    const userAssigned = ['app', 'dns'].map((name) => world.control.identity(identityIds([name])[0]!.resourceId).id);
    const group = { name: 'moved', location: 'westeurope', scaleSets: [{ name: 'web', identity: { userAssigned } }] };
    world.control.seed({ subscriptions: [{ id: subscriptionId, tenant: tenantId, resourceGroups: [group] }] });
    return world;
  }

  it('is not found under its old id, and loses nothing under its new one', async () => {
    const world = await movedAway();

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('ScaleSetNotFound');
    expect(world.control.scaleSet(moved).userAssigned).toHaveLength(2);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
  });

  it('lets the binding of its old id go, and leaves what it had', async () => {
    const world = await movedAway();
    world.cluster.delete('one');

    await world.pass();
    await world.run(MINUTE);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.control.scaleSet(moved).userAssigned).toHaveLength(2);
  });

  it('has its identities served by a binding of its new id, as others’', async () => {
    const world = await movedAway();
    const anew = binding('anew');
    world.cluster.apply({ ...anew, spec: { ...anew.spec, scaleSet: { resourceId: moved } } });

    await world.reconcile(moved.toLowerCase() as ReturnType<World['key']>, new AbortController().signal);

    expect(world.ready('anew')?.status).toBe('True');
    expect(world.identity('anew', 'app')?.attachedByUs).toBe(false);
  });
});

describe('a subscription that was taken away', () => {
  it('is a matter of rights: nothing is concluded from it, released or given up', async () => {
    const world = await served();
    world.fault(faults.getScaleSet, { kind: 'status', status: 404, code: 'SubscriptionNotFound' }, { count: null });
    world.cluster.apply(binding('two', { userAssigned: ['app', 'bus'] }));
    world.cluster.delete('two');

    await world.pass();
    await world.run(HOUR);

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'AuthorizationFailed' });
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
    expect(world.cluster.binding('one').metadata.finalizers).toHaveLength(1);
  });

  it('is served again when it is back, without a write', async () => {
    const world = await served();
    world.fault(faults.getScaleSet, { kind: 'status', status: 404, code: 'SubscriptionNotFound' }, { count: null });
    await world.pass();
    world.control.clearFaults();

    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
    expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
  });

  it('of another tenant is told as a matter of how the operator is set up', async () => {
    const id = scaleSet().replace(subscriptionId, otherSubscriptionId);
    const world = new World({ bindings: [] });
    const elsewhere = binding('one');
    world.cluster.setPolicies({
      namespaces: ['*'],
      scaleSets: [`/subscriptions/${otherSubscriptionId}/**`],
      userAssigned: [`/subscriptions/${subscriptionId}/**`],
      systemAssigned: 'Deny',
      exclusive: 'Deny',
      adopt: 'Deny',
      protected: [],
    });
    world.cluster.apply({ ...elsewhere, spec: { ...elsewhere.spec, scaleSet: { resourceId: id } } });

    await world.reconcile(id.toLowerCase() as ReturnType<World['key']>, new AbortController().signal);

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperatorMisconfigured' });
    expect(world.takeWrites()).toEqual([]);
  });
});

describe('a list that does not show a scale set', () => {
  const emptyList = async (world: World): Promise<void> => {
    await world.clock.advance(SECOND);
    world.fault({ path: 'virtualMachineScaleSets$' }, { kind: 'status', status: 200, body: { value: [] } });
    await world.list();
    world.take();
  };

  it('proves nothing of it: a binding stays as it is, and the scale set is read by itself', async () => {
    const world = await served();
    await emptyList(world);

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('releases nobody: what was attached is given back like any other', async () => {
    const world = await served();
    await emptyList(world);
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -app']);
    expect(world.cluster.has('one')).toBe(false);
  });
});
