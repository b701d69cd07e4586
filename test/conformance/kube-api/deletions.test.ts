import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BINDING } from '../../../src/api/types.ts';
import { addFinalizer, removeFinalizer } from '../../../src/kube/finalizers.ts';
import { pathOf } from '../../../src/kube/object.ts';
import type { Stored } from '../../../src/kube/resource-client.ts';
import { kindOf } from '../kube/widgets.ts';
import { binding, event } from './objects.ts';
import { refusalIn } from './refusal.ts';
import { type Server, SERVERS, type TestBinding } from './servers.ts';

const FINALIZER = 'x.example/held';

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  const make = (finalizers: readonly string[] = []): Promise<Stored<TestBinding>> => {
    const object = binding(server.unique(), server.namespace);
    return server.bindings.create({ ...object, metadata: { ...object.metadata, finalizers } });
  };
  const remove = (object: Stored<TestBinding>, preconditions?: object) =>
    server.send('DELETE', pathOf(BINDING, object.metadata), preconditions && { preconditions });

  it('deletes an object at once that nothing holds, and says which it was', async () => {
    const object = await make();
    const { name, uid } = object.metadata;
    expect(await remove(object)).toEqual({
      code: 200,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name, group: 'vmss-identity.dev', kind: 'vmssidentitybindings', uid },
      },
    });
    const gone = await server.send('GET', pathOf(BINDING, object.metadata));
    expect(refusalIn(gone)).toBe('404 NotFound');
    expect(gone.body).toMatchObject({
      message: `vmssidentitybindings.vmss-identity.dev "${name}" not found`,
      details: { name, group: 'vmss-identity.dev', kind: 'vmssidentitybindings' },
    });
    expect(refusalIn(await remove(object))).toBe('404 NotFound');
  });

  it('marks an object that a finalizer holds, and gives it as it then is', async () => {
    const object = await make([FINALIZER]);
    const { code, body } = await remove(object);
    expect(code).toBe(200);
    expect(body).toMatchObject({
      metadata: { uid: object.metadata.uid, finalizers: [FINALIZER], deletionGracePeriodSeconds: 0, generation: 2 },
    });
    const marked = await server.bindings.get(object.metadata);
    expect(marked.metadata.deletionTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(body).toEqual(marked);
  });

  it('changes nothing when a held object is deleted again', async () => {
    const object = await make([FINALIZER]);
    await remove(object);
    const marked = await server.bindings.get(object.metadata);
    const again = await remove(object);
    expect(again).toEqual({ code: 200, body: marked });
  });

  it('deletes a held object with its last finalizer, and gives it as it was left', async () => {
    const object = await make([FINALIZER, 'x.example/other']);
    await remove(object);
    const held = await removeFinalizer(server.bindings, await server.bindings.get(object.metadata), FINALIZER);
    expect(held?.metadata.finalizers).toEqual(['x.example/other']);
    const left = await removeFinalizer(server.bindings, held!, 'x.example/other');
    expect(left?.metadata.finalizers).toBeUndefined();
    expect(left?.metadata.resourceVersion).toBe(held?.metadata.resourceVersion);
    expect(await kindOf(server.bindings.get(object.metadata))).toBe('notFound');
  });

  it('takes no new finalizer for what is being deleted', async () => {
    const object = await make([FINALIZER]);
    await remove(object);
    const marked = await server.bindings.get(object.metadata);
    expect(await kindOf(addFinalizer(server.bindings, marked, 'x.example/late'))).toBe('invalid');
    const late = { ...marked, metadata: { ...marked.metadata, finalizers: [FINALIZER, 'x.example/late'] } };
    expect(refusalIn(await server.send('PUT', pathOf(BINDING, object.metadata), late))).toBe(
      '422 Invalid: FieldValueForbidden metadata.finalizers',
    );
  });

  it('still takes a spec and a status for what is being deleted, and never unmarks it', async () => {
    const object = await make([FINALIZER]);
    await remove(object);
    const { deletionTimestamp } = (await server.bindings.get(object.metadata)).metadata;
    const changed = await server.bindings.mergePatch(object.metadata, {
      metadata: { deletionTimestamp: null },
      spec: { suspend: true },
    });
    expect(changed).toMatchObject({ spec: { suspend: true }, metadata: { deletionTimestamp, generation: 3 } });
    const told = await server.bindings.replaceStatus({ ...changed, status: { observedGeneration: 3 } });
    expect(told.status).toEqual({ observedGeneration: 3 });
  });

  it('deletes only the object of the uid that is named', async () => {
    const object = await make();
    expect(refusalIn(await remove(object, { uid: 'other' }))).toBe('409 Conflict');
    expect((await remove(object, { uid: object.metadata.uid })).code).toBe(200);
  });

  it('deletes only the version that is named', async () => {
    const object = await make();
    const { resourceVersion } = object.metadata;
    const next = await server.bindings.mergePatch(object.metadata, { spec: { suspend: true } });
    expect(refusalIn(await remove(object, { resourceVersion }))).toBe('409 Conflict');
    expect((await remove(next, { resourceVersion: next.metadata.resourceVersion })).code).toBe(200);
  });

  it('gives an object made anew under the name another uid', async () => {
    const first = await make();
    await remove(first);
    const { name, namespace } = first.metadata;
    const second = await server.bindings.create(binding(name, namespace!));
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.metadata.generation).toBe(1);
  });

  it('takes nothing new in a namespace that is not there', async () => {
    const namespace = server.unique();
    const answer = await server.send('POST', pathOf(BINDING, { namespace }), {
      apiVersion: 'vmss-identity.dev/v1alpha1',
      kind: 'VmssIdentityBinding',
      ...binding(server.unique(), namespace),
    });
    expect(refusalIn(answer)).toBe('404 NotFound');
    expect(answer.body).toMatchObject({
      message: `namespaces "${namespace}" not found`,
      details: { kind: 'namespaces' },
    });
  });

  it('takes nothing new in a namespace that is being deleted, and lets go of what is there', async () => {
    const name = server.unique();
    await server.send('POST', '/api/v1/namespaces', { metadata: { name } });
    const old = await server.bindings.create(binding('old', name));
    await server.send('DELETE', `/api/v1/namespaces/${name}`);
    expect(await kindOf(server.bindings.create(binding('new', name)))).toBe('terminating');
    expect(await kindOf(server.events.create(event('new', name)))).toBe('terminating');
    await server.bindings.mergePatch(old.metadata, { spec: { suspend: true } });
    await server.bindings.delete(old.metadata);
    expect((await server.bindings.list({ namespace: name })).items).toEqual([]);
    expect((await server.send('GET', `/api/v1/namespaces/${name}`)).body).toMatchObject({
      metadata: { name },
      status: { phase: 'Terminating' },
    });
  });
});
