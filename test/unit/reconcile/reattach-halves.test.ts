import { describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../../dev/simulator/faults.ts';
import { identity } from '../simulator/azure.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { phaseOf, reattaching, recreated, works } from './recreated.ts';
import { faults, HOUR, MINUTE, SECOND, type World, type WorldParts } from './world.ts';

const ATTACH_REFUSED: FaultEffect = { kind: 'status', status: 400, code: 'FailedIdentityOperation' };

/** A world in which `app` is off, and the process ended before it was attached again. */
async function halfDone(parts: WorldParts = {}): Promise<World> {
  const world = await recreated(parts);
  await crashesBefore(world, 'PATCH web UserAssigned +app');
  expect(world.assigned()).not.toContain('app');
  expect(phaseOf(world)).toBe('Reattaching');
  world.restart();
  world.take();
  return world;
}

/** Passes until the process ends. */
async function crashesBefore(world: World, line: string): Promise<void> {
  world.crashBefore(line);
  for (;;) {
    try {
      await world.pass();
      await world.run(world.waitMs ?? 0);
    } catch (error) {
      expect(error).toMatchObject({ message: 'crash' });
      return;
    }
  }
}

const WAYS = ['GET app', 'ledger: Reattaching', 'PATCH web None', 'PATCH web UserAssigned +app', 'ledger: Attached'];

describe.each([
  ['synchronous', 0],
  ['asynchronous', 10 * SECOND],
])('a crash while an identity is reattached, with %s operations', (_, operationMs) => {
  it.each(WAYS)('before "%s" changes nothing of the end', async (line) => {
    const world = await recreated({ operationMs });
    await crashesBefore(world, line);

    world.restart();
    await world.pass();
    await world.run(5 * MINUTE);
    // Who has not begun yet finds out as the last process did.
    await world.listIdentities();
    await world.pass();
    await world.run(5 * MINUTE);

    expect(works(world)).toBe(true);
    expect(phaseOf(world)).toBe('Attached');
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
    // One of them attached it in the first place.
    expect(world.control.requests().filter(({ method, status }) => method === 'PATCH' && status !== 412)).toHaveLength(
      3,
    );
  });
});

describe('an answer that is lost while an identity is reattached', () => {
  it.each([
    ['of the detach half, which was done', 1, { kind: 'reset', applied: true }],
    ['of the detach half, which was not done', 1, { kind: 'reset' }],
    ['of the attach half, which was done', 2, { kind: 'reset', applied: true }],
    ['of the attach half, which was not done', 2, { kind: 'status', status: 503 }],
  ] as const)('%s, is found out by a read', async (_, nth, effect) => {
    const world = await recreated();
    world.fault(faults.patch, effect, { nth });

    await world.pass();
    world.take();
    await world.run(MINUTE);

    expect(world.take()[0]).toBe('GET web');
    expect(works(world)).toBe(true);
  });

  it('is no harm where it says that somebody else was first', async () => {
    const world = await recreated();
    world.fault(faults.patch, { kind: 'status', status: 412, code: 'PreconditionFailed' });

    await world.pass();

    expect(works(world)).toBe(true);
  });
});

describe('what is asked while the identity is off', () => {
  const CHANGES: readonly (readonly [string, (world: World) => void, boolean])[] = [
    ['deletes the binding', (world) => world.cluster.delete('one'), false],
    ['takes the identity out of the list', (world) => world.cluster.edit('one', { userAssigned: [] }), false],
    ['suspends the binding', (world) => world.cluster.edit('one', { suspend: true }), true],
    ['switches to Observe', (world) => world.cluster.edit('one', { managementPolicy: 'Observe' }), true],
    ['switches to Report', (world) => world.cluster.edit('one', { staleIdentities: 'Report' }), true],
    ['has it protected', (world) => world.cluster.setPolicies(policy({ protected: [identity('app')] })), true],
    [
      'declares it in another binding on Report',
      (world) => world.cluster.apply(binding('two', { namespace: 'other' })),
      true,
    ],
  ];

  it.each(CHANGES)('is done after it is attached again: whoever %s', async (_, change, stays) => {
    const world = await halfDone();
    change(world);

    await world.pass();
    await world.run(10 * MINUTE);

    const attached = ['PATCH web UserAssigned +app'];
    expect(world.takeWrites()).toEqual(stays ? attached : [...attached, 'PATCH web None']);
    expect(phaseOf(world)).toBe(stays ? 'Attached' : undefined);
  });

  it('of a binding that retains what it has, or was suspended, too', async () => {
    for (const spec of [{ deletionPolicy: 'Retain' }, { suspend: true }] as const) {
      const world = await halfDone();
      world.cluster.edit('one', spec);
      world.cluster.delete('one');

      await world.pass();
      await world.run(MINUTE);

      expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
      expect(works(world)).toBe(true);
      expect(world.cluster.has('one')).toBe(false);
    }
  });

  it.each([
    ['deletes the binding', (world: World) => world.cluster.delete('one')],
    ['suspends the binding', (world: World) => world.cluster.edit('one', { suspend: true })],
  ])('is done at once after a first refusal: whoever %s', async (_, change) => {
    const world = await halfDone();
    world.fault(faults.patch, ATTACH_REFUSED, { count: null });
    change(world);

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app → 400']);
    expect(phaseOf(world)).toBeUndefined();
    expect(world.cluster.has('one') && world.cluster.binding('one').metadata.deletionTimestamp).not.toBe(true);
  });

  it('is done at once after any refusal of the write', async () => {
    const world = await halfDone();
    world.fault(faults.patch, { kind: 'status', status: 403, code: 'ScopeLocked' }, { count: null });
    await world.pass();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    world.cluster.delete('one');
    world.take();

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.takeWrites()).toEqual([]);
  });

  it('is done at once for a binding that is abandoned', async () => {
    const world = await halfDone();
    world.cluster.abandon('one');
    world.cluster.delete('one');

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.takeWrites()).toEqual([]);
  });

  it('waits for a policy, where none permits it any more, and goes on with it', async () => {
    const world = await halfDone();
    world.cluster.setPolicies();
    await world.pass();
    await world.run(HOUR);
    const without = { writes: world.takeWrites(), phase: phaseOf(world) };
    world.cluster.setPolicies(policy());

    await world.pass();

    expect(without).toEqual({ writes: [], phase: 'Reattaching' });
    expect(works(world)).toBe(true);
  });

  it('is over where no policy permits it any more and the binding is deleted', async () => {
    const world = await halfDone();
    world.cluster.setPolicies();
    world.cluster.delete('one');

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.takeWrites()).toEqual([]);
  });

  it('is not done for a binding that is gone without a trace', async () => {
    const world = await halfDone();
    world.cluster.deleteByForce('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});

describe('a refusal while an identity is reattached', () => {
  it('of the attach half has its own back-off, keeps the entry, and says what is the matter', async () => {
    const world = await recreated();
    world.fault(faults.patch, ATTACH_REFUSED, { nth: 2 });

    await world.pass();
    const refused = { identity: world.identity('one', 'app'), phase: phaseOf(world) };
    await world.run(4 * MINUTE);
    const early = world.takeWrites();
    await world.run(2 * MINUTE);

    expect(refused).toMatchObject({ identity: { state: 'Failed', reason: 'IdentityRefused' }, phase: 'Reattaching' });
    expect(early).toEqual(['PATCH web None', 'PATCH web UserAssigned +app → 400']);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(works(world)).toBe(true);
  });

  it('of the detach half keeps nobody else waiting, and is not repeated at once', async () => {
    const world = await recreated({ bindings: [reattaching('one'), reattaching('two', { userAssigned: ['bus'] })] });
    world.fault(faults.patch, ATTACH_REFUSED);
    await world.pass();
    const refused = world.identity('one', 'app');
    world.cluster.apply(binding('three', { userAssigned: ['cdn'] }));
    await world.pass();
    await world.run(4 * MINUTE);
    const early = world.takeWrites();
    await world.run(2 * MINUTE);

    expect(refused).toMatchObject({ state: 'Failed', reason: 'IdentityRefused' });
    expect(early).toEqual(['PATCH web UserAssigned -app → 400', 'PATCH web UserAssigned +cdn']);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -app', 'PATCH web UserAssigned +app']);
    expect(works(world)).toBe(true);
  });

  it('of an operation that attaches is sent again after its back-off, as a failed one is', async () => {
    const world = await recreated();
    world.control.settings({ operationMs: SECOND });
    world.control.planOutcome({ kind: 'Succeed' });
    world.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });

    await world.pass();
    await world.run(30 * SECOND);
    const failed = { state: world.identity('one', 'app')?.state, writes: world.takeWrites() };
    await world.run(10 * MINUTE);

    expect(failed).toEqual({ state: 'Failed', writes: ['PATCH web None', 'PATCH web UserAssigned +app'] });
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(works(world)).toBe(true);
    expect(phaseOf(world)).toBe('Attached');
  });

  it('because the identity itself is gone by then leaves nothing to wait for', async () => {
    const world = await halfDone();
    world.control.deleteIdentity(identity('app'));
    await world.pass();
    const missing = world.identity('one', 'app')?.state;
    world.cluster.delete('one');

    await world.pass();

    expect(missing).toBe('Missing');
    expect(world.cluster.has('one')).toBe(false);
    expect(world.takeWrites()).toEqual([]);
  });
});

describe('a detach half that did not take', () => {
  it('is not sent again and again', async () => {
    const world = await recreated();
    world.fault(faults.patch, { kind: 'status', status: 202 }, { count: null });
    await world.pass();
    await world.run(4 * MINUTE);
    const early = world.takeWrites();
    await world.run(2 * MINUTE);

    expect(early).toEqual(['PATCH web None']);
    expect(world.takeWrites()).toEqual(['PATCH web None']);
    expect(phaseOf(world)).toBe('Reattaching');
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'OperationFailed' });
  });

  it('is left at that when there is nothing halfway, and the binding is deleted', async () => {
    const world = await recreated();
    await crashesBefore(world, 'PATCH web None');
    world.restart();
    world.cluster.edit('one', { suspend: true });

    await world.pass();

    expect(phaseOf(world)).toBe('Attached');
    expect(world.control.scaleSet(scaleSet()).userAssigned).toHaveLength(1);
    expect(world.takeWrites().filter((line) => !line.includes('None'))).toEqual([]);
  });
});
