/** `kubectl replace` with a manifest that has no finalizers takes ours off, and the next deletion would leave all behind. */
import { describe, expect, it } from 'vitest';

import { binding } from './objects.ts';
import { MINUTE, World } from './world.ts';

/** Served, and then without its finalizer. */
async function unfinalized(): Promise<World> {
  const world = new World({ bindings: [binding('one')] });
  await world.pass();
  const { finalizers: _finalizers, ...metadata } = world.cluster.binding('one').metadata;
  world.cluster.replace({ ...world.cluster.binding('one'), metadata });
  world.take();
  return world;
}

describe('a binding that the ledger names, and that has lost its finalizer', () => {
  it('gets it back, without a word to Azure', async () => {
    const world = await unfinalized();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.binding('one').metadata.finalizers).toEqual(['vmss-identity.dev/detach']);
  });

  it('has what was attached for it taken back when it is deleted', async () => {
    const world = await unfinalized();
    await world.pass();

    world.cluster.delete('one');
    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('is left without it while it is being deleted', async () => {
    const world = await unfinalized();
    const stored = world.cluster.binding('one');
    const metadata = { ...stored.metadata, deletionTimestamp: '2026-03-01T12:00:00Z', finalizers: ['another/one'] };
    world.cluster.replace({ ...stored, metadata });

    await world.pass();

    expect(world.take().filter((line) => line.startsWith('finalizer'))).toEqual([]);
  });
});
