/** A binding that is deleted while something keeps what was attached for it from being taken back. */
import { describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../../dev/simulator/faults.ts';
import { binding, type BindingOptions, policy } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

/** A world in which `one` has `app`, and which tells only what comes after. */
async function served(options: BindingOptions = {}, ...others: readonly ReturnType<typeof binding>[]): Promise<World> {
  const world = new World({
    web: { identity: { userAssigned: ['dns'] } },
    bindings: [binding('one', options), ...others],
  });
  await world.pass();
  world.take();
  world.cluster.takeEvents();
  return world;
}

const LOCKED: FaultEffect = { kind: 'status', status: 409, code: 'ScopeLocked' };
const NO_TOKEN: FaultEffect = { kind: 'status', status: 401, code: 'ExpiredAuthenticationToken' };

describe('a binding that is deleted while the operator has no credential', () => {
  it('waits, says so, and nothing is judged by it', async () => {
    const world = await served();
    world.fault({}, NO_TOKEN, { count: null });
    world.cluster.delete('one');

    await world.pass();
    await world.run(2 * HOUR);

    expect(world.cluster.has('one')).toBe(true);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'CredentialUnavailable' });
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
    expect(world.takeWrites()).toEqual([]);
  });

  it('goes on by itself when the credential is back', async () => {
    const world = await served();
    world.fault({}, NO_TOKEN, { count: null });
    world.cluster.delete('one');
    await world.pass();
    await world.run(HOUR);
    world.control.clearFaults();

    await world.run(HOUR);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['dns']);
  });
});

describe('a binding that is deleted when its policy is gone', () => {
  it('gives back what the ledger says, and leaves the system-assigned identity on, with an event', async () => {
    const world = await served({ systemAssigned: 'Enabled' });
    world.cluster.setPolicies();
    await world.pass();
    world.cluster.takeEvents();
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual(['dns']);
    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.takeEvents()).toContainEqual(
      expect.stringMatching(/^Normal Retained one: the system-assigned identity stays/),
    );
  });
});

describe('a binding that is deleted while no process runs', () => {
  it('is finished by the next one', async () => {
    const world = await served();
    world.cluster.delete('one');
    await world.clock.advance(HOUR);
    world.restart();

    await world.pass();

    expect(world.assigned()).toEqual(['dns']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('and whose scale set is created again meanwhile takes nothing from the new one', async () => {
    const world = await served();
    world.cluster.delete('one');
    world.control.replaceScaleSet(binding('_').spec.scaleSet.resourceId);
    world.restart();

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.cluster.has('one')).toBe(false);
  });
});

describe('a binding whose identities Azure refuses for ever to take back', () => {
  /** A day of it. */
  async function refused(...others: readonly ReturnType<typeof binding>[]): Promise<World> {
    const world = await served({}, ...others);
    world.fault(faults.patch, LOCKED, { count: null });
    world.cluster.delete('one');
    await world.pass();
    await world.run(24 * HOUR);
    return world;
  }

  it('waits, is tried again rarely, and says why, in its status and in one event', async () => {
    const world = await refused();

    expect(world.cluster.has('one')).toBe(true);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'BlockedByAdministrator' });
    expect(world.identity('one', 'app')?.state).toBe('Detaching');
    expect(world.takeWrites().length).toBeLessThanOrEqual(24 * 2 + 1);
    expect(world.cluster.takeEvents().filter((event) => event.includes('BlockedByAdministrator'))).toHaveLength(1);
  });

  it('is let go when it is abandoned, whatever Azure says, and what stays is told and counted', async () => {
    const world = await refused();
    world.cluster.abandon('one');
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Normal Abandoned one: .*\/app stays/));
    expect(world.logger.entries).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ reason: 'Abandoned' }) }),
    );
    expect(world.heard).toContain('abandoned: 1');
  });

  it('abandons nothing that is another binding’s, too', async () => {
    const world = await refused(binding('two', { namespace: 'other', userAssigned: ['app', 'bus'] }));

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([
      { for: [{ name: 'two' }] },
      { for: [{ name: 'two' }] },
    ]);
  });

  it('is let go when it is made to retain after all', async () => {
    const world = await refused();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });

    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('is finished when the refusal ends', async () => {
    const world = await refused();
    world.control.clearFaults();

    await world.run(HOUR);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['dns']);
  });

  it('does not keep another binding from being served where that is possible', async () => {
    const world = await refused();
    world.control.clearFaults();
    world.cluster.setPolicies(policy());
    world.cluster.apply(binding('two', { namespace: 'other', userAssigned: ['bus'] }));

    await world.pass();

    expect(world.takeWrites()).toContainEqual('PATCH web UserAssigned +bus -app');
  });
});

describe('a binding that is deleted while Azure is still attaching for it', () => {
  it('is taken back when that is over, and not before', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: MINUTE });
    await world.pass();
    await world.run(10 * SECOND);
    world.cluster.delete('one');
    await world.pass();
    await world.run(30 * SECOND);
    const early = world.takeWrites();

    await world.run(5 * MINUTE);

    expect(early).toEqual(['PATCH web UserAssigned +app']);
    expect(world.takeWrites()).toEqual(['PATCH web None']);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual([]);
  });

  it.each([
    ['retains', { deletionPolicy: 'Retain' }],
    ['is suspended', { suspend: true }],
  ] as const)('goes at once when it %s, and nothing is taken back', async (_what, change) => {
    const world = new World({ bindings: [binding('one')], operationMs: MINUTE });
    await world.pass();
    world.cluster.edit('one', change);
    world.cluster.delete('one');
    world.takeWrites();

    await world.pass();
    const isGone = !world.cluster.has('one');
    // That it is gone brings the next pass.
    await world.pass();
    await world.run(5 * MINUTE);

    expect(isGone).toBe(true);
    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});
