import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { HOUR, MINUTE, World, type WorldParts } from './world.ts';

/** A world in which `app` was attached for `one`, before the operator was started anew with `--read-only`. */
async function restarted(parts: WorldParts = {}): Promise<World> {
  const world = new World({ bindings: [binding('one')], ...parts });
  await world.pass();
  world.readOnly = true;
  world.restart();
  await world.pass();
  world.take();
  world.cluster.takeEvents();
  return world;
}

const strip = (world: World): void => world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });

describe('an operator with --read-only', () => {
  it('attaches nothing, and leaves no trace but the status', async () => {
    const world = new World({ bindings: [binding('one')], readOnly: true });

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web', 'status one: False ReadOnly 0/1']);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning ReadOnly one: /));
  });

  it('is at rest then, however long it takes', async () => {
    const world = new World({ bindings: [binding('one')], readOnly: true });
    await world.pass();
    world.take();

    await world.run(3 * HOUR);
    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });

  it('leaves a binding Assigned of which nothing differs', async () => {
    const world = await restarted();

    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('puts back nothing that others took off', async () => {
    const world = await restarted();
    strip(world);

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('ReadOnly');
    expect(world.heard).toEqual(['drift: user_assigned 1']);
  });

  it('detaches nothing for a binding that is deleted, which waits', async () => {
    const world = await restarted();
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'status one: False ReadOnly 0/1']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Detaching', reason: 'ReadOnly' });
    expect(world.assigned()).toEqual(['app']);
  });

  it('carries on where it was, without the flag', async () => {
    const world = await restarted();
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });
    await world.pass();
    world.take();
    world.readOnly = false;
    world.restart();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus -app']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('lets another binding take over, and the one that goes be gone', async () => {
    const world = await restarted({ bindings: [binding('one'), binding('two')] });
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual(['ledger: Attached app for two', 'finalizer off one', 'GET web']);
    expect(world.ready('two')?.reason).toBe('Assigned');
  });

  it('lets a binding be gone that gives up what it has', async () => {
    const world = await restarted({ bindings: [binding('one', { deletionPolicy: 'Retain' })] });
    world.cluster.delete('one');

    await world.pass();

    expect(world.take()).toEqual(['ledger deleted', 'finalizer off one']);
    expect(world.assigned()).toEqual(['app']);
  });

  it('keeps the intent of a write that an operator before it may have sent', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.crashBefore('PATCH');
    await expect(world.pass()).rejects.toThrow('crash');
    world.readOnly = true;
    world.restart();
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toMatchObject([{ phase: 'Attaching' }]);
    expect(world.ready('one')?.reason).toBe('ReadOnly');
  });

  it('turns off no system-assigned identity', async () => {
    const world = new World({
      web: { identity: { systemAssigned: true } },
      bindings: [binding('one', { userAssigned: [], systemAssigned: 'Disabled' })],
      readOnly: true,
    });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({
      reason: 'ReadOnly',
      message: expect.stringContaining('turning the system-assigned identity off') as string,
    });
  });

  it('detaches nothing for an Exclusive binding, though its wait is over', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['app', 'dns'] } },
      bindings: [binding('one', { mode: 'Exclusive' })],
      policies: [policy({ exclusive: 'Allow' })],
      readOnly: true,
    });
    await world.pass();
    const before = world.ready('one')?.reason;

    await world.run(5 * MINUTE);

    expect(before).toBe('ExclusiveWaiting');
    expect(world.ready('one')?.reason).toBe('ReadOnly');
    expect(world.takeWrites()).toEqual([]);
  });

  it('writes nothing in the array shape, where each write names everything', async () => {
    const world = await restarted({ apiVersion: ARRAY_API_VERSION });
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.message).toContain('attaching bus; detaching app');
  });
});
