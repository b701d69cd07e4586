import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, type BindingOptions, policy, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

/** A world in which the identities of these bindings were attached, and which tells only what comes after. */
async function attached(
  options: BindingOptions = {},
  ...others: readonly ReturnType<typeof binding>[]
): Promise<World> {
  const world = new World({ bindings: [binding('one', options), ...others] });
  await world.pass();
  world.take();
  world.cluster.takeEvents();
  return world;
}

/** Azure does not answer. */
function unreachable(world: World): void {
  world.fault({}, { kind: 'reset' }, { count: null });
}

describe('a binding that is deleted', () => {
  it('has what was attached for it taken back before it goes', async () => {
    const world = await attached();
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'ledger: Detaching app for one; operation',
      'PATCH web None',
      'ledger deleted',
      'finalizer off one',
    ]);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('leaves what others attached', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one', { userAssigned: ['app', 'dns'] })],
    });
    await world.pass();
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual(['dns']);
  });

  it('goes at once, without a word to Azure, when nothing was attached for it', async () => {
    const world = new World({ web: { identity: { userAssigned: ['app'] } }, bindings: [binding('one')] });
    await world.pass();

    world.cluster.delete('one');

    expect(world.cluster.has('one')).toBe(false);
    expect(await world.pass()).toEqual({});
  });

  it('hands over what another binding declares, without a word to Azure', async () => {
    const world = await attached({}, binding('two'));
    unreachable(world);
    world.cluster.delete('one');

    await world.pass();

    expect(world.take().slice(0, 2)).toEqual(['ledger: Attached app for two', 'finalizer off one']);
    expect(world.assigned()).toEqual(['app']);
  });

  it('hands over what a suspended binding declares', async () => {
    const world = await attached({}, binding('two', { suspend: true }));
    world.cluster.delete('one');

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([{ for: [{ name: 'two' }] }]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('goes with the last one when two are deleted together', async () => {
    const world = await attached({}, binding('two'));
    world.cluster.delete('one');
    world.cluster.delete('two');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None']);
    expect([world.cluster.has('one'), world.cluster.has('two')]).toEqual([false, false]);
  });

  it('waits for an operation that detaches', async () => {
    const world = await attached();
    world.control.settings({ operationMs: 10 * SECOND });
    world.cluster.delete('one');
    await world.pass();
    const during = world.cluster.has('one');
    const shown = world.ready('one')?.reason;

    await world.run(MINUTE);

    expect([during, shown]).toEqual([true, 'Detaching']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('is frozen by a policy that was taken back, and still gives back what it had', async () => {
    const world = await attached();
    world.cluster.setPolicies();
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('does not hold what a binding declares that may not have it', async () => {
    const world = await attached({}, binding('two', { namespace: 'other' }));
    world.cluster.setPolicies(policy({ namespaces: ['shop'] }));
    await world.pass();
    world.cluster.delete('two');
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('two')).toBe(false);
    expect(world.assigned()).toEqual(['app']);
  });

  it('goes without a write when its identity has been taken off by others', async () => {
    const world = await attached();
    world.control.drift(scaleSet(), { kind: 'Strip' });
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('says Detaching, and why where Azure keeps it from being done', async () => {
    const world = await attached();
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'ScopeLocked' }, { count: null });
    world.cluster.delete('one');

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'BlockedByAdministrator' });
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning BlockedByAdministrator one: /));
  });
});

describe('a binding that is deleted while Azure is out of reach', () => {
  it.each([
    ['retains', { deletionPolicy: 'Retain' }],
    ['is suspended', { suspend: true }],
    ['only observes', { managementPolicy: 'Observe' }],
  ] as const)('goes and leaves everything as it is, with an event, when it %s', async (_what, change) => {
    const world = await attached();
    world.cluster.edit('one', change);
    unreachable(world);
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual(['ledger deleted', 'finalizer off one']);
    expect(world.assigned()).toEqual(['app']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Normal Retained one: .*\/app stays/));
  });

  it('stays, and comes again, when it would have to be detached', async () => {
    const world = await attached();
    unreachable(world);
    world.cluster.delete('one');

    const outcome = await world.pass();

    expect(outcome.requeueAfterMs).toBe(SECOND);
    expect(world.cluster.has('one')).toBe(true);
  });

  it('goes when it is abandoned, with an event and a line in the log', async () => {
    const world = await attached();
    unreachable(world);
    world.cluster.delete('one');
    await world.pass();
    world.cluster.abandon('one');
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['ledger deleted', 'finalizer off one']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Normal Abandoned one: .*\/app stays/));
    expect(world.logger.entries).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ reason: 'Abandoned' }) }),
    );
  });

  it('is told to the operators as well, and counted, when it is abandoned', async () => {
    const world = await attached();
    unreachable(world);
    world.cluster.delete('one');
    world.cluster.abandon('one');

    await world.pass();

    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Normal Abandoned one to operators: /));
    expect(world.heard).toEqual(['abandoned: 1']);
  });

  it('is not counted as abandoned when it is retained, nor told to the operators', async () => {
    const world = await attached();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    world.cluster.delete('one');

    await world.pass();

    expect(world.heard).toEqual([]);
    expect(world.cluster.takeEvents().join('\n')).not.toContain('to operators');
  });

  it('is not released by the annotation before it is deleted', async () => {
    const world = await attached();
    world.cluster.abandon('one');

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });

  it('lets renouncing win among several that leave in one pass', async () => {
    const world = await attached({}, binding('two', { deletionPolicy: 'Retain' }));
    world.cluster.delete('one');
    world.cluster.delete('two');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
    expect([world.cluster.has('one'), world.cluster.has('two')]).toEqual([false, false]);
  });

  it('leaves nothing behind but what is its own when an operation was under way', async () => {
    const world = new World({ bindings: [binding('one', { deletionPolicy: 'Retain' })], operationMs: MINUTE });
    await world.pass();
    world.cluster.delete('one');
    await world.pass();

    await world.run(HOUR);
    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});

