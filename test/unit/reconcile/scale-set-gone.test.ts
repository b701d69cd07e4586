import { describe, expect, it } from 'vitest';

import { scaleSet } from './objects.ts';
import { binding } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

/** A binding that is being deleted, and what Azure says of its scale set from now on. */
async function deletedWith(code: string, count: number | null = null): Promise<World> {
  const world = new World({ bindings: [binding('one')] });
  await world.pass();
  world.fault(faults.getScaleSet, { kind: 'status', status: 404, code }, { count });
  world.cluster.delete('one');
  world.take();
  return world;
}

describe('a binding that is deleted when its scale set is gone', () => {
  it.each(['ResourceNotFound', 'ResourceGroupNotFound'])('stays for the first %s', async (code) => {
    const world = await deletedWith(code);

    expect(await world.pass()).toEqual({ requeueAfterMs: 30 * SECOND });
    expect(world.cluster.has('one')).toBe(true);
  });

  it.each(['ResourceNotFound', 'ResourceGroupNotFound'])('goes with the second %s 30 seconds later', async (code) => {
    const world = await deletedWith(code);
    await world.pass();
    world.take();

    await world.run(30 * SECOND);

    expect(world.take()).toEqual(['GET web → 404', 'ledger deleted', 'finalizer off one']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('does not go for two that are closer to each other', async () => {
    const world = await deletedWith('ResourceNotFound');
    await world.pass();
    await world.clock.advance(10 * SECOND);
    world.cluster.requestPass('one');
    world.take();

    await world.pass();

    expect(world.take()[0]).toBe('GET web → 404');
    expect(world.cluster.has('one')).toBe(true);
  });

  it('does not go when the scale set was seen in between', async () => {
    const world = await deletedWith('ResourceNotFound', 1);
    await world.pass();
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'Conflict' }, { count: null });
    await world.run(30 * SECOND);
    world.fault(faults.getScaleSet, { kind: 'status', status: 404, code: 'ResourceNotFound' });

    await world.run(5 * SECOND);

    expect(world.cluster.has('one')).toBe(true);
  });

  it('never goes for SubscriptionNotFound: that is a matter of rights', async () => {
    const world = await deletedWith('SubscriptionNotFound');
    await world.pass();

    await world.run(120 * MINUTE);

    expect(world.cluster.has('one')).toBe(true);
    expect(world.ready('one')?.reason).toBe('AuthorizationFailed');
  });

  it('does not go because a write was answered 404', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.fault(faults.patch, { kind: 'status', status: 404, code: 'ResourceNotFound' });
    world.cluster.delete('one');
    await world.pass();
    world.fault(faults.getScaleSet, { kind: 'status', status: 404, code: 'ResourceNotFound' });

    await world.run(30 * SECOND);

    expect(world.cluster.has('one')).toBe(true);
  });
});

describe('a binding that is deleted when its scale set was gone, as far as was known', () => {
  it('does not go while Azure says something else', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.fault(faults.getScaleSet, { kind: 'status', status: 404, code: 'ResourceNotFound' }, { count: 2 });
    await world.pass();
    await world.run(30 * SECOND);
    world.fault(faults.getScaleSet, { kind: 'status', status: 403, code: 'AuthorizationFailed' }, { count: null });
    world.cluster.delete('one');

    await world.pass();

    expect(world.cluster.has('one')).toBe(true);
    expect(world.ready('one')?.reason).toBe('AuthorizationFailed');
  });
});

describe('a binding whose scale set is gone', () => {
  it('says so, is looked for ever more rarely, and keeps its ledger', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Remove' });

    await world.pass();
    await world.run(5 * MINUTE);

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ScaleSetNotFound' });
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
  });

  it('waits for one that is not there yet, and is bound when it appears', async () => {
    const world = new World({ bindings: [binding('one', { scaleSet: 'late' })] });
    await world.pass('late');
    const before = world.ready('one')?.reason;
    world.control.seed({
      subscriptions: [
        {
          id: '11111111-1111-4111-8111-111111111111',
          tenant: '22222222-2222-4222-8222-222222222222',
          resourceGroups: [{ name: 'shop', location: 'westeurope', scaleSets: [{ name: 'late' }] }],
        },
      ],
    });
    await world.clock.advance(31 * SECOND);

    await world.pass('late');

    expect(before).toBe('ScaleSetNotFound');
    expect(world.ready('one')?.status).toBe('True');
  });
});
