import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { addFinalizer, removeFinalizer } from '../../../src/kube/finalizers.ts';
import { clientFor, kindOf, makeWidgets, sharedKubeconfig } from './widgets.ts';

const names = ['test.example/a', 'test.example/b', 'test.example/c', 'test.example/d'];

let client: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  client = clientFor(sharedKubeconfig());
  kit = await makeWidgets(client);
});
afterAll(() => client.close());

describe('finalizers', () => {
  it('of several controllers, added at once to the same stale object, do not get lost', async () => {
    const { widgets, make } = kit;
    const made = await make('contended');
    await Promise.all(names.map((name) => addFinalizer(widgets, made, name)));
    expect((await widgets.get(made.metadata)).metadata.finalizers?.toSorted()).toEqual(names);
  });

  it('are taken off the object as it was read, and not off one that has changed since', async () => {
    const { widgets, make } = kit;
    const held = await addFinalizer(widgets, await make('changed'), names[0]!);
    const changed = await widgets.mergePatch(held.metadata, { metadata: { annotations: { 'test.example/a': '1' } } });
    expect(await kindOf(removeFinalizer(widgets, held, names[0]!))).toBe('testFailed');
    expect((await widgets.get(held.metadata)).metadata.finalizers).toEqual(names.slice(0, 1));
    expect((await removeFinalizer(widgets, changed, names[0]!))?.metadata.finalizers ?? []).toEqual([]);
  });

  it('hold a deleted object until the last is removed, whose removal is answered with the object', async () => {
    const { widgets, make } = kit;
    const held = await addFinalizer(widgets, await make('held'), names[0]!);
    await widgets.delete(held.metadata);
    const last = await removeFinalizer(widgets, await widgets.get(held.metadata), names[0]!);
    expect(last?.metadata.deletionTimestamp).toBeDefined();
    expect(last?.metadata.finalizers ?? []).toEqual([]);
    expect(await kindOf(widgets.get(held.metadata))).toBe('notFound');
    expect(await removeFinalizer(widgets, held, names[0]!)).toBeUndefined();
  });

  it('are not taken by an object that is being deleted', async () => {
    const { widgets, make } = kit;
    const held = await addFinalizer(widgets, await make('deleting'), names[0]!);
    await widgets.delete(held.metadata);
    const deleting = await widgets.get(held.metadata);
    expect(await kindOf(addFinalizer(widgets, deleting, names[1]!))).toBe('invalid');
    await removeFinalizer(widgets, deleting, names[0]!);
  });

  it('do not land on an object made anew under the name', async () => {
    const { widgets, make } = kit;
    const old = await make('anew');
    await widgets.delete(old.metadata);
    await make('anew');
    expect(await kindOf(addFinalizer(widgets, old, names[0]!))).toBe('notFound');
    expect((await widgets.get(old.metadata)).metadata.finalizers).toBeUndefined();
  });
});
