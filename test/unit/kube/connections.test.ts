import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

import { describe, expect, it, onTestFinished } from 'vitest';

import { createCertificates } from '../../../dev/simulator/certificates.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import type { Access } from '../../../src/kube/connection.ts';
import { realClock } from '../../../src/runtime/clock.ts';
import { connectProxy, listening, type Proxy, socksProxy } from './proxies.ts';
import { until } from './until.ts';

const certificates = createCertificates(new Date());
const { caPem: ca } = certificates;
const { signal } = new AbortController();

/** A client of one server. */
const clientOf = (server: string, access: () => Partial<Access> = () => ({})): KubeClient => {
  const client = new KubeClient({
    connection: {
      server,
      authenticate: () => Promise.resolve({ headers: {}, tls: {}, ...access() }),
      forgetCredentials: () => undefined,
    },
    clock: realClock,
  });
  onTestFinished(() => client.close());
  return client;
};

const plainServer = async (answer: RequestListener) => {
  const server = createServer(answer);
  return { server, url: `http://127.0.0.1:${await listening(server)}` };
};

const secureServer = async (answer: RequestListener): Promise<string> => {
  const { certificatePem, privateKeyPem } = certificates;
  const server = createHttpsServer({ cert: certificatePem, key: privateKeyPem }, answer);
  return `https://127.0.0.1:${await listening(server)}`;
};

const hello: RequestListener = (_request, response) => void response.end('{"hello":true}');
const get = { method: 'GET', path: '/' } as const;

describe('a request', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('has its body with it: %s', async (method) => {
    const { url } = await plainServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        response.end(JSON.stringify({ method: request.method, length: request.headers['content-length'], text }));
      });
    });
    const body = { preconditions: { uid: 'ü' } };
    const text = JSON.stringify(body);
    expect(await clientOf(url).call({ method, path: '/', body })).toEqual({ method, length: '30', text });
  });

  it('goes below the path of the server', async () => {
    const { url } = await plainServer((request, response) => void response.end(JSON.stringify(request.url)));
    const query = { limit: 5, continue: 'a b' };
    expect(await clientOf(`${url}/k8s/clusters/c`).call({ method: 'GET', path: '/api', query })).toBe(
      '/k8s/clusters/c/api?limit=5&continue=a+b',
    );
  });

  it('fails when its answer breaks off', async () => {
    const { url } = await plainServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    await expect(clientOf(url).call(get)).rejects.toMatchObject({ kind: 'network', message: 'GET /: ECONNRESET' });
  });

  it('fails when nobody is there', async () => {
    const { server, url } = await plainServer(hello);
    server.close();
    await expect(clientOf(url).call(get)).rejects.toMatchObject({ kind: 'network', message: 'GET /: ECONNREFUSED' });
  });

  it('that is given up while it waits for a connection is never sent', async () => {
    const held: ServerResponse[] = [];
    const { url } = await plainServer((_request, response) => held.push(response));
    const client = clientOf(url);
    const lease = { method: 'GET', path: '/apis/coordination.k8s.io/v1/leases' } as const;
    const first = client.call(lease);
    const nobody = new AbortController();
    const second = client.call({ ...lease, signal: nobody.signal });
    const third = client.call(lease);
    await until(() => held.length === 1);
    nobody.abort();
    await expect(second).rejects.toMatchObject({ kind: 'aborted' });
    held[0]!.end('1');
    await until(() => held.length === 2);
    held[1]!.end('3');
    expect([await first, await third]).toEqual([1, 3]);
    expect(held).toHaveLength(2);
  });
});

describe('a watch', () => {
  it('that breaks before anybody listens fails for whoever does', async () => {
    const { url } = await plainServer((_request, response) => {
      response.writeHead(200).flushHeaders();
      held.push(response);
    });
    const held: ServerResponse[] = [];
    const events = await clientOf(url).watch({ path: '/', signal });
    held[0]!.destroy();
    await new Promise((resolve) => held[0]!.once('close', resolve));
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'network' });
  });
});

describe('a secure server', () => {
  it('is believed when its authority is trusted', async () => {
    expect(await clientOf(await secureServer(hello), () => ({ tls: { ca } })).call(get)).toEqual({ hello: true });
  });

  it('is believed by another name, where that is asked for', async () => {
    const client = clientOf(await secureServer(hello), () => ({ tls: { ca, servername: 'localhost' } }));
    expect(await client.call(get)).toEqual({ hello: true });
  });

  it('is not believed by a name that it does not have', async () => {
    const client = clientOf(await secureServer(hello), () => ({ tls: { ca, servername: 'kube.test' } }));
    await expect(client.call(get)).rejects.toMatchObject({ message: 'GET /: ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('is not believed otherwise', async () => {
    const client = clientOf(await secureServer(hello));
    await expect(client.call(get)).rejects.toMatchObject({
      kind: 'network',
      message: 'GET /: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });

  it('is not asked whether it is who it says, where that is wished', async () => {
    const client = clientOf(await secureServer(hello), () => ({ tls: { rejectUnauthorized: false } }));
    expect(await client.call(get)).toEqual({ hello: true });
  });

  it('is not asked at all with an authority that cannot be read', async () => {
    const client = clientOf(await secureServer(hello), () => ({
      tls: { ca: '-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n' },
    }));
    await expect(client.call(get)).rejects.toMatchObject({ kind: 'network' });
  });
});

describe('a secure server behind a proxy', () => {
  const proxies: readonly (readonly [string, () => Promise<Proxy>])[] = [
    ['HTTP', () => connectProxy('http')],
    ['SOCKS', socksProxy],
  ];

  it.each(proxies)('is asked through a tunnel, and connections are used again: %s', async (_kind, open) => {
    const server = await secureServer(hello);
    const { url: proxyUrl, tunnels } = await open();
    const client = clientOf(server, () => ({ tls: { ca }, proxyUrl }));
    for (let call = 0; call < 3; call++) expect(await client.call(get)).toEqual({ hello: true });
    expect(tunnels).toEqual([new URL(server).host]);
  });

  it.each(proxies)('has to be who it says: %s', async (_kind, open) => {
    const server = await secureServer(hello);
    const { url: proxyUrl } = await open();
    const client = clientOf(server, () => ({ proxyUrl }));
    await expect(client.call(get)).rejects.toMatchObject({ message: 'GET /: UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('does not vouch for the proxy', async () => {
    const server = await secureServer(hello);
    const { url: proxyUrl, tunnels } = await connectProxy('https');
    const client = clientOf(server, () => ({ tls: { ca }, proxyUrl }));
    await expect(client.call(get)).rejects.toMatchObject({ kind: 'network' });
    expect(tunnels).toEqual([]);
  });
});

describe('when credentials change', () => {
  it('connections in stock are closed, and those in use when they are done', async () => {
    const open = new Set<unknown>();
    let late: ServerResponse | undefined;
    const { server, url } = await plainServer((request, response) => {
      if (request.url === '/late') late = response;
      else response.end('{}');
    });
    server.on('connection', (socket) => open.add(socket.on('close', () => open.delete(socket))));
    let tls: Access['tls'] = {};
    const client = clientOf(url, () => ({ tls }));
    const underWay = client.call({ method: 'GET', path: '/late' });
    await until(() => late !== undefined);
    await client.call(get);
    expect(open.size).toBe(2);
    tls = { ca };
    await client.call(get);
    await until(() => open.size === 2);
    late!.end('{}');
    await underWay;
    await until(() => open.size === 1);
  });
});
