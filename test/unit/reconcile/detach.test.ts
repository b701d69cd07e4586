import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { MINUTE, World } from './world.ts';

/** A world in which `app` was attached for the binding `one`, and `two` if it is there. */
async function attached(...others: readonly ReturnType<typeof binding>[]): Promise<World> {
  const world = new World({ bindings: [binding('one'), ...others] });
  await world.pass();
  world.take();
  return world;
}

describe('an identity that is taken out of the list', () => {
  it('is detached after the ledger says so, and let go when Azure has shown it gone', async () => {
    const world = await attached();
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'ledger: Detaching app for one; operation',
      'PATCH web None',
      'ledger deleted',
      'finalizer off one',
      'status one: True Assigned 0/0',
    ]);
    expect(world.assigned()).toEqual([]);
  });

  it('is named as Azure spells it', async () => {
    const world = await attached(binding('two', { userAssigned: ['bus'] }));
    world.control.drift(scaleSet(), { kind: 'Recase', to: 'upper' });
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -APP']);
    expect(world.assigned()).toEqual(['BUS']);
  });

  it('stays where another binding declares it', async () => {
    const world = await attached(binding('two'));
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.take()).toEqual([
      'ledger: Attached app for two',
      'finalizer off one',
      'GET web',
      'status one: True Assigned 0/0',
    ]);
  });

  it('stays where a suspended binding declares it', async () => {
    const world = await attached(binding('two'));
    world.cluster.edit('two', { suspend: true });
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('does not stay for a binding that may not have it', async () => {
    const world = await attached();
    world.cluster.apply(binding('two', { namespace: 'other' }));
    world.cluster.setPolicies(policy({ namespaces: ['shop'] }));
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None']);
  });

  it('stays, with an event, when a policy protects it', async () => {
    const world = await attached();
    world.cluster.setPolicies(policy(), policy({ namespaces: ['platform'], protected: [identity('a*')] }));
    world.cluster.edit('one', { userAssigned: [] });
    world.cluster.takeEvents();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger deleted', 'finalizer off one', 'status one: True Assigned 0/0']);
    expect(world.assigned()).toEqual(['app']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning Protected one: /));
  });

  it('is not detached when someone else attached it', async () => {
    const world = new World({ web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] });
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
  });

  it('is detached in the same request that attaches its successor', async () => {
    const world = await attached();
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus -app']);
    expect(world.assigned()).toEqual(['bus']);
  });

  it('that is put back before it was detached is kept without a write', async () => {
    const world = await attached();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });

    await world.run(2 * MINUTE);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is let go without a write when someone else has detached it already', async () => {
    const world = await attached();
    world.control.drift(scaleSet(), { kind: 'Strip' });
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'ledger deleted',
      'finalizer off one',
      'status one: True Assigned 0/0',
    ]);
  });

  it('is let go only when the scale set is at rest', async () => {
    const world = await attached();
    world.control.drift(scaleSet(), { kind: 'Strip' });
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    const before = world.take();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });

    await world.run(MINUTE);

    expect(before).not.toContain('ledger deleted');
    expect(world.take()).toContain('ledger deleted');
  });
});
