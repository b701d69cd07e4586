/** A binding that the ledger names lacks the finalizer: someone took it off, or a leader whose lease had passed. */
import { describe, expect, it } from 'vitest';

import { binding } from './objects.ts';
import { World } from './world.ts';

/** One that is served, with its finalizer taken off. */
async function withoutFinalizer(): Promise<World> {
  const world = new World({ bindings: [binding('one')] });
  await world.pass();
  const { finalizers: _finalizers, ...metadata } = world.cluster.binding('one').metadata;
  world.cluster.apply({ ...world.cluster.binding('one'), metadata });
  world.take();
  return world;
}

describe('a binding that the ledger names and that has lost its finalizer', () => {
  it('gets it back although nothing else is to be written', async () => {
    const world = await withoutFinalizer();
    await world.pass();
    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual(['finalizer on one']);
  });

  it('is told nothing when Kubernetes does not take it', async () => {
    const world = await withoutFinalizer();
    world.cluster.failAlways('addFinalizer', 'forbidden', 'one');
    await world.pass();
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });
});
