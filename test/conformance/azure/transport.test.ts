/** What only shows on a real connection: compression, bodies without end, and connections that break. */
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createGzip, gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createCertificates } from '../../../dev/simulator/certificates.ts';
import { type AzurePortOptions, createAzurePort } from '../../../src/azure/port.ts';
import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { SCOPE } from './names.ts';
import { NEVER, scaleSet } from './simulated-azure.ts';

const MEGABYTE = 1024 * 1024;
const BODY = JSON.stringify({ id: scaleSet('web').resourceId, properties: { provisioningState: 'Succeeded' } });

let server: Server;
let answer: (response: ServerResponse) => void;
let requests = 0;

beforeAll(async () => {
  const { caPem, certificatePem: cert, privateKeyPem: key } = createCertificates(new Date());
  setDefaultCACertificates([...getCACertificates('default'), caPem]);
  server = createServer({ cert, key }, (_, response) => {
    requests += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => (requests = 0));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function port(options: Partial<AzurePortOptions> = {}): AzurePort {
  return createAzurePort({
    endpoint: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    scope: SCOPE,
    apiVersion: '2024-11-01',
    credential: { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Infinity }) },
    clock: realClock,
    random: realRandom,
    ...options,
  });
}

const json = { 'content-type': 'application/json' };

describe('a compressed body', () => {
  it('is read', async () => {
    answer = (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(BODY));
    expect(await port().getScaleSet(scaleSet('web'), NEVER)).toMatchObject({ ok: true, value: { name: 'web' } });
  });

  it('is not unpacked beyond what is sensible', async () => {
    answer = (response) =>
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * MEGABYTE, ' ')));
    expect(await port().getScaleSet(scaleSet('web'), NEVER)).toMatchObject({ failure: { code: 'UnreadableReply' } });
  });

  it('whose connection breaks is given up at the latest with the request', async () => {
    answer = (response) => {
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write(BODY);
      gzip.flush(() => response.destroy());
    };
    const result = await port({ readTimeoutMs: 300 }).getScaleSet(scaleSet('web'), NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'transient' } });
    expect(requests).toBe(1);
  });
});

describe('a body without end', () => {
  it('is cut off, and its connection with it', async () => {
    let closed = false;
    answer = (response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200, json);
      const pump = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(MEGABYTE, ' ')));
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    };
    expect(await port().getScaleSet(scaleSet('web'), NEVER)).toMatchObject({ failure: { code: 'UnreadableReply' } });
    await expect.poll(() => closed, { timeout: 30_000 }).toBe(true);
  });
});

describe('a connection', () => {
  it('that breaks before the answer leaves the outcome unknown', async () => {
    answer = (response) => response.destroy();
    const result = await port().patchIdentity(scaleSet('web'), { type: 'None' }, '"1"', NEVER);
    expect(result).toMatchObject({ failure: { kind: 'transient', code: 'ECONNRESET', hadNoEffect: false } });
    expect(requests).toBe(1);
  });

  it('that is held open without an answer is given up in time', async () => {
    answer = () => undefined;
    const result = await port({ writeTimeoutMs: 300 }).patchIdentity(scaleSet('web'), { type: 'None' }, '"1"', NEVER);
    expect(result).toMatchObject({ failure: { kind: 'transient', code: 'TimeoutError', hadNoEffect: false } });
  });

  it('is kept for the next request', async () => {
    answer = (response) => response.writeHead(200, json).end(BODY);
    const connections = new Set<unknown>();
    server.on('secureConnection', (socket) => connections.add(socket));
    const azure = port();
    for (let request = 0; request < 5; request += 1) await azure.getScaleSet(scaleSet('web'), NEVER);
    expect(requests).toBe(5);
    expect(connections.size).toBeLessThanOrEqual(1);
  });

  it('does not carry a redirect elsewhere', async () => {
    answer = (response) => response.writeHead(307, { location: 'https://evil.example/' }).end();
    expect(await port().getScaleSet(scaleSet('web'), NEVER)).toMatchObject({
      failure: { kind: 'transient', code: 'HTTP307' },
    });
    expect(requests).toBe(1);
  });
});
