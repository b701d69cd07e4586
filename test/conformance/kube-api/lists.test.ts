import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BINDING } from '../../../src/api/types.ts';
import { leaseDescriptor } from '../../../src/kube/lease.ts';
import { listAll } from '../../../src/kube/list-all.ts';
import { pathOf } from '../../../src/kube/object.ts';
import { kindOf } from '../kube/widgets.ts';
import { binding } from './objects.ts';
import { refusalIn } from './refusal.ts';
import { type Server, SERVERS } from './servers.ts';

const NAMES = ['a', 'a-b', 'a.b', 'b', 'c'];

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
    for (const name of NAMES.toReversed()) await server.bindings.create(binding(name, server.namespace));
  });
  afterAll(async () => {
    for (const name of NAMES) await server.bindings.delete({ name, namespace: server.namespace });
    await server.close();
  });

  const path = () => pathOf(BINDING, { namespace: server.namespace });
  const namesIn = (items: readonly { readonly metadata: { readonly name: string } }[]) =>
    items.map(({ metadata }) => metadata.name);

  it('lists a namespace in the order of names, in the shape of a list', async () => {
    const { code, body } = await server.send('GET', path());
    expect(code).toBe(200);
    expect(body).toMatchObject({
      apiVersion: 'vmss-identity.dev/v1alpha1',
      kind: 'VmssIdentityBindingList',
      metadata: { resourceVersion: expect.stringMatching(/^[1-9]\d*$/) },
    });
    expect((body as { metadata: object }).metadata).not.toHaveProperty('remainingItemCount');
    expect(namesIn((body as { items: [] }).items)).toEqual(['a', 'a-b', 'a.b', 'b', 'c']);
  });

  it('gives in a list what it gives of each object', async () => {
    const { items } = await server.bindings.list({ namespace: server.namespace });
    expect(items[1]).toEqual(await server.bindings.get({ name: 'a-b', namespace: server.namespace }));
  });

  it('gives pages, says how many are left, and shows on all of them the state of the first', async () => {
    const { namespace } = server;
    const first = await server.send('GET', `${path()}?limit=2`);
    expect(first.body).toMatchObject({ metadata: { remainingItemCount: 3, continue: expect.any(String) } });
    const { metadata, items } = first.body as {
      metadata: { continue: string; resourceVersion: string };
      items: { metadata: { name: string } }[];
    };
    const late = await server.bindings.create(binding('bb', namespace));
    const second = await server.bindings.list({ namespace, limit: 2, continue: metadata.continue });
    const third = await server.bindings.list({ namespace, limit: 2, continue: second.continue! });
    await server.bindings.delete(late.metadata);
    expect([...namesIn(items), ...namesIn(second.items), ...namesIn(third.items)]).toEqual(NAMES);
    expect([second, third].map(({ resourceVersion }) => resourceVersion)).toEqual([
      metadata.resourceVersion,
      metadata.resourceVersion,
    ]);
    expect(third.continue).toBeUndefined();
  });

  it('comes whole from the operator’s own walk', async () => {
    const { signal } = new AbortController();
    const all = await listAll(server.bindings, { namespace: server.namespace, pageSize: 2, signal });
    expect(namesIn(all.items)).toEqual(NAMES);
  });

  it('finds one by its name', async () => {
    const { items } = await server.bindings.list({ namespace: server.namespace, fieldSelector: 'metadata.name=b' });
    expect(namesIn(items)).toEqual(['b']);
  });

  it('has a version at least that of the last write', async () => {
    const { namespace } = server;
    const written = await server.bindings.mergePatch({ name: 'c', namespace }, { metadata: { labels: { a: 'b' } } });
    const { resourceVersion } = await server.bindings.list({ namespace });
    expect(BigInt(resourceVersion)).toBeGreaterThanOrEqual(BigInt(written.metadata.resourceVersion));
    const { items } = await server.bindings.list({ namespace, resourceVersion: written.metadata.resourceVersion });
    expect(items).toContainEqual(written);
    expect(namesIn((await server.bindings.list({ namespace, resourceVersion: '0' })).items)).toContain('c');
  });

  it('refuses a version that it has not come to', async () => {
    const answer = await server.send('GET', `${path()}?resourceVersion=1000000000`);
    expect(refusalIn(answer)).toBe('504 Timeout: ResourceVersionTooLarge');
  });

  it('refuses a continue token that is none, and one with a version beside it', async () => {
    expect(refusalIn(await server.send('GET', `${path()}?limit=1&continue=none`))).toBe('400 BadRequest');
    const { continue: token } = await server.bindings.list({ namespace: server.namespace, limit: 1 });
    const query = `limit=1&resourceVersion=7&continue=${encodeURIComponent(token!)}`;
    expect(refusalIn(await server.send('GET', `${path()}?${query}`))).toBe('400 BadRequest');
  });

  it('says that a continue token is gone whose version is no longer kept', async () => {
    // As the server makes them, of the first version there ever was.
    const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'a\0' })).toString('base64url');
    await server.forgetFirst();
    const answer = await server.send('GET', `${path()}?limit=1&continue=${token}`);
    expect(refusalIn(answer)).toBe('410 Expired');
    expect(await kindOf(server.bindings.list({ limit: 1, continue: token }))).toBe('gone');
  });

  it('knows no kind that is not served', async () => {
    const { code } = await server.send('GET', '/apis/vmss-identity.dev/v1alpha1/nothing');
    expect(code).toBe(404);
    expect(await kindOf(server.client.call({ method: 'GET', path: '/apis/none.example/v1/things' }))).toBe('notFound');
  });

  it('takes no method that is none of the resource’s', async () => {
    const leases = pathOf(leaseDescriptor, { namespace: server.namespace });
    expect(refusalIn(await server.send('PUT', leases, {}))).toBe('405 MethodNotAllowed');
    expect(refusalIn(await server.send('POST', `${leases}/one`, {}))).toBe('405 MethodNotAllowed');
  });
});
