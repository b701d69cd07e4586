import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { listAll } from '../../../src/kube/list-all.ts';
import type { WatchEvent } from '../../../src/kube/resource-client.ts';
import { clientFor, kindOf, makeWidgets, sharedKubeconfig, type Widget } from './widgets.ts';

let client: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  client = clientFor(sharedKubeconfig());
  kit = await makeWidgets(client);
});
afterAll(() => client.close());

describe('an object', () => {
  it('is created, read, replaced, patched and deleted', async () => {
    const { widgets, make } = kit;
    const created = await make('life', { spec: { size: 1 } });
    expect(created).toMatchObject({ kind: 'Widget', metadata: { generation: 1 }, spec: { size: 1 } });
    const replaced = await widgets.replace({ ...created, spec: { size: 2 } });
    expect(replaced.metadata.generation).toBe(2);
    const merged = await widgets.mergePatch(replaced.metadata, { spec: { size: 3 } });
    expect(merged.spec).toEqual({ size: 3 });
    const patched = await widgets.jsonPatch(merged.metadata, [{ op: 'replace', path: '/spec/size', value: 4 }]);
    expect(await widgets.get(patched.metadata)).toEqual(patched);
    await widgets.delete(patched.metadata, { uid: patched.metadata.uid });
    expect(await kindOf(widgets.get(patched.metadata))).toBe('notFound');
  });

  it('has a status that only its subresource writes, and that does not touch the generation', async () => {
    const { widgets, make } = kit;
    const created = await make('status', { spec: { size: 1 }, status: { painted: 'ignored' } });
    expect(created.status).toBeUndefined();
    const painted = await widgets.replaceStatus({ ...created, spec: { size: 9 }, status: { painted: 'blue' } });
    expect(painted).toMatchObject({ spec: { size: 1 }, status: { painted: 'blue' }, metadata: { generation: 1 } });
    const again = await widgets.mergePatch(created.metadata, { status: { painted: 'red' } }, { subresource: 'status' });
    expect(again.status).toEqual({ painted: 'red' });
    const back = await widgets.jsonPatch(created.metadata, [{ op: 'remove', path: '/status/painted' }], {
      subresource: 'status',
    });
    expect(back.status).toEqual({});
  });
});

describe('a refusal', () => {
  it('of a name that is taken is alreadyExists', async () => {
    await kit.make('taken');
    expect(await kindOf(kit.make('taken'))).toBe('alreadyExists');
  });

  it('of what the schema forbids is invalid, also as a JSON patch', async () => {
    const { widgets, make } = kit;
    expect(await kindOf(make('huge', { spec: { size: 1_000 } }))).toBe('invalid');
    const { metadata } = await make('grown', { spec: { size: 1 } });
    expect(await kindOf(widgets.jsonPatch(metadata, [{ op: 'replace', path: '/spec/size', value: 1_000 }]))).toBe(
      'invalid',
    );
  });

  it('of a stale version is conflict, for a replace, a merge patch that carries it, and a deletion', async () => {
    const { widgets, make } = kit;
    const old = await make('stale', { spec: { size: 1 } });
    await widgets.mergePatch(old.metadata, { spec: { size: 2 } });
    const { resourceVersion, uid } = old.metadata;
    expect(await kindOf(widgets.replace({ ...old, spec: { size: 3 } }))).toBe('conflict');
    expect(await kindOf(widgets.replaceStatus({ ...old, status: { painted: 'x' } }))).toBe('conflict');
    expect(await kindOf(widgets.mergePatch(old.metadata, { metadata: { resourceVersion } }))).toBe('conflict');
    expect(await kindOf(widgets.delete(old.metadata, { resourceVersion }))).toBe('conflict');
    expect(await kindOf(widgets.delete(old.metadata, { uid: `${uid.slice(0, -1)}x` }))).toBe('conflict');
    await widgets.delete(old.metadata, { uid });
  });

  it('of a JSON patch whose test does not hold is testFailed', async () => {
    const { widgets, make } = kit;
    const { metadata } = await make('tested', { spec: { size: 1 } });
    const test = (path: string, value: unknown) =>
      kindOf(
        widgets.jsonPatch(metadata, [
          { op: 'test', path, value },
          { op: 'replace', path: '/spec/size', value: 2 },
        ]),
      );
    expect(await test('/spec/size', 7)).toBe('testFailed');
    expect(await test('/metadata/uid', 'another')).toBe('testFailed');
    expect(await test('/metadata/finalizers', ['x'])).toBe('testFailed');
    expect(await test('/metadata/finalizers', null)).toBe('none');
    const inStatus = [{ op: 'test', path: '/metadata/uid', value: 'another' }] as const;
    expect(await kindOf(widgets.jsonPatch(metadata, inStatus, { subresource: 'status' }))).toBe('testFailed');
  });

  it('of a kind that does not exist is notFound', async () => {
    const { widgets } = kit;
    expect(await kindOf(client.call({ method: 'GET', path: '/apis/none.example/v1/widgets' }))).toBe('notFound');
    expect(await kindOf(widgets.mergePatch({ name: 'nobody', namespace: kit.namespace }, {}))).toBe('notFound');
  });
});

