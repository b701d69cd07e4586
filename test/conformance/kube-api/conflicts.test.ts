import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BINDING, LEDGER } from '../../../src/api/types.ts';
import { addFinalizer, removeFinalizer } from '../../../src/kube/finalizers.ts';
import { pathOf } from '../../../src/kube/object.ts';
import { kindOf } from '../kube/widgets.ts';
import { binding, ledger } from './objects.ts';
import { refusalIn } from './refusal.ts';
import { type Server, SERVERS } from './servers.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  const makeBinding = () => server.bindings.create(binding(server.unique(), server.namespace));
  /** An object, and one as it was before somebody wrote it. */
  const overtaken = async () => {
    const old = await makeBinding();
    const now = await server.bindings.mergePatch(old.metadata, { spec: { suspend: true } });
    return { old, now };
  };
  const patch = (path: string, body: unknown, contentType: string) => server.send('PATCH', path, body, contentType);

  it('refuses a name that is taken', async () => {
    const name = server.unique();
    const object = await server.ledgers.create(ledger(name));
    const again = { ...object, metadata: { name } };
    const answer = await server.send('POST', pathOf(LEDGER), again);
    expect(refusalIn(answer)).toBe('409 AlreadyExists');
    expect(answer.body).toMatchObject({
      message: `vmssidentityledgers.vmss-identity.dev "${name}" already exists`,
      details: { name, group: 'vmss-identity.dev', kind: 'vmssidentityledgers' },
    });
  });

  it('refuses a new object that has a version', async () => {
    const { metadata, ...rest } = await server.ledgers.create(ledger(server.unique()));
    const next = { ...rest, metadata: { name: server.unique(), resourceVersion: metadata.resourceVersion } };
    expect(refusalIn(await server.send('POST', pathOf(LEDGER), next))).toBe('500 (no reason)');
  });

  it('refuses a replacement of an older version, of the object and of its status', async () => {
    const { old } = await overtaken();
    const path = pathOf(BINDING, old.metadata);
    const answer = await server.send('PUT', path, old);
    expect(refusalIn(answer)).toBe('409 Conflict');
    expect(answer.body).toMatchObject({
      message: `Operation cannot be fulfilled on vmssidentitybindings.vmss-identity.dev "${old.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
      details: { name: old.metadata.name, group: 'vmss-identity.dev', kind: 'vmssidentitybindings' },
    });
    expect(refusalIn(await server.send('PUT', `${path}/status`, old))).toBe('409 Conflict');
  });

  it('refuses a replacement without a version', async () => {
    const { metadata, ...rest } = await makeBinding();
    const { name, namespace } = metadata;
    const answer = await server.send('PUT', pathOf(BINDING, metadata), { ...rest, metadata: { name, namespace } });
    expect(refusalIn(answer)).toBe('422 Invalid: FieldValueInvalid metadata.resourceVersion');
  });

  it('refuses a replacement of another object of the name', async () => {
    const { metadata, ...rest } = await makeBinding();
    const answer = await server.send('PUT', pathOf(BINDING, metadata), {
      ...rest,
      metadata: { ...metadata, uid: 'other' },
    });
    expect(refusalIn(answer)).toBe('409 Conflict');
  });

  it('refuses a replacement of an object that is gone', async () => {
    const object = await makeBinding();
    await server.bindings.delete(object.metadata);
    expect(refusalIn(await server.send('PUT', pathOf(BINDING, object.metadata), object))).toBe('404 NotFound');
  });

  it('refuses a replacement of a Lease that is gone by the uid that it had', async () => {
    const metadata = { name: server.unique(), namespace: server.namespace };
    const lease = await server.leases.create({ metadata, spec: { leaseDurationSeconds: 15 } });
    await server.leases.delete(lease.metadata);
    expect(await kindOf(server.leases.replace(lease))).toBe('conflict');
  });

  it('refuses a body that is about another object than the path', async () => {
    const object = await makeBinding();
    const other = { ...object, metadata: { ...object.metadata, name: 'other' } };
    expect(refusalIn(await server.send('PUT', pathOf(BINDING, object.metadata), other))).toBe('400 BadRequest');
    const elsewhere = { ...object, metadata: { name: server.unique(), namespace: 'default' } };
    const path = pathOf(BINDING, { namespace: server.namespace });
    expect(refusalIn(await server.send('POST', path, elsewhere))).toBe('400 BadRequest');
    const otherKind = { ...object, kind: 'VmssIdentityLedger', metadata: { name: server.unique() } };
    expect(refusalIn(await server.send('POST', path, otherKind))).toBe('422 Invalid: FieldValueInvalid kind');
    const otherVersion = { ...object, apiVersion: 'vmss-identity.dev/v1', metadata: { name: server.unique() } };
    expect(refusalIn(await server.send('POST', path, otherVersion))).toBe('400 BadRequest');
  });

  it('refuses a merge patch that names an older version, and takes one that names none', async () => {
    const { old } = await overtaken();
    const path = pathOf(BINDING, old.metadata);
    const { resourceVersion } = old.metadata;
    expect(refusalIn(await patch(path, { metadata: { resourceVersion } }, MERGE_PATCH))).toBe('409 Conflict');
    expect((await patch(path, { metadata: { labels: { a: 'b' } } }, MERGE_PATCH)).code).toBe(200);
  });

  it('refuses a JSON patch whose test does not hold, without a cause and whole', async () => {
    const { metadata } = await makeBinding();
    const path = pathOf(BINDING, metadata);
    const answer = await patch(
      path,
      [
        { op: 'add', path: '/spec/suspend', value: true },
        { op: 'test', path: '/metadata/uid', value: 'other' },
      ],
      JSON_PATCH,
    );
    expect(refusalIn(answer)).toBe('422 Invalid');
    expect(answer.body).toMatchObject({ message: 'the server rejected our request due to an error in our request' });
    expect((await server.bindings.get(metadata)).spec).toMatchObject({ suspend: false });
  });

  it('refuses a JSON patch of what is not there, without a cause', async () => {
    const { metadata } = await makeBinding();
    const path = pathOf(BINDING, metadata);
    const absent = '/metadata/finalizers/0';
    const refused = async (operation: object) => refusalIn(await patch(path, [operation], JSON_PATCH));
    expect(await refused({ op: 'remove', path: absent })).toBe('422 Invalid');
    expect(await refused({ op: 'replace', path: absent, value: 'a' })).toBe('422 Invalid');
    expect(await refused({ op: 'add', path: absent, value: 'a' })).toBe('422 Invalid');
    expect(await refused({ op: 'test', path: absent, value: 'a' })).toBe('422 Invalid');
  });

  it('holds a field that is not there to be null', async () => {
    const { metadata } = await makeBinding();
    const test = { op: 'test', path: '/metadata/finalizers', value: null };
    expect((await patch(pathOf(BINDING, metadata), [test], JSON_PATCH)).code).toBe(200);
  });

  it('refuses a patch that is none, and one of an unknown type', async () => {
    const path = pathOf(BINDING, (await makeBinding()).metadata);
    expect(refusalIn(await patch(path, { op: 'test' }, JSON_PATCH))).toBe('400 BadRequest');
    expect(refusalIn(await patch(path, ['a'], MERGE_PATCH))).toBe('400 BadRequest');
    expect(refusalIn(await patch(path, {}, 'application/json'))).toBe('415 UnsupportedMediaType');
  });

  it('refuses a patch of an object that is not there', async () => {
    const path = pathOf(BINDING, { name: server.unique(), namespace: server.namespace });
    expect(refusalIn(await patch(path, [], JSON_PATCH))).toBe('404 NotFound');
  });

  it('lets nobody change what is the server’s to give', async () => {
    const { metadata } = await makeBinding();
    const path = pathOf(BINDING, metadata);
    const forged = { uid: 'other', creationTimestamp: '2001-01-01T00:00:00Z' };
    expect(refusalIn(await patch(path, { metadata: forged }, MERGE_PATCH))).toBe(
      '422 Invalid: FieldValueInvalid metadata.uid',
    );
    const doomed = { deletionTimestamp: '2001-01-01T00:00:00Z' };
    expect(refusalIn(await patch(path, { metadata: doomed }, MERGE_PATCH))).toBe(
      '422 Invalid: FieldValueInvalid metadata.deletionTimestamp',
    );
    const dated = { generation: 7, creationTimestamp: '2001-01-01T00:00:00Z' };
    const same = await server.bindings.mergePatch(metadata, { metadata: dated });
    expect(same.metadata.generation).toBe(1);
    expect(same.metadata.creationTimestamp).toBe(metadata.creationTimestamp);
  });

  it('takes and gives back finalizers as the operator writes them', async () => {
    const made = await makeBinding();
    const held = await addFinalizer(server.bindings, made, 'x.example/one');
    const both = await addFinalizer(server.bindings, held, 'x.example/two');
    expect(both.metadata.finalizers).toEqual(['x.example/one', 'x.example/two']);
    const left = await removeFinalizer(server.bindings, both, 'x.example/one');
    expect(left?.metadata.finalizers).toEqual(['x.example/two']);
    const free = await removeFinalizer(server.bindings, left!, 'x.example/two');
    expect(free?.metadata.finalizers ?? []).toEqual([]);
  });
});
