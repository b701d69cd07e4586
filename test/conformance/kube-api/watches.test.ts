import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeObject } from '../../../src/kube/object.ts';
import type { ResourceClient, Stored, WatchEvent } from '../../../src/kube/resource-client.ts';
import { kindOf } from '../kube/widgets.ts';
import { binding, ledger } from './objects.ts';
import { type Server, SERVERS } from './servers.ts';

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  /** The first so many events since a version, those of other tests' objects and bookmarks apart. */
  const watched = async <T extends KubeObject>(
    client: ResourceClient<T>,
    { since, count, name, namespace }: { since: string; count: number; name?: string; namespace?: string },
  ): Promise<readonly WatchEvent<Stored<T>>[]> => {
    const controller = new AbortController();
    const seen: WatchEvent<Stored<T>>[] = [];
    const options = { resourceVersion: since, timeoutSeconds: 60, signal: controller.signal, namespace };
    for await (const event of await client.watch(options)) {
      const isOther = 'object' in event && name !== undefined && event.object.metadata.name !== name;
      if (event.type !== 'BOOKMARK' && !isOther) seen.push(event);
      if (seen.length === count) break;
    }
    controller.abort();
    return seen;
  };

  /** A binding's life, from the version before it on. */
  const life = async () => {
    const { namespace } = server;
    const { resourceVersion: since } = await server.bindings.list({ namespace });
    const name = server.unique();
    const made = await server.bindings.create({
      ...binding(name, namespace),
      metadata: { name, namespace, finalizers: ['x.example/held'] },
    });
    const told = await server.bindings.replaceStatus({ ...made, status: { observedGeneration: 1 } });
    await server.bindings.delete(made.metadata);
    const marked = await server.bindings.get(made.metadata);
    await server.bindings.mergePatch(made.metadata, { metadata: { finalizers: null } });
    return { since, name, namespace, versions: [made, told, marked] };
  };

  it('tells of the life of an object in order, as it was given to whoever wrote it', async () => {
    const { since, name, namespace, versions } = await life();
    const events = await watched(server.bindings, { since, count: 4, name, namespace });
    expect(events.slice(0, 3)).toEqual([
      { type: 'ADDED', object: versions[0] },
      { type: 'MODIFIED', object: versions[1] },
      { type: 'MODIFIED', object: versions[2] },
    ]);
  });

  it('tells of a deletion with the object as it was stored last, under a version of its own', async () => {
    const { since, name, namespace, versions } = await life();
    const [, , , deleted] = await watched(server.bindings, { since, count: 4, name, namespace });
    const { metadata, ...rest } = versions[2]!;
    expect(deleted).toEqual({
      type: 'DELETED',
      object: { ...rest, metadata: { ...metadata, resourceVersion: expect.any(String) } },
    });
    const object = (deleted as { object: Stored<KubeObject> }).object;
    expect(BigInt(object.metadata.resourceVersion)).toBeGreaterThan(BigInt(metadata.resourceVersion));
  });

  it('begins after the version that it is given', async () => {
    const { name, namespace, versions } = await life();
    const since = versions[0]!.metadata.resourceVersion;
    const [first] = await watched(server.bindings, { since, count: 1, name, namespace });
    expect(first).toEqual({ type: 'MODIFIED', object: versions[1] });
  });

  it('goes on with what happens while it is open', async () => {
    const { namespace } = server;
    const { resourceVersion } = await server.leases.list({ namespace });
    const controller = new AbortController();
    const { signal } = controller;
    const events = await server.leases.watch({ namespace, resourceVersion, timeoutSeconds: 60, signal });
    const made = await server.leases.create({ metadata: { name: server.unique(), namespace }, spec: {} });
    for await (const event of events) {
      expect(event).toEqual({ type: 'ADDED', object: made });
      break;
    }
    controller.abort();
  });

  it('tells nothing of a write that changed nothing', async () => {
    const { resourceVersion: since } = await server.ledgers.list();
    const name = server.unique();
    const made = await server.ledgers.create(ledger(name));
    await server.ledgers.replace(made);
    await server.ledgers.mergePatch(made.metadata, { spec: { scaleSetId: made.spec.scaleSetId } });
    const changed = await server.ledgers.mergePatch(made.metadata, { spec: { foreign: ['f'] } });
    expect(await watched(server.ledgers, { since, count: 2, name })).toEqual([
      { type: 'ADDED', object: made },
      { type: 'MODIFIED', object: changed },
    ]);
  });

  it('tells of its own namespace alone', async () => {
    const { namespace } = server;
    const { resourceVersion: since } = await server.leases.list();
    const name = server.unique();
    const elsewhere = await server.leases.create({ metadata: { name, namespace: 'default' }, spec: {} });
    await server.leases.delete(elsewhere.metadata);
    const made = await server.leases.create({ metadata: { name, namespace }, spec: {} });
    expect(await watched(server.leases, { since, count: 1, namespace, name })).toEqual([
      { type: 'ADDED', object: made },
    ]);
  });

  it('tells of an object that was made anew as of two', async () => {
    const { resourceVersion: since } = await server.ledgers.list();
    const name = server.unique();
    const first = await server.ledgers.create(ledger(name));
    await server.ledgers.delete(first.metadata);
    const second = await server.ledgers.create(ledger(name));
    const events = await watched(server.ledgers, { since, count: 3, name });
    expect(events.map((event) => ('object' in event ? [event.type, event.object.metadata.uid] : []))).toEqual([
      ['ADDED', first.metadata.uid],
      ['DELETED', first.metadata.uid],
      ['ADDED', second.metadata.uid],
    ]);
  });

  it('ends by itself after the time that was asked for, and sends a bookmark shortly before', async () => {
    const { signal } = new AbortController();
    const { resourceVersion } = await server.ledgers.list();
    const made = await server.ledgers.create(ledger(server.unique()));
    const bookmarks: string[] = [];
    // The real one looks about once a second whether a bookmark is due, and may miss the last two before the end.
    while (bookmarks.length === 0) {
      const events = await server.ledgers.watch({ resourceVersion, timeoutSeconds: 5, signal });
      for await (const event of events) if (event.type === 'BOOKMARK') bookmarks.push(event.resourceVersion);
    }
    expect(BigInt(bookmarks[0]!)).toBeGreaterThanOrEqual(BigInt(made.metadata.resourceVersion));
  });

  it('from a version yet to come begins, and says nothing', async () => {
    const { signal } = new AbortController();
    const events = await server.ledgers.watch({ resourceVersion: '1000000000', timeoutSeconds: 3, signal });
    await server.ledgers.create(ledger(server.unique()));
    for await (const event of events) expect.fail(`heard of ${event.type}`);
  });

  it('from a version that is no longer kept begins, and ends with an event that says so', async () => {
    const seen: unknown[] = [];
    const { signal } = new AbortController();
    for await (const event of await server.bindings.watch({ resourceVersion: '1', timeoutSeconds: 60, signal })) {
      seen.push(event);
    }
    expect(seen).toMatchObject([{ type: 'ERROR', error: { kind: 'gone', status: 410, reason: 'Expired' } }]);
  });

  it('from a version that is no number is answered with 500', async () => {
    const watch = watched(server.bindings, { since: 'yesterday', count: 1 });
    expect(await kindOf(watch)).toBe('unavailable');
  });

  it('without a version tells first of all that is there', async () => {
    const name = server.unique();
    const made = await server.ledgers.create(ledger(name));
    expect(await watched(server.ledgers, { since: '0', count: 1, name })).toEqual([{ type: 'ADDED', object: made }]);
  });
});
