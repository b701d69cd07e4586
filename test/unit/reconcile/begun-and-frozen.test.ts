/** What was begun when a binding was frozen is seen to its end: the ledger does not speak of it for ever. */
import { describe, expect, it } from 'vitest';

import { binding, identityIds, policy } from './objects.ts';
import { phaseOf } from './recreated.ts';
import { HOUR, MINUTE, SECOND, World } from './world.ts';

const FREEZES: readonly (readonly [string, (world: World) => void])[] = [
  ['is suspended', ({ cluster }) => cluster.edit('one', { suspend: true })],
  ['is not permitted any more', ({ cluster }) => cluster.setPolicies(policy({ namespaces: ['elsewhere'] }))],
];

/** Azure works on it for longer than it takes to freeze the binding. */
async function begun(act: (world: World) => Promise<void> = () => Promise.resolve()): Promise<World> {
  const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })], operationMs: 30 * SECOND });
  await world.pass();
  await act(world);
  return world;
}

/** Until nothing is due for it any more. */
async function frozen(world: World, freeze: (world: World) => void): Promise<void> {
  freeze(world);
  await world.pass();
  await world.run(HOUR);
}

describe('the only binding of a scale set', () => {
  it.each(FREEZES)('that %s while an identity is being attached has it on record as attached', async (_, freeze) => {
    const world = await begun();
    expect(phaseOf(world)).toBe('Attaching');

    await frozen(world, freeze);

    expect(phaseOf(world)).toBe('Attached');
    expect(world.cluster.ledgerOf(world.key())?.spec.operation).toBeUndefined();
  });

  it.each(FREEZES)('that %s while an identity is being detached has no record of it', async (_, freeze) => {
    const world = await begun(async (served) => {
      await served.run(MINUTE);
      served.cluster.edit('one', { userAssigned: identityIds(['bus']) });
      await served.pass();
    });
    expect(phaseOf(world)).toBe('Detaching');

    await frozen(world, freeze);

    expect(phaseOf(world)).toBeUndefined();
    expect(world.cluster.ledgerOf(world.key())?.spec.operation).toBeUndefined();
  });

  it.each(FREEZES)('that %s is not looked at when that is done', async (_, freeze) => {
    const world = await begun();
    await frozen(world, freeze);
    world.take();

    await world.pass();
    await world.run(HOUR);

    expect(world.take()).toEqual([]);
  });
});
