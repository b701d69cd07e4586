import { describe, expect, it } from 'vitest';

import { binding, type BindingOptions, policy, scaleSet } from './objects.ts';
import { MINUTE, SECOND, World, type WorldParts } from './world.ts';

const ENABLED: BindingOptions = { userAssigned: [], systemAssigned: 'Enabled' };
const DISABLED: BindingOptions = { userAssigned: [], systemAssigned: 'Disabled' };
const ON = { identity: { systemAssigned: true } } as const;

/** A world in which one pass has run over these bindings, and which tells only what comes after. */
async function passed(parts: WorldParts): Promise<World> {
  const world = new World(parts);
  await world.pass();
  return world;
}

describe('systemAssigned: Enabled', () => {
  it('turns it on, on record first', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED)] });

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'finalizer on one',
      'ledger: Enabling system for one; operation',
      'PATCH web SystemAssigned',
      'ledger: Enabled system for one',
      'status one: True Assigned 0/0',
    ]);
    expect(world.cluster.binding('one').status.systemAssigned).toMatchObject({
      state: 'Enabled',
      principalId: expect.any(String),
    });
  });

  it('leaves one that is on already as it is, and does not claim it', async () => {
    const world = await passed({ web: ON, bindings: [binding('one', ENABLED)] });

    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 0/0']);
  });

  it('turns it on together with the identities that are attached', async () => {
    const world = await passed({ bindings: [binding('one', { systemAssigned: 'Enabled' })] });

    expect(world.takeWrites()).toEqual(['PATCH web SystemAssigned+UserAssigned +app']);
  });

  it('turns it on again when others turned it off', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED)] });
    world.control.drift(scaleSet(), { kind: 'DisableSystemAssigned' });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web SystemAssigned']);
  });

  it('is not served, and nothing else of the binding held up, where no policy allows it', async () => {
    const world = await passed({
      bindings: [binding('one', { systemAssigned: 'Enabled' })],
      policies: [policy({ systemAssigned: 'Deny' })],
    });

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.ready('one')?.reason).toBe('NotPermitted');
  });

  it('is not served on a Flexible scale set; the rest of the binding is', async () => {
    const world = await passed({
      web: { orchestrationMode: 'Flexible' },
      bindings: [binding('one', { systemAssigned: 'Enabled' })],
    });

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'UnsupportedOrchestrationMode' });
  });

  it('is Ready only when the operation is over', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED)], operationMs: 10 * SECOND });
    await world.run(3 * SECOND);
    const during = world.ready('one')?.reason;

    await world.run(MINUTE);

    expect(during).toBe('Assigning');
    expect(world.ready('one')?.status).toBe('True');
  });
});

describe('systemAssigned: Disabled', () => {
  it('turns it off, and leaves nothing in the ledger', async () => {
    const world = await passed({ web: ON, bindings: [binding('one', DISABLED)] });

    expect(world.take()).toEqual([
      'GET web',
      'ledger: operation',
      'PATCH web None',
      'ledger deleted',
      'status one: True Assigned 0/0',
    ]);
    expect(world.isSystemAssigned()).toBe(false);
  });

  it('keeps the identities that are there', async () => {
    const world = await passed({
      web: { identity: { systemAssigned: true, userAssigned: ['dns'] } },
      bindings: [binding('one', DISABLED)],
    });

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned']);
    expect(world.assigned()).toEqual(['dns']);
  });

  it.each(['Deny', 'Enable'] as const)('turns nothing off where policies say %s', async (systemAssigned) => {
    const world = await passed({
      web: ON,
      bindings: [binding('one', DISABLED)],
      policies: [policy({ systemAssigned })],
    });

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('NotPermitted');
  });

  it.each([
    ['older', [binding('one', DISABLED), binding('two', ENABLED)]],
    ['younger', [binding('two', ENABLED), binding('one', DISABLED)]],
  ])('loses against Enabled, though it is the %s', async (_age, bindings) => {
    const world = await passed({ bindings });

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'Conflict' });
    expect(world.ready('two')?.status).toBe('True');
  });

  it('loses against Enabled of a suspended binding', async () => {
    const world = await passed({ bindings: [binding('two', ENABLED)] });
    world.cluster.edit('two', { suspend: true });
    world.cluster.apply(binding('one', DISABLED));

    await world.pass();

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.ready('one')?.reason).toBe('Conflict');
  });

  it('turns it off when the other has stopped asking for it', async () => {
    const world = await passed({ bindings: [binding('one', DISABLED), binding('two', ENABLED)] });
    world.cluster.edit('two', { systemAssigned: 'Unmanaged' });

    await world.pass();

    expect(world.isSystemAssigned()).toBe(false);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is NotPermitted, not Conflict, where it was not permitted in the first place', async () => {
    const world = await passed({
      bindings: [binding('one', DISABLED), binding('two', ENABLED)],
      policies: [policy({ systemAssigned: 'Enable' })],
    });

    expect(world.ready('one')?.reason).toBe('NotPermitted');
  });
});

describe('systemAssigned: Unmanaged', () => {
  it.each([true, false])('leaves it as it is: %s', async (systemAssigned) => {
    const world = await passed({
      web: { identity: { systemAssigned } },
      bindings: [binding('one', { systemAssigned: 'Unmanaged' })],
    });

    expect(world.isSystemAssigned()).toBe(systemAssigned);
  });

  it('after Enabled renounces it and turns nothing off', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED)] });
    world.cluster.edit('one', { systemAssigned: 'Unmanaged' });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['ledger deleted', 'finalizer off one', 'GET web', 'status one: True Assigned 0/0']);
    expect(world.isSystemAssigned()).toBe(true);
  });
});

describe('the system-assigned identity that we turned on', () => {
  it('is turned off with its binding where a policy allows it', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED)] });
    world.cluster.delete('one');

    await world.pass();

    expect(world.isSystemAssigned()).toBe(false);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('stays, with an event, where policies allow it to be turned on only', async () => {
    const world = await passed({
      bindings: [binding('one', ENABLED)],
      policies: [policy({ systemAssigned: 'Enable' })],
    });
    world.cluster.takeEvents();
    world.cluster.delete('one');

    await world.pass();

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.takeEvents()).toContainEqual(
      expect.stringMatching(/^Normal Retained one: the system-assigned identity stays/),
    );
  });

  it('stays when no policy permits the binding any more', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED)] });
    world.cluster.setPolicies();
    world.cluster.delete('one');

    await world.pass();

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('stays when another binding enables it', async () => {
    const world = await passed({ bindings: [binding('one', ENABLED), binding('two', ENABLED)] });
    world.cluster.delete('one');

    await world.pass();

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('is not turned off when others had it on before us', async () => {
    const world = await passed({ web: ON, bindings: [binding('one', ENABLED)] });

    world.cluster.delete('one');
    await world.pass();

    expect(world.isSystemAssigned()).toBe(true);
  });
});
