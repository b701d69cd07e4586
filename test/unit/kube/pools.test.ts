import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KubeClient } from '../../../src/kube/client.ts';
import { type Access, anonymousConnection } from '../../../src/kube/connection.ts';
import { realClock } from '../../../src/runtime/clock.ts';
import { until } from './until.ts';

/** Of calls, at once. */
const MOST = 16;

let server: Server;
let connections: number;
let held: ServerResponse[];
let client: KubeClient;
let access: Access;

beforeEach(async () => {
  connections = 0;
  held = [];
  access = { headers: {}, tls: {} };
  server = createServer((request, response) => {
    if (request.url === '/held' || request.url === '/watch') {
      held.push(response);
      if (request.url === '/watch') response.writeHead(200).flushHeaders();
    } else response.end('{}');
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new KubeClient({
    connection: { ...anonymousConnection(`http://127.0.0.1:${port}`), authenticate: () => Promise.resolve(access) },
    clock: realClock,
  });
});

afterEach(async () => {
  await client.close();
  server.close();
  server.closeAllConnections();
});

const get = (path = '/') => client.call({ method: 'GET', path });

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/system/leases/leader';

describe('connections', () => {
  it('are used again, one call after the other', async () => {
    for (let call = 0; call < 50; call++) await get();
    expect(connections).toBeLessThanOrEqual(MOST);
  });

  it('are as many as workers at most, however many calls there are at once', async () => {
    await Promise.all(Array.from({ length: 200 }, () => get()));
    expect(connections).toBeLessThanOrEqual(MOST);
  });

  it('of calls are not taken by watches', async () => {
    const { signal } = new AbortController();
    for (let watch = 0; watch < 6; watch++) await client.watch({ path: '/watch', signal });
    expect(held).toHaveLength(6);
    await get();
  });

  it('of Leases are not taken by calls, however many wait for an answer', async () => {
    const flood = Promise.allSettled(Array.from({ length: 50 }, () => get('/held')));
    await until(() => held.length === MOST);
    await get(leasePath);
    await get(leasePath);
    expect(connections).toBe(MOST + 1);
    await client.close();
    await flood;
  });

  it('are made anew when the credentials of the connection change, while calls under way go on', async () => {
    await get();
    const underWay = get('/held');
    await until(() => held.length === 1);
    const before = connections;
    access = { headers: {}, tls: { ca: 'another' } };
    await get();
    expect(connections).toBeGreaterThan(before);
    held[0]!.end('{"late":true}');
    expect(await underWay).toEqual({ late: true });
  });

  it('end with the client, and what is under way on them', async () => {
    const underWay = get('/held');
    await until(() => held.length === 1);
    const [failure] = await Promise.allSettled([underWay, client.close()]);
    expect(failure).toMatchObject({ status: 'rejected', reason: { kind: 'network' } });
  });

  it('go through a proxy where there is one', async () => {
    const { port } = server.address() as AddressInfo;
    access = { headers: {}, tls: {}, proxyUrl: `http://127.0.0.1:${port}` };
    server.removeAllListeners('request');
    server.on('request', (request, response) => response.end(JSON.stringify({ asked: request.url })));
    const behind = new KubeClient({
      connection: { ...anonymousConnection('http://kube.test'), authenticate: () => Promise.resolve(access) },
      clock: realClock,
    });
    expect(await behind.call({ method: 'GET', path: '/x' })).toEqual({ asked: 'http://kube.test/x' });
    await behind.close();
  });
});
