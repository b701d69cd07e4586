import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, World, type WorldParts } from './world.ts';

const FOREIGN: WorldParts = { web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] };

/** A world in which `app` was attached for `one`, and which tells only what comes after. */
async function attached(...others: readonly ReturnType<typeof binding>[]): Promise<World> {
  const world = new World({ bindings: [binding('one'), ...others] });
  await world.pass();
  world.take();
  world.cluster.takeEvents();
  return world;
}

describe('ownership', () => {
  it('never comes from a status, whoever wrote it', async () => {
    const world = new World(FOREIGN);
    await world.pass();
    const { status } = world.cluster.binding('one');
    const forged = { ...world.identity('one', 'app')!, attachedByUs: true };
    world.cluster.forgeStatus('one', { ...status, userAssigned: [forged] });

    await world.pass();
    const shown = world.identity('one', 'app')?.attachedByUs;
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();

    expect(shown).toBe(false);
    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('never comes from a finalizer', async () => {
    const world = new World(FOREIGN);
    world.cluster.apply({
      ...binding('one'),
      metadata: { ...binding('one').metadata, finalizers: ['vmss-identity.dev/detach'] },
    });
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual(['app']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('goes with the ledger: what was ours is foreign when someone deletes it', async () => {
    const world = await attached();
    world.cluster.deleteLedgerByHand(scaleSet());

    await world.pass();

    expect(world.take()).toEqual(['finalizer off one', 'GET web', 'status one: True Assigned 1/1']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: false });
  });

  it('that went with the ledger lets a deleted binding go at once, without Azure, with an event', async () => {
    const world = await attached();
    world.fault({}, { kind: 'reset' }, { count: null });
    world.cluster.deleteLedgerByHand(scaleSet());
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual(['finalizer off one']);
    expect(world.cluster.takeEvents()).toEqual([expect.stringMatching(/^Warning LedgerMissing one: /)]);
  });

  it('is of an identity, whatever the case in which others spell it', async () => {
    const world = await attached();
    world.cluster.apply(
      binding('two', { userAssigned: [identity('APP').toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')] }),
    );

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([
      { for: [{ name: 'one' }, { name: 'two' }] },
    ]);
  });
});

describe('an entry for a binding that is gone without a trace', () => {
  it('is an orphan: the identity stays, and people are told once', async () => {
    const world = await attached(binding('two', { userAssigned: ['bus'] }));
    world.cluster.deleteByForce('one');

    await world.pass();
    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.cluster.takeEvents().filter((event) => event.includes('Orphaned'))).toEqual([
      expect.stringMatching(/^Warning Orphaned ledger: .*\/app /),
    ]);
  });

  it('is told of also when no binding at all is left', async () => {
    const world = await attached();
    world.cluster.deleteByForce('one');

    await world.pass();

    expect(world.cluster.takeEvents()).toEqual([expect.stringMatching(/^Warning Orphaned ledger: /)]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is taken over by the next binding that declares it, and taken back with that', async () => {
    const world = await attached();
    world.cluster.deleteByForce('one');
    world.cluster.apply(binding('two'));
    await world.pass();
    world.cluster.delete('two');

    await world.pass();

    expect(world.assigned()).toEqual([]);
    expect(world.cluster.has('two')).toBe(false);
  });

  it('is taken over by a binding of the same name', async () => {
    const world = await attached();
    world.cluster.deleteByForce('one');
    const successor = binding('one');
    world.cluster.apply({ ...successor, metadata: { ...successor.metadata, uid: 'uid-successor' } });

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([{ for: [{ uid: 'uid-successor' }] }]);
    expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
  });

  it('is dropped when its identity is gone', async () => {
    const world = await attached();
    world.cluster.deleteByForce('one');
    world.control.drift(scaleSet(), { kind: 'Strip' });

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });

  it('is dropped when its scale set is gone, as two reads say', async () => {
    const world = await attached();
    world.cluster.deleteByForce('one');
    world.control.drift(scaleSet(), { kind: 'Remove' });
    await world.pass();
    const first = world.cluster.ledgerOf(world.key());

    await world.run(MINUTE);
    await world.run(HOUR);

    expect(first).toBeDefined();
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.waitMs).toBeUndefined();
  });
});

describe('a scale set that was created again under the same name', () => {
  it('makes everything that was ours somebody else’s', async () => {
    const world = await attached();
    world.control.replaceScaleSet(scaleSet());

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger deleted', 'finalizer off one', 'status one: True Assigned 1/1']);
    expect(world.identity('one', 'app')?.attachedByUs).toBe(false);
  });

  it('gives nothing back when the binding is deleted', async () => {
    const world = await attached();
    world.control.replaceScaleSet(scaleSet());
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is served anew where it lacks something', async () => {
    const world = await attached();
    world.control.replaceScaleSet(scaleSet());
    world.control.drift(scaleSet(), { kind: 'Strip' });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
    expect(world.cluster.ledgerOf(world.key())?.spec.uniqueId).toBe(world.control.scaleSet(scaleSet()).uniqueId);
  });

  it('voids what was remembered of operations on the other one', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: 1000 });
    world.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });
    await world.pass();
    await world.run(3000);
    const before = world.identity('one', 'app')?.reason;
    world.control.replaceScaleSet(scaleSet());

    await world.pass();

    expect(before).toBe('OperationFailed');
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Stale', attachedByUs: false });
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });

  it('is served anew also where it lacks what does not exist', async () => {
    const world = await attached();
    world.control.replaceScaleSet(scaleSet());
    world.cluster.edit('one', { userAssigned: binding('_', { userAssigned: ['bus', 'nobody'] }).spec.userAssigned });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
    expect(world.ready('one')?.reason).toBe('IdentityMissing');
  });

  it('voids the system-assigned identity, too', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: [], systemAssigned: 'Enabled' })] });
    await world.pass();
    world.control.replaceScaleSet(scaleSet());
    world.cluster.delete('one');

    await world.pass();

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.has('one')).toBe(false);
  });
});

