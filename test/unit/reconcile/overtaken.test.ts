/** What is declared while a pass reads the scale set counts in that pass, where it would take something away. */
import { describe, expect, it } from 'vitest';

import { binding, identityIds, policy } from './objects.ts';
import { World } from './world.ts';

/** A world in which `one` has its identity and is being deleted, which no pass has seen yet. */
async function leaving(): Promise<World> {
  const world = new World({ bindings: [binding('one')] });
  await world.pass();
  world.cluster.delete('one');
  world.take();
  return world;
}

describe('a binding that comes while the identity of another one is about to be detached', () => {
  it('takes it over without a write to Azure', async () => {
    const world = await leaving();
    world.journal.before('GET web', () => world.cluster.apply(binding('renamed')));

    await world.pass();
    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
    expect(world.identity('renamed', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('has it held when it is suspended', async () => {
    const world = await leaving();
    world.journal.before('GET web', () => world.cluster.apply(binding('renamed', { suspend: true })));

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
  });

  it('keeps nothing that it does not declare', async () => {
    const world = await leaving();
    world.journal.before('GET web', () => world.cluster.apply(binding('other', { userAssigned: [] })));

    await world.pass();

    expect(world.assigned()).toEqual([]);
  });
});

describe('a policy that is taken back while an identity is about to be detached', () => {
  it('has it stay', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.edit('one', { userAssigned: identityIds([]) });
    world.take();
    world.journal.before('GET web', () => world.cluster.setPolicies(policy({ namespaces: ['nobody'] })));

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
  });
});

describe('a binding that is changed all the time', () => {
  it('does not keep the identity of another one from being detached', async () => {
    const world = await leaving();
    for (let change = 0; change < 5; change += 1) {
      world.journal.before('GET web', () =>
        world.cluster.apply(binding(`other-${String(change)}`, { userAssigned: [] })),
      );
    }

    await world.pass();

    expect(world.assigned()).toEqual([]);
  });
});
