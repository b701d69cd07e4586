import { describe, expect, it } from 'vitest';

import type { EntryPhase, Ledger } from '../../../src/identity/ledger.ts';
import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { HOUR, MINUTE, World } from './world.ts';

const LONG_AGO = '2026-01-01T00:00:00Z';

/** What a process that ended long ago left behind: `app` in one phase, for `one`. */
function found(phase: EntryPhase, { isLive, isDeclared }: { isLive: boolean; isDeclared: boolean }): World {
  const world = new World({
    web: { identity: { userAssigned: isLive ? ['app', 'dns'] : ['dns'] } },
    bindings: [binding('one', { userAssigned: isDeclared ? ['app'] : [] })],
  });
  const member = { namespace: 'shop', name: 'one', uid: 'uid-one' };
  const { uniqueId } = world.control.scaleSet(scaleSet());
  const entry = { resourceId: identity('app'), phase, since: LONG_AGO, for: [member] };
  const ledger: Ledger = { scaleSetId: scaleSet(), uniqueId, entries: [entry], foreign: [] };
  world.cluster.writeLedgerByHand(ledger);
  return world;
}

const PHASES = ['Attaching', 'Attached', 'Detaching', 'Reattaching'] as const;

describe.each(PHASES)('a ledger that a process left with %s', (phase) => {
  it.each([true, false])('ends with the identity assigned and ours where it is declared (live: %s)', async (isLive) => {
    const world = found(phase, { isLive, isDeclared: true });

    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.takeWrites()).toEqual(isLive ? [] : ['PATCH web UserAssigned +app']);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([
      { phase: 'Attached', for: [{ uid: 'uid-one' }] },
    ]);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it.each([true, false])(
    'ends without the identity and without a ledger where it is not (live: %s)',
    async (isLive) => {
      const world = found(phase, { isLive, isDeclared: false });

      await world.pass();
      await world.run(MINUTE);

      expect(world.assigned()).toEqual(['dns']);
      // What was taken off to be attached again is attached before anything else is done with it.
      const finished = phase === 'Reattaching' && !isLive ? ['PATCH web UserAssigned +app'] : [];
      const isTakenOff = isLive || finished.length > 0;
      expect(world.takeWrites()).toEqual([...finished, ...(isTakenOff ? ['PATCH web UserAssigned -app'] : [])]);
      expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
      expect(world.cluster.binding('one').metadata.finalizers).toBeUndefined();
    },
  );

  it('is void where the scale set is another one by now', async () => {
    const world = found(phase, { isLive: true, isDeclared: false });
    world.control.replaceScaleSet(scaleSet());

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});

describe.each(['Enabling', 'Enabled', 'Disabling'] as const)('a ledger that a process left with %s', (phase) => {
  const foundOn = (systemAssigned: boolean): World => {
    const world = new World({
      web: { identity: { systemAssigned, userAssigned: ['dns'] } },
      bindings: [binding('one', { userAssigned: [], systemAssigned: 'Enabled' })],
    });
    const member = { namespace: 'shop', name: 'one', uid: 'uid-one' };
    const { uniqueId } = world.control.scaleSet(scaleSet());
    const ours = { phase, since: LONG_AGO, for: [member] };
    world.cluster.writeLedgerByHand({
      scaleSetId: scaleSet(),
      uniqueId,
      entries: [],
      systemAssigned: ours,
      foreign: [],
    });
    return world;
  };

  it.each([true, false])('ends with it on and ours where it is declared (on: %s)', async (isOn) => {
    const world = foundOn(isOn);

    await world.pass();
    await world.run(MINUTE);

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.takeWrites()).toHaveLength(isOn ? 0 : 1);
    expect(world.cluster.ledgerOf(world.key())?.spec.systemAssigned).toMatchObject({ phase: 'Enabled' });
  });

  it.each([true, false])('ends with it off when the binding is deleted (on: %s)', async (isOn) => {
    const world = foundOn(isOn);
    world.cluster.apply({
      ...world.cluster.binding('one'),
      metadata: { ...world.cluster.binding('one').metadata, finalizers: ['vmss-identity.dev/detach'] },
    });
    world.cluster.delete('one');

    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.isSystemAssigned()).toBe(false);
    expect(world.assigned()).toEqual(['dns']);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });

  it('is void where the scale set is another one by now', async () => {
    const world = foundOn(true);
    world.cluster.edit('one', { systemAssigned: 'Disabled' });
    world.cluster.delete('one');
    world.control.replaceScaleSet(scaleSet());

    await world.pass();
    await world.run(HOUR);

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});
