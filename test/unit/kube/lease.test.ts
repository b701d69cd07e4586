import { describe, expect, it } from 'vitest';

import { KubeLease, leaseDescriptor, type LeaseObject } from '../../../src/kube/lease.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { clientOf, statusOf } from './builders.ts';
import { FakeServer } from './fake-server.ts';

const NEVER = new AbortController().signal;
const LEASE = { metadata: { name: 'l', namespace: 'n', uid: 'u', resourceVersion: '1' }, spec: {} };

function setUp() {
  const server = new FakeServer(() => ({ status: 403, body: statusOf(403, 'Forbidden') }));
  const told: unknown[] = [];
  const leases = new ResourceClient<LeaseObject>(clientOf(server), leaseDescriptor);
  const lease = new KubeLease(leases, { namespace: 'n', name: 'l' }, (error) => told.push(error));
  return { server, told, read: () => lease.read(NEVER) };
}

describe('a Lease that the operator has no right to', () => {
  it('is told of once', async () => {
    const { told, read } = setUp();

    for (let times = 0; times < 3; times++) await expect(read()).rejects.toThrow();

    expect(told).toMatchObject([{ kind: 'forbidden' }]);
  });

  it('is told of again when it is taken away again', async () => {
    const { server, told, read } = setUp();
    await expect(read()).rejects.toThrow();
    const { answer } = server;
    server.answer = () => ({ body: LEASE });
    await read();
    server.answer = answer;

    await expect(read()).rejects.toThrow();

    expect(told).toHaveLength(2);
  });

  it('is no word about an API server that is away', async () => {
    const { server, told, read } = setUp();
    server.answer = () => ({ status: 503, body: statusOf(503, 'ServiceUnavailable') });

    await expect(read()).rejects.toThrow();

    expect(told).toEqual([]);
  });
});
