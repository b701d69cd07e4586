import { describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../../dev/simulator/faults.ts';
import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

const LOST: readonly (readonly [string, FaultEffect])[] = [
  ['whose connection breaks', { kind: 'reset', applied: true }],
  ['that is never answered', { kind: 'hang', applied: true }],
  ['that is answered 500', { kind: 'status', status: 500, applied: true }],
  ['that is answered 408', { kind: 'status', status: 408, applied: true }],
  ['that is answered with half a scale set', { kind: 'status', status: 200, body: { id: 'cut' }, applied: true }],
];

describe.each(LOST)('a write that took effect and %s', (_what, effect) => {
  const hangs = effect.kind === 'hang';

  it('is followed by a read before anything else, and is ours', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, effect);
    await world.pass('web', { hangs });
    world.take();

    await world.run(5 * SECOND);

    expect(world.take()).toEqual(['GET web', 'ledger: Attached app for one', 'status one: True Assigned 1/1']);
    expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
  });

  it('keeps its entry and its finalizer meanwhile', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, effect);

    await world.pass('web', { hangs });

    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([{ phase: 'Attaching' }]);
    expect(world.cluster.binding('one').metadata.finalizers).toHaveLength(1);
    expect(world.ready('one')?.status).toBe('False');
  });

  it('is taken back with the binding', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, effect);
    await world.pass('web', { hangs });
    world.cluster.delete('one');

    await world.run(MINUTE);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual([]);
  });
});

describe('a write of which nobody knows whether it arrived', () => {
  it('is sent again after a read that does not show its effect', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    await world.pass();
    world.take();

    await world.run(SECOND);

    expect(world.take()).toEqual([
      'GET web',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
  });

  it('waits 1, 2, 4 and more seconds between attempts, 5 minutes at most', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' }, { count: null });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      const { requeueAfterMs } = await world.pass();
      waits.push(requeueAfterMs! / SECOND);
      await world.clock.advance(requeueAfterMs!);
    }

    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('is not retracted by a later refusal of the same identity', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    world.fault(faults.patch, { kind: 'status', status: 400, code: 'InvalidParameter' }, { nth: 2 });
    await world.pass();

    await world.run(SECOND);

    expect(world.takeWrites()).toHaveLength(2);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([{ phase: 'Attaching' }]);
  });

  it('is remembered by the ledger after a later refusal, so that a new process reads first, too', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    world.fault(faults.patch, { kind: 'status', status: 400, code: 'InvalidParameter' }, { nth: 2 });
    await world.pass();
    await world.run(SECOND);

    expect(world.cluster.ledgerOf(world.key())?.spec).toHaveProperty('operation');
  });

  it('is waited for for a minute when nobody wants the identity any more', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    world.take();

    await world.run(59 * SECOND);
    const early = world.take();
    await world.run(SECOND);

    expect(early).not.toContain('ledger deleted');
    expect(world.take()).toContain('ledger deleted');
  });

  it('is detached when it arrives late, and nobody wants it any more', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    await world.run(30 * SECOND);
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });

    await world.run(MINUTE);

    expect(world.assigned()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });

  it('is not looked for in a list that is older', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.list();
    world.fault(faults.patch, { kind: 'reset', applied: true });
    await world.pass();
    world.take();

    await world.run(SECOND);

    expect(world.take()).toContain('GET web');
  });

  it('is not looked for in a list at all, even a newer one', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset', applied: true });
    await world.pass();
    await world.clock.advance(500);
    await world.list();
    world.take();

    await world.run(SECOND);

    expect(world.take()).toContain('GET web');
  });

  it('is one that was answered 429, too', async () => {
    const world = new World({ bindings: [binding('one')] });
    const headers = { 'retry-after': '7' };
    world.fault(faults.patch, { kind: 'status', status: 429, code: 'TooManyRequests', headers, applied: true });
    await world.pass();

    await world.run(7 * SECOND);

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });
});

describe('a detach of which nobody knows whether it arrived', () => {
  it('is sent again while the identity is still there', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.delete('one');
    world.fault(faults.patch, { kind: 'reset' });
    await world.pass();

    await world.run(SECOND);

    expect(world.takeWrites().slice(1)).toEqual(['PATCH web None → nothing', 'PATCH web None']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('lets the binding go when the identity is gone', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.delete('one');
    world.fault(faults.patch, { kind: 'reset', applied: true });
    await world.pass();
    world.take();

    await world.run(SECOND);

    expect(world.take()).toEqual(['GET web', 'GET web', 'ledger deleted', 'finalizer off one']);
  });
});

describe('what others attach between our intent and our settling', () => {
  it('counts as ours, and is taken back with the binding: a GET cannot tell whose it is', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.crashBefore('PATCH');
    await expect(world.pass()).rejects.toThrow('crash');
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    world.restart();

    await world.pass();
    const shown = world.identity('one', 'app')?.attachedByUs;
    world.cluster.delete('one');
    await world.pass();

    expect(shown).toBe(true);
    expect(world.assigned()).toEqual([]);
  });
});
