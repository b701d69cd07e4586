import { describe, expect, it } from 'vitest';

import { identity, lowerGroupIdentity } from '../simulator/azure.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { MINUTE, SECOND, World, type WorldParts } from './world.ts';

const EXCLUSIVE = policy({ exclusive: 'Allow' });

/** A scale set on which others attached `bus` and `cdn`. */
function crowded(parts: WorldParts = {}): World {
  return new World({
    policies: [EXCLUSIVE],
    web: { identity: { userAssigned: ['bus', 'cdn'] } },
    bindings: [binding('one', { mode: 'Exclusive' })],
    ...parts,
  });
}

describe('mode: Exclusive', () => {
  it('attaches at once what is declared, and announces what it will take away', async () => {
    const world = crowded();

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus', 'cdn']);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ExclusiveWaiting' });
    expect(world.cluster.binding('one').status.plan?.detach).toEqual(['bus', 'cdn'].map(lowerGroupIdentity));
    expect(world.cluster.ledgerOf(world.key())?.spec.exclusive?.detach).toEqual(['bus', 'cdn'].map(lowerGroupIdentity));
  });

  it('detaches it when the list has stood for the delay, by itself', async () => {
    const world = crowded();
    await world.pass();
    world.take();

    await world.run(59 * SECOND);
    expect(world.assigned()).toEqual(['app', 'bus', 'cdn']);
    await world.run(2 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -bus -cdn']);
    expect(world.assigned()).toEqual(['app']);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
    expect(world.cluster.binding('one').status.plan).toBe(undefined);
    expect(world.cluster.ledgerOf(world.key())?.spec.exclusive).toBe(undefined);
  });

  it.each(['by the same process', 'by one that was restarted meanwhile'])(
    'is not Ready before Azure has ended what takes it away, as told %s',
    async (by) => {
      const world = crowded({ web: { identity: { userAssigned: ['app', 'bus', 'cdn'] } }, operationMs: MINUTE });
      await world.pass();
      await world.run(61 * SECOND);
      expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -bus -cdn']);
      if (by !== 'by the same process') world.restart();

      await world.run(50 * SECOND);
      expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'Detaching' });
      await world.run(30 * SECOND);

      expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
    },
  );

  it('spares what is declared meanwhile, and waits anew for the rest', async () => {
    const world = crowded();
    await world.pass();
    await world.run(50 * SECOND);
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();
    await world.run(50 * SECOND);
    expect(world.assigned()).toEqual(['app', 'bus', 'cdn']);
    await world.run(15 * SECOND);

    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('waits anew when another identity appears', async () => {
    const world = crowded();
    await world.pass();
    await world.run(50 * SECOND);
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('dns')] });

    await world.pass();
    await world.run(50 * SECOND);

    expect(world.assigned()).toEqual(['app', 'bus', 'cdn', 'dns']);
  });

  it('takes a wait up where it was, after a restart', async () => {
    const world = crowded();
    await world.pass();
    await world.run(50 * SECOND);
    world.restart();

    await world.pass();
    await world.run(11 * SECOND);

    expect(world.assigned()).toEqual(['app']);
  });

  it('does not take it up after a policy was gone meanwhile', async () => {
    const world = crowded();
    await world.pass();
    world.cluster.setPolicies(policy());
    await world.pass();
    expect(world.ready('one')?.reason).toBe('NotPermitted');
    await world.run(10 * MINUTE);
    world.cluster.setPolicies(EXCLUSIVE);

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus', 'cdn']);
    expect(world.ready('one')?.reason).toBe('ExclusiveWaiting');
  });

  it('takes nothing of a scale set that AKS manages', async () => {
    const world = crowded({
      web: { tags: { 'aks-managed-poolName': 'p' }, identity: { userAssigned: ['bus'] } },
    });

    await world.pass();
    await world.run(10 * MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ExclusiveOnManagedScaleSet' });
  });

  it('spares what a policy protects, whomever the policy is for', async () => {
    const keeping = policy({ namespaces: ['elsewhere'], protected: [identity('bus')] });
    const world = crowded({ policies: [EXCLUSIVE, keeping] });

    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('spares what a suspended binding declares', async () => {
    const world = crowded({
      bindings: [
        binding('one', { mode: 'Exclusive' }),
        binding('two', { userAssigned: ['bus'], namespace: 'other', suspend: true }),
      ],
    });

    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('takes everything away where nothing is declared, and leaves the system-assigned identity', async () => {
    const world = crowded({
      web: { identity: { systemAssigned: true, userAssigned: ['bus'] } },
      bindings: [binding('one', { mode: 'Exclusive', userAssigned: [] })],
    });

    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.assigned()).toEqual([]);
    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.ledgerOf(world.key())).toBe(undefined);
  });

  it('writes nothing more once it is done', async () => {
    const world = crowded();
    await world.pass();
    await world.run(2 * MINUTE);
    world.take();

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web']);
  });

  it('is no hot loop where Azure does not let go of a dead foreign identity', async () => {
    const world = crowded({ settings: { missingIdentity: 'FailedIdentityOperation' } });
    await world.pass();
    world.fault(
      { method: 'PATCH' },
      {
        kind: 'status',
        status: 400,
        code: 'FailedIdentityOperation',
        message: `Resource '${identity('bus')}' was not found.`,
      },
      { count: 1000 },
    );
    world.control.deleteIdentity(identity('bus'));
    world.take();

    await world.run(10 * MINUTE);

    expect(world.takeWrites().length).toBeLessThanOrEqual(3);
    expect(world.ready('one')?.status).toBe('False');
  });
});

describe('adopt', () => {
  const ADOPT = policy({ adopt: 'Allow' });
  const taking = (parts: WorldParts = {}): World =>
    crowded({ policies: [ADOPT], bindings: [binding('one', { userAssigned: ['bus'], adopt: true })], ...parts });

  it('makes what others attached ours by a ledger write alone', async () => {
    const world = taking();

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'finalizer on one',
      'ledger: Attached bus for one',
      'status one: True Assigned 1/1',
    ]);
    expect(world.identity('one', 'bus')?.attachedByUs).toBe(true);
  });

  it('has it taken back with the binding', async () => {
    const world = taking();
    await world.pass();
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual(['cdn']);
  });

  it('acts as false where no policy allows it, and says so', async () => {
    const world = taking({ policies: [policy()] });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'NotPermitted' });
    expect(world.identity('one', 'bus')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    world.cluster.delete('one');
    await world.pass();
    expect(world.assigned()).toEqual(['bus', 'cdn']);
  });

  it('takes nothing over that a policy protects', async () => {
    const world = taking({ policies: [policy({ adopt: 'Allow', protected: [identity('bus')] })] });

    await world.pass();

    expect(world.identity('one', 'bus')).toMatchObject({ state: 'Assigned', attachedByUs: false });
  });
});