describe("the operator's own identity", () => {
  /** The same world, in which the operator is the principal that `find` picks out of it. */
  function ruledBy(parts: WorldParts, find: (world: World) => string): World {
    return new World({ ...parts, principal: { objectId: find(new World(parts)) } });
  }
  const isApp = (world: World): string => world.control.identity(identity('app')).principalId;

  it('is never attached', async () => {
    const world = ruledBy({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] }, isApp);

    await world.pass();
    await world.run(2 * HOUR);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'NotPermitted', reason: 'NotPermitted' });
    expect(world.ready('one')?.message).toContain("operator's own identity");
    expect(world.ready('one')?.message).not.toContain('kind: VmssIdentityPolicy');
  });

  it('is never detached: it is renounced, with an event', async () => {
    const parts: WorldParts = { web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] };
    const world = ruledBy(parts, isApp);
    const member = { namespace: 'shop', name: 'one', uid: 'uid-one' };
    const entry = {
      resourceId: identity('app'),
      phase: 'Attached',
      since: '2026-01-01T00:00:00Z',
      for: [member],
    } as const;
    world.cluster.writeLedgerByHand({ scaleSetId: scaleSet(), entries: [entry], foreign: [] });
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning Protected one: /));
  });

  it('is never turned off where it is the system-assigned one', async () => {
    const world = ruledBy(
      {
        web: { identity: { systemAssigned: true } },
        bindings: [binding('one', { userAssigned: [], systemAssigned: 'Disabled' })],
      },
      ({ control }) => control.scaleSet(scaleSet()).systemAssigned!.principalId,
    );

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.isSystemAssigned()).toBe(true);
  });
});

describe('what one namespace learns of another', () => {
  it('is how many identities are foreign, and none of its ids', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one'), binding('two', { namespace: 'other', userAssigned: ['bus'] })],
    });

    await world.pass();

    const one = JSON.stringify(world.cluster.binding('one').status);
    expect(one).not.toMatch(/userAssignedIdentities\/(bus|dns)/);
    expect(world.cluster.binding('one').status.foreignCount).toBe(1);
    expect(world.cluster.ledgerOf(world.key())?.spec.foreign).toEqual([expect.stringMatching(/\/dns$/)]);
  });

  it('is not what Azure says of the other’s identities', async () => {
    const world = new World({
      bindings: [binding('one'), binding('two', { namespace: 'other', userAssigned: ['bus'] })],
    });
    const message = `Status: 'BadRequest'. Response: 'Resource '${identity('bus')}' was not found.'`;
    world.fault(
      { ...faults.patch, body: 'bus' },
      { kind: 'status', status: 400, code: 'FailedIdentityOperation', message },
      { count: null },
    );

    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
    expect(JSON.stringify(world.cluster.binding('one').status)).not.toContain('bus');
    expect(
      world.cluster
        .takeEvents()
        .filter((event) => event.includes(' one: '))
        .join(),
    ).not.toContain('bus');
  });
});