describe('a binding that is deleted with an identity that stays', () => {
  it('renounces what a policy protects, with an event', async () => {
    const world = await attached();
    world.cluster.setPolicies(policy(), policy({ namespaces: ['platform'], protected: [identity('app')] }));
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger deleted', 'finalizer off one']);
    expect(world.assigned()).toEqual(['app']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning Protected one: /));
  });

  it('has the rest detached', async () => {
    const world = await attached({ userAssigned: ['app', 'bus'] });
    world.cluster.setPolicies(policy({ protected: [identity('app')] }));
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -bus']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('is released from one that Azure cannot detach because it is gone, with an event', async () => {
    const world = await attached({ userAssigned: ['app', 'bus'] }, binding('two', { userAssigned: ['dns'] }));
    world.control.deleteIdentity(identity('bus'));
    const message = `Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '${identity('bus')}' was not found.'`;
    world.fault(
      { ...faults.patch, body: 'bus' },
      { kind: 'status', status: 400, code: 'FailedIdentityOperation', message },
      { count: null },
    );
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -app -bus → 400', 'PATCH web UserAssigned -app']);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['bus', 'dns']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning Released one: .*\/bus /));
  });

  it('is released from it also when it would have been the last one', async () => {
    const world = await attached({ userAssigned: ['bus'] });
    world.control.deleteIdentity(identity('bus'));
    const message = `Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '${identity('bus')}' was not found.'`;
    world.fault(
      faults.patch,
      { kind: 'status', status: 400, code: 'FailedIdentityOperation', message },
      { count: null },
    );
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None → 400']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('is not released from one whose detach Azure did not refuse', async () => {
    const world = await attached({ userAssigned: ['bus'] });
    world.control.deleteIdentity(identity('bus'));
    world.cluster.edit('one', { userAssigned: binding('_', { userAssigned: ['cdn'] }).spec.userAssigned });
    const message = `Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '${identity('cdn')}' was not found.'`;
    world.fault(
      { ...faults.patch, body: 'cdn' },
      { kind: 'status', status: 400, code: 'FailedIdentityOperation', message },
      { count: null },
    );

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn -bus → 400', 'PATCH web None']);
  });
});