describe('a list', () => {
  it('comes in pages of one version, and whole from listAll', async () => {
    const { widgets, make, namespace } = kit;
    const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
    for (const name of names) await make(name);
    const first = await widgets.list({ namespace, limit: 3 });
    expect(first.items).toHaveLength(3);
    const second = await widgets.list({ namespace, limit: 3, continue: first.continue! });
    expect(second.resourceVersion).toBe(first.resourceVersion);
    const { signal } = new AbortController();
    let pages = 0;
    const all = await listAll(widgets, { namespace, pageSize: 3, signal, onPage: () => pages++ });
    expect(all.items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(names));
    expect(pages).toBeGreaterThan(2);
    expect((await widgets.list({ fieldSelector: 'metadata.name=page-3' })).items).toHaveLength(1);
  });

  it('of nothing is empty, with a version', async () => {
    const empty = await kit.widgets.list({ labelSelector: 'none=such' });
    expect(empty.items).toEqual([]);
    expect(empty.resourceVersion).toMatch(/^\d+$/);
  });
});

describe('a watch', () => {
  const watch = async (resourceVersion: string, count: number): Promise<readonly WatchEvent<Widget>[]> => {
    const controller = new AbortController();
    const { signal } = controller;
    const events = await kit.widgets.watch({ namespace: kit.namespace, resourceVersion, timeoutSeconds: 60, signal });
    const seen: WatchEvent<Widget>[] = [];
    for await (const event of events) {
      seen.push(event);
      if (seen.length === count) break;
    }
    controller.abort();
    return seen;
  };

  it('tells of what happened since a version, in order', async () => {
    const { widgets, make, namespace } = kit;
    const { resourceVersion } = await widgets.list({ namespace });
    const made = await make('watched', { spec: { size: 1 } });
    await widgets.mergePatch(made.metadata, { spec: { size: 2 } });
    await widgets.delete(made.metadata);
    const seen = await watch(resourceVersion, 3);
    expect(seen).toMatchObject([
      { type: 'ADDED', object: { spec: { size: 1 } } },
      { type: 'MODIFIED', object: { spec: { size: 2 } } },
      { type: 'DELETED', object: { metadata: { uid: made.metadata.uid } } },
    ]);
  });

  it('is ended by the server after the time that was asked for', async () => {
    const { signal } = new AbortController();
    const { resourceVersion } = await kit.widgets.list();
    const events = await kit.widgets.watch({ resourceVersion, timeoutSeconds: 1, signal });
    const seen: string[] = [];
    for await (const event of events) seen.push(event.type);
    expect(seen.filter((type) => type !== 'BOOKMARK')).toEqual([]);
  });

  it('from a version of long ago begins, and ends with an event that says gone', async () => {
    expect(await watch('1', 1)).toMatchObject([{ type: 'ERROR', error: { kind: 'gone', status: 410 } }]);
  });

  it('from a version yet to be reached begins, and says nothing, not even a bookmark', async () => {
    const { signal } = new AbortController();
    const events = await kit.widgets.watch({ resourceVersion: '1000000000', timeoutSeconds: 4, signal });
    await kit.make('unheard-of');
    for await (const event of events) expect.fail(`heard of ${event.type}`);
  });

  it('from a version that is no number is answered with 500', async () => {
    expect(await kindOf(watch('yesterday', 1))).toBe('unavailable');
  });
});
