import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LEDGER } from '../../../src/api/types.ts';
import { pathOf } from '../../../src/kube/object.ts';
import { binding, event, identityId, ledger, policy, scaleSetId } from './objects.ts';
import { refusalIn } from './refusal.ts';
import { type Server, SERVERS } from './servers.ts';

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  const makeBinding = (more: object = {}) => server.bindings.create(binding(server.unique(), server.namespace, more));

  it('gives a new object its uid, its version, its first generation and the time in seconds', async () => {
    const { metadata } = await makeBinding();
    expect(metadata.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
    expect(metadata.generation).toBe(1);
    expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('does not take from a new object what is the server’s to give', async () => {
    const given = binding(server.unique(), server.namespace);
    const forged = {
      uid: 'mine',
      generation: 7,
      creationTimestamp: '2001-01-01T00:00:00Z',
      deletionTimestamp: '2001-01-01T00:00:00Z',
    };
    const made = await server.bindings.create({ ...given, metadata: { ...given.metadata, ...forged } });
    expect(made.metadata.uid).not.toBe('mine');
    expect(made.metadata.generation).toBe(1);
    expect(made.metadata.creationTimestamp).not.toBe(forged.creationTimestamp);
    expect(made.metadata.deletionTimestamp).toBeUndefined();
  });

  it('fills in defaults, at every depth, and the status of an object that has none', async () => {
    const made = await makeBinding({ userAssigned: [{ resourceId: identityId('one') }], status: 'ignored' });
    expect(made.spec).toEqual({
      scaleSet: { resourceId: scaleSetId(made.metadata.name) },
      userAssigned: [{ resourceId: identityId('one'), adopt: false }],
      systemAssigned: 'Unmanaged',
      mode: 'Additive',
      deletionPolicy: 'Detach',
      managementPolicy: 'Manage',
      staleIdentities: 'Report',
      suspend: false,
    });
    expect(made.status).toEqual({ observedGeneration: -1 });
  });

  it('takes off what the schema does not know, and nulls', async () => {
    const made = await makeBinding({ mode: null, colour: 'blue' });
    expect(made.spec).toMatchObject({ mode: 'Additive' });
    expect(made.spec).not.toHaveProperty('colour');
  });

  it('counts generations by the spec alone', async () => {
    const made = await makeBinding();
    const labelled = await server.bindings.mergePatch(made.metadata, { metadata: { labels: { a: 'b' } } });
    const told = await server.bindings.mergePatch(
      made.metadata,
      { status: { observedGeneration: 1 } },
      { subresource: 'status' },
    );
    const changed = await server.bindings.mergePatch(made.metadata, { spec: { suspend: true } });
    expect([labelled, told, changed].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
  });

  it('gives every write a greater version, and a write that changes nothing none', async () => {
    const made = await makeBinding();
    const changed = await server.bindings.mergePatch(made.metadata, { spec: { suspend: true } });
    expect(BigInt(changed.metadata.resourceVersion)).toBeGreaterThan(BigInt(made.metadata.resourceVersion));
    expect(await server.bindings.replace(changed)).toEqual(changed);
    expect(await server.bindings.replaceStatus(changed)).toEqual(changed);
    expect(await server.bindings.mergePatch(made.metadata, { spec: { suspend: true } })).toEqual(changed);
  });

  it('stores the default status with the first write after the creation, even one that changes nothing', async () => {
    const made = await makeBinding();
    const same = await server.bindings.replace(made);
    expect(same.status).toEqual(made.status);
    expect(same.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
  });

  it('leaves the status alone when the object is written, and the rest alone when the status is', async () => {
    const made = await makeBinding();
    const told = await server.bindings.replaceStatus({
      ...made,
      metadata: { ...made.metadata, labels: { a: 'b' }, finalizers: ['x.example/y'] },
      spec: { ...(made.spec as object), suspend: true },
      status: { observedGeneration: 1 },
    });
    expect(told).toMatchObject({ spec: { suspend: false }, status: { observedGeneration: 1 } });
    expect(told.metadata.labels).toBeUndefined();
    expect(told.metadata.finalizers).toBeUndefined();
    const written = await server.bindings.replace({ ...told, status: { observedGeneration: 9 } });
    expect(written.status).toEqual({ observedGeneration: 1 });
    const patched = await server.bindings.mergePatch(made.metadata, {
      spec: { suspend: true },
      status: { observedGeneration: 9 },
    });
    expect(patched).toMatchObject({ spec: { suspend: true }, status: { observedGeneration: 1 } });
  });

  it('keeps of a ledger what is in its schema, and knows no status of it', async () => {
    const name = server.unique();
    const made = await server.ledgers.create({ ...ledger(name), status: { a: 1 } } as never);
    expect(made.spec).toEqual({ scaleSetId: scaleSetId(name), entries: [], foreign: [] });
    expect(made).not.toHaveProperty('status');
    const { code } = await server.send('GET', pathOf(LEDGER, { name, subresource: 'status' }));
    expect(code).toBe(404);
  });

  it('stores a policy as it is given, with every answer in its place', async () => {
    const made = await server.policies.create(
      policy(server.unique(), { namespaces: ['a'], protected: [identityId('p')] }),
    );
    expect(made).toMatchObject({
      metadata: { generation: 1 },
      spec: { namespaces: ['a'], scaleSets: [], userAssigned: [], protected: [identityId('p')] },
    });
  });

  it('keeps no generation of a Lease, nor of an event', async () => {
    const { namespace } = server;
    const lease = await server.leases.create({
      metadata: { name: server.unique(), namespace },
      spec: { holderIdentity: '', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.123000Z' },
    });
    expect(lease.metadata.generation).toBeUndefined();
    expect(lease.spec).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 15,
      renewTime: '2026-01-01T00:00:00.123000Z',
    });
    const told = await server.events.create(event(server.unique(), namespace));
    expect(told.metadata.generation).toBeUndefined();
  });

  it('creates with a PUT a Lease that is not there, and no other kind', async () => {
    const { namespace } = server;
    const name = server.unique();
    const lease = await server.send('PUT', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`, {
      metadata: { name, resourceVersion: '7' },
      spec: {},
    });
    expect(lease.code).toBe(201);
    const absent = await server.send('PUT', pathOf(LEDGER, { name }), {
      apiVersion: 'vmss-identity.dev/v1alpha1',
      kind: 'VmssIdentityLedger',
      ...ledger(name),
    });
    expect(refusalIn(absent)).toBe('404 NotFound');
  });
});
