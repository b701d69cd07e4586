import { describe, expect, it } from 'vitest';

import { ResourceClient, type WatchEvent } from '../../../src/kube/resource-client.ts';
import { clientOf, collectionPath, listOf, statusOf, type Widget, widget, widgetClientOf } from './builders.ts';
import { FakeServer, FakeStream } from './fake-server.ts';

const objectPath = '/apis/test.example/v1/namespaces/shop/widgets/web';
const ref = { name: 'web', namespace: 'shop' };

const answering = (body: unknown, status = 200) => {
  const server = new FakeServer(() => ({ status, body }));
  return { server, client: widgetClientOf(server) };
};

describe('get', () => {
  it('reads an object by namespace and name', async () => {
    const { server, client } = answering(widget('web', 5));
    expect(await client.get(ref)).toEqual(widget('web', 5));
    expect(server.requests).toMatchObject([{ method: 'GET', path: objectPath }]);
  });

  it('takes an answer that is no object for no answer', async () => {
    for (const body of [{}, [], { metadata: { name: 'web', uid: 'u' } }]) {
      await expect(answering(body).client.get(ref)).rejects.toMatchObject({ kind: 'malformed' });
    }
  });
});

describe('list', () => {
  it('reads a page of all namespaces', async () => {
    const { server, client } = answering(listOf(9, [widget('web', 5)], 'token'));
    const page = await client.list({ limit: 500, continue: 'before' });
    expect(page).toEqual({ items: [widget('web', 5)], resourceVersion: '9', continue: 'token' });
    expect(server.requests).toMatchObject([{ path: collectionPath, query: { limit: '500', continue: 'before' } }]);
    expect(server.requests[0]!.query).not.toHaveProperty('resourceVersion');
  });

  it('reads one namespace, by selectors, at a resourceVersion', async () => {
    const { server, client } = answering(listOf(9));
    await client.list({
      namespace: 'shop',
      labelSelector: 'a=b',
      fieldSelector: 'metadata.name=x',
      resourceVersion: '0',
    });
    expect(server.requests).toMatchObject([
      {
        path: '/apis/test.example/v1/namespaces/shop/widgets',
        query: { labelSelector: 'a=b', fieldSelector: 'metadata.name=x', resourceVersion: '0' },
      },
    ]);
  });

  it('gives items of built-in kinds, which come without it, their kind', async () => {
    const { apiVersion: _apiVersion, kind: _kind, ...bare } = widget('web', 5);
    const { client } = answering(listOf(9, [bare]));
    expect((await client.list()).items).toEqual([widget('web', 5)]);
  });

  it.each([
    ['a list without items', { metadata: { resourceVersion: '9' } }],
    ['a list whose items are null', { metadata: { resourceVersion: '9' }, items: null }],
    ['a list without a version', { metadata: {}, items: [] }],
    ['an item without a name', listOf(9, [{ metadata: {} as never }])],
    ['something else', 'hello'],
  ])('takes %s for an error, never for an empty list', async (_what, body) => {
    await expect(answering(JSON.stringify(body)).client.list()).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('writing', () => {
  it('creates in the object’s namespace, with its kind, as one field manager', async () => {
    const { server, client } = answering(widget('web', 5), 201);
    await client.create({ metadata: { name: 'web', namespace: 'shop' }, spec: { size: 1 } });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/apis/test.example/v1/namespaces/shop/widgets',
        query: { fieldManager: 'vmss-identity-operator' },
        body: { apiVersion: 'test.example/v1', kind: 'Widget', spec: { size: 1 } },
      },
    ]);
  });

  it('replaces an object, or its status, only with its resourceVersion', async () => {
    const { server, client } = answering(widget('web', 6));
    await client.replace(widget('web', 5));
    await client.replaceStatus(widget('web', 5));
    expect(server.requests).toMatchObject([
      { method: 'PUT', path: objectPath, body: { metadata: { resourceVersion: '5' } } },
      { method: 'PUT', path: `${objectPath}/status` },
    ]);
    const unguarded: Widget = { metadata: { name: 'web', namespace: 'shop' } };
    await expect(client.replace(unguarded)).rejects.toMatchObject({ kind: 'invalid' });
    expect(server.requests).toHaveLength(2);
  });

  it('sends each kind of patch under its own content type, to the object or its status', async () => {
    const { server, client } = answering(widget('web', 6));
    await client.jsonPatch(ref, [{ op: 'remove', path: '/spec' }]);
    await client.mergePatch(ref, { spec: null }, { subresource: 'status' });
    expect(server.requests).toMatchObject([
      {
        method: 'PATCH',
        path: objectPath,
        headers: { 'content-type': 'application/json-patch+json' },
        body: [{ op: 'remove' }],
      },
      {
        path: `${objectPath}/status`,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { spec: null },
      },
    ]);
  });

  it('deletes with preconditions', async () => {
    const { server, client } = answering(statusOf(200, 'Success'));
    await client.delete(ref, { uid: 'u', resourceVersion: '5' });
    await client.delete(ref);
    expect(server.requests).toMatchObject([
      {
        method: 'DELETE',
        path: objectPath,
        body: { kind: 'DeleteOptions', preconditions: { uid: 'u', resourceVersion: '5' } },
      },
      { body: { preconditions: {} } },
    ]);
  });

  it('escapes what stands in a path', async () => {
    const { server, client } = answering(widget('web', 5));
    await client.get({ name: 'a/b?c', namespace: 'x y' });
    expect(server.requests[0]!.path).toBe('/apis/test.example/v1/namespaces/x%20y/widgets/a%2Fb%3Fc');
  });

  it('knows cluster-scoped kinds and the core group', async () => {
    const server = new FakeServer(() => ({ body: widget('web', 5) }));
    const core = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
    await new ResourceClient(clientOf(server), core).get({ name: 'n1', namespace: 'ignored' });
    expect(server.requests[0]!.path).toBe('/api/v1/nodes/n1');
  });
});

describe('watch', () => {
  const collect = async (...lines: readonly unknown[]) => {
    const stream = new FakeStream();
    const server = new FakeServer(() => stream);
    const { signal } = new AbortController();
    const events = await widgetClientOf(server).watch({
      namespace: 'shop',
      resourceVersion: '9',
      timeoutSeconds: 250,
      signal,
    });
    stream.send(...lines);
    stream.end();
    const seen: WatchEvent<Widget>[] = [];
    for await (const event of events) seen.push(event);
    return { server, seen };
  };

  it('asks for bookmarks, from a version on, for a time', async () => {
    const { server } = await collect();
    expect(server.requests).toMatchObject([
      {
        path: '/apis/test.example/v1/namespaces/shop/widgets',
        query: { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '9', timeoutSeconds: '250' },
      },
    ]);
  });

  it('yields events, bookmarks and errors', async () => {
    const { seen } = await collect(
      { type: 'ADDED', object: widget('web', 10) },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '11' } } },
      { type: 'ERROR', object: statusOf(410, 'Expired') },
    );
    expect(seen).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'web' } } },
      { type: 'BOOKMARK', resourceVersion: '11' },
      { type: 'ERROR', error: { kind: 'gone' } },
    ]);
  });

  it.each([
    ['of an unknown type', { type: 'RENAMED', object: widget('web', 10) }],
    ['without an object', { type: 'ADDED' }],
    ['that is a bookmark without a version', { type: 'BOOKMARK', object: {} }],
    ['that is no object', 7],
  ])('fails on an event %s', async (_what, event) => {
    await expect(collect(event)).rejects.toMatchObject({ kind: 'malformed' });
  });
});
