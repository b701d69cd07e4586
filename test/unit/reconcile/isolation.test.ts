import { describe, expect, it } from 'vitest';

import { binding, scaleSet } from './objects.ts';
import { faults, World } from './world.ts';

describe('a write that Kubernetes refuses', () => {
  it.each([
    ['a finalizer that the server is too busy for', 'addFinalizer', 'unavailable'],
    ['a ledger that changed meanwhile', 'saveLedger', 'conflict'],
    ['a ledger that someone else created', 'saveLedger', 'alreadyExists'],
  ] as const)('for %s ends the pass before anything is asked of Azure', async (_what, write, kind) => {
    const world = new World({ bindings: [binding('one')] });
    world.cluster.failNext(write, kind);

    await expect(world.pass()).rejects.toMatchObject({ kind });

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual([]);
  });

  it.each(['addFinalizer', 'saveLedger', 'writeStatus'] as const)(
    'by %s is made good by the next pass',
    async (write) => {
      const world = new World({ bindings: [binding('one')] });
      world.cluster.failNext(write, 'unavailable');
      await expect(world.pass()).rejects.toMatchObject({ kind: 'unavailable' });

      await world.pass();

      expect(world.ready('one')?.status).toBe('True');
      expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
      expect(world.control.requests().filter(({ method }) => method === 'PATCH')).toHaveLength(1);
    },
  );

  it('after Azure was asked loses nothing', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.journal.before('PATCH', () => {
      world.cluster.failNext('saveLedger', 'conflict');
    });
    await expect(world.pass()).rejects.toMatchObject({ kind: 'conflict' });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger: Attached app for one', 'status one: True Assigned 1/1']);
  });

  it('for a ledger that is to be deleted keeps its bindings until it is', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.delete('one');
    world.cluster.failNext('deleteLedger', 'conflict');
    await expect(world.pass()).rejects.toMatchObject({ kind: 'conflict' });
    const waiting = world.cluster.has('one');

    await world.pass();

    expect(waiting).toBe(true);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});

describe('one broken binding', () => {
  it('whose status cannot be written holds up no other’s', async () => {
    const world = new World({ bindings: [binding('one'), binding('two', { userAssigned: ['bus'] })] });
    world.cluster.failNext('writeStatus', 'forbidden', 'one');

    await world.pass();

    expect(world.ready('two')?.status).toBe('True');
  });

  it('whose finalizer cannot be taken off holds up no other’s', async () => {
    const world = new World({ bindings: [binding('one'), binding('two', { userAssigned: ['bus'] })] });
    await world.pass();
    world.cluster.delete('one');
    world.cluster.delete('two');
    world.cluster.failNext('removeFinalizer', 'forbidden', 'one');

    await world.pass();

    expect([world.cluster.has('one'), world.cluster.has('two')]).toEqual([true, false]);
  });

  it('whose finalizer cannot be taken off does not keep the scale set from being served', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    world.cluster.delete('one');
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));
    world.cluster.failNext('removeFinalizer', 'forbidden', 'one');

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus']);
  });
});

describe('scale sets', () => {
  const two = {
    scaleSets: [{ name: 'api' }],
    bindings: [binding('one'), binding('two', { scaleSet: 'api' })],
  };

  it.each([
    ['that is gone', () => ({ kind: 'status', status: 404, code: 'ResourceNotFound' }) as const],
    ['that may not be read', () => ({ kind: 'status', status: 403, code: 'AuthorizationFailed' }) as const],
    ['that Azure fails to show', () => ({ kind: 'status', status: 500 }) as const],
  ])('are not held up by one %s', async (_what, effect) => {
    const world = new World(two);
    world.fault(faults.getScaleSet, effect(), { count: null });
    await world.pass('web');

    await world.pass('api');

    expect(world.ready('one')?.status).toBe('False');
    expect(world.ready('two')?.status).toBe('True');
  });

  it('have waits of their own for the same identity', async () => {
    const world = new World(two);
    const effect = { kind: 'status', status: 400, code: 'InvalidParameter' } as const;
    world.fault({ ...faults.patch, path: 'web$' }, effect, { count: null });
    await world.pass('web');

    await world.pass('api');

    expect(world.assigned('api')).toEqual(['app']);
    expect(world.ready('one')?.reason).toBe('Rejected');
  });

  it('have ledgers of their own', async () => {
    const world = new World(two);
    await world.pass('web');
    await world.pass('api');

    const names = ['web', 'api'].map((name) => world.cluster.ledgerOf(world.key(name))?.metadata.name);
    expect(names).toEqual([expect.stringMatching(/^web-[0-9a-f]{16}$/), expect.stringMatching(/^api-[0-9a-f]{16}$/)]);
  });

  it('are told apart from others of the same name', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();

    expect(world.cluster.bindingsOf(world.key('web'))).toHaveLength(1);
    expect(world.cluster.ledgerOf(world.key('WEB'))?.metadata.name).toBe(
      world.cluster.ledgerOf(world.key())?.metadata.name,
    );
    expect(scaleSet('web')).not.toBe(scaleSet('WEB'));
  });
});
