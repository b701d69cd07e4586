import { describe, expect, it } from 'vitest';

import {
  addFinalizer,
  addFinalizerPatch,
  removeFinalizer,
  removeFinalizerPatch,
} from '../../../src/kube/finalizers.ts';
import type { Stored } from '../../../src/kube/resource-client.ts';
import { statusOf, type Widget, widget, widgetClientOf } from './builders.ts';
import { type Answer, FakeServer } from './fake-server.ts';

const ours = 'test.example/ours';
const theirs = 'test.example/theirs';

const withFinalizers = (finalizers: readonly string[], version = 5, uid = 'u1'): Stored<Widget> => {
  const { metadata, ...rest } = widget('web', version, uid);
  return { ...rest, metadata: { ...metadata, finalizers } };
};

const testFailed: Answer = { status: 422, body: statusOf(422, 'Invalid') };

/** Answers patches in turn, and every GET with the object as it is now. */
const serve = (patches: readonly Answer[], current: Stored<Widget>) => {
  const left = [...patches];
  const server = new FakeServer(({ method }) => (method === 'PATCH' ? left.shift()! : { body: current }));
  const methods = () => server.requests.map(({ method }) => method);
  return { server, methods, client: widgetClientOf(server) };
};

describe('a patch that adds', () => {
  it('makes the list where there is none, for this object only', () => {
    expect(addFinalizerPatch(widget('web', 5, 'u1'), ours)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/finalizers', value: null },
      { op: 'add', path: '/metadata/finalizers', value: [ours] },
    ]);
  });

  it('appends to the list that was read, for this object only', () => {
    expect(addFinalizerPatch(withFinalizers([theirs]), ours)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/finalizers', value: [theirs] },
      { op: 'add', path: '/metadata/finalizers/-', value: ours },
    ]);
  });

  it('is none when the finalizer is there', () => {
    expect(addFinalizerPatch(withFinalizers([ours]), ours)).toBeUndefined();
  });
});

describe('a patch that removes', () => {
  it('removes from the place where it was read, and from no other version', () => {
    expect(removeFinalizerPatch(withFinalizers([theirs, ours], 5), ours)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/resourceVersion', value: '5' },
      { op: 'test', path: '/metadata/finalizers/1', value: ours },
      { op: 'remove', path: '/metadata/finalizers/1' },
    ]);
  });

  it('is none when the finalizer is not there', () => {
    expect(removeFinalizerPatch(withFinalizers([theirs]), ours)).toBeUndefined();
    expect(removeFinalizerPatch(widget('web', 5), ours)).toBeUndefined();
  });
});

describe('adding', () => {
  it('returns the object as it is then', async () => {
    const { client, methods } = serve([{ body: withFinalizers([ours], 6) }], widget('web', 5));
    expect((await addFinalizer(client, widget('web', 5), ours)).metadata.resourceVersion).toBe('6');
    expect(methods()).toEqual(['PATCH']);
  });

  it('sends nothing when there is nothing to add', async () => {
    const { client, methods } = serve([], widget('web', 5));
    expect(await addFinalizer(client, withFinalizers([ours]), ours)).toEqual(withFinalizers([ours]));
    expect(methods()).toEqual([]);
  });

  it('reads again and adds to what another controller made of the list', async () => {
    const { client, server, methods } = serve(
      [testFailed, { body: withFinalizers([theirs, ours], 7) }],
      withFinalizers([theirs], 6, 'u1'),
    );
    await addFinalizer(client, widget('web', 5, 'u1'), ours);
    expect(methods()).toEqual(['PATCH', 'GET', 'PATCH']);
    expect(server.requests[2]!.body).toContainEqual({ op: 'test', path: '/metadata/finalizers', value: [theirs] });
  });

  it('does not land on an object made anew under the name', async () => {
    const { client } = serve([testFailed], widget('web', 9, 'u2'));
    await expect(addFinalizer(client, widget('web', 5, 'u1'), ours)).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('gives up after five attempts', async () => {
    const { client, methods } = serve(Array<Answer>(9).fill(testFailed), widget('web', 5, 'u1'));
    await expect(addFinalizer(client, widget('web', 5, 'u1'), ours)).rejects.toMatchObject({ kind: 'testFailed' });
    expect(methods().filter((method) => method === 'PATCH')).toHaveLength(5);
  });

  it('does not try again what will not pass by itself', async () => {
    const { client, methods } = serve([{ status: 403, body: statusOf(403, 'Forbidden') }], widget('web', 5));
    await expect(addFinalizer(client, widget('web', 5), ours)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(methods()).toEqual(['PATCH']);
  });
});

describe('removing', () => {
  it('is content with an object that is gone', async () => {
    const { client } = serve([{ status: 404, body: statusOf(404, 'NotFound') }], widget('web', 5));
    expect(await removeFinalizer(client, withFinalizers([ours]), ours)).toBeUndefined();
  });

  it('sends nothing when there is nothing to remove', async () => {
    const { client, methods } = serve([], widget('web', 5));
    expect(await removeFinalizer(client, withFinalizers([theirs]), ours)).toEqual(withFinalizers([theirs]));
    expect(methods()).toEqual([]);
  });

  it('takes it off no object that has changed since it was judged', async () => {
    const { client, methods } = serve([testFailed], withFinalizers([ours], 6));
    await expect(removeFinalizer(client, withFinalizers([ours]), ours)).rejects.toMatchObject({ kind: 'testFailed' });
    expect(methods()).toEqual(['PATCH']);
  });

  it('tells of everything else', async () => {
    const { client } = serve([{ status: 500 }], widget('web', 5));
    await expect(removeFinalizer(client, withFinalizers([ours]), ours)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
