/** An authority and a metadata service that break, stall, flood or lead elsewhere. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { createCredential } from '../../../src/azure/credentials.ts';
import type { AzureCredential } from '../../../src/config/azure-environment.ts';
import type { AzurePort, Failure } from '../../../src/reconcile/azure-port.ts';
import { CLIENT, TENANT } from './names.ts';
import { type Answer, failureOf, JSON_TYPE, type OddWorld, raw, requests, startOddWorld, well } from './odd-server.ts';
import { serviceAccountToken } from './simulated-azure.ts';

let world: OddWorld;
let folder: string;
let tokenFile: string;
beforeAll(async () => {
  world = await startOddWorld();
  folder = await mkdtemp(join(tmpdir(), 'vmss-identity-odd-entra-'));
  tokenFile = join(folder, 'token');
  await writeFile(tokenFile, serviceAccountToken());
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
let before: number;
beforeEach(() => {
  before = world.azure.made;
});
afterEach(() => {
  expect(world.elsewhere.made).toBe(0);
});

function port(
  credential: AzureCredential = { kind: 'workload-identity', tenantId: TENANT, clientId: CLIENT, tokenFile },
): AzurePort {
  const authorityHost = world.azure.url;
  return world.port({ credential: createCredential({ credential, authorityHost, disableInstanceDiscovery: true }) });
}

const json =
  (body: unknown, status = 200): Answer =>
  (response) =>
    response.writeHead(status, JSON_TYPE).end(JSON.stringify(body));
const discovery = (tokenHost: string): Answer =>
  json({
    issuer: `${world.azure.url}/${TENANT}/v2.0`,
    authorization_endpoint: `${tokenHost}/${TENANT}/oauth2/v2.0/authorize`,
    token_endpoint: `${tokenHost}/${TENANT}/oauth2/v2.0/token`,
    jwks_uri: `${tokenHost}/${TENANT}/discovery/v2.0/keys`,
  });
const token = json({ token_type: 'Bearer', expires_in: 3600, access_token: 'header.payload.signature' });

/** The authority and ARM on one host, each part as the test says. */
function serve(parts: { readonly discovery?: Answer; readonly token?: Answer; readonly arm?: Answer } = {}): void {
  world.azure.answer = (response, request) => {
    const url = request.url ?? '';
    if (url.includes('/.well-known/')) (parts.discovery ?? discovery(world.azure.url))(response, request);
    else if (url.includes('/oauth2/')) (parts.token ?? token)(response, request);
    else (parts.arm ?? well)(response, request);
  };
}

/** Nobody but the authority was asked, and once it is well again so is the port. */
async function expectRecovered(ours: AzurePort, found: Failure): Promise<void> {
  expect(found).toMatchObject({ kind: 'credential', hadNoEffect: true });
  expect(JSON.stringify(found)).not.toContain('eyJ');
  serve();
  await world.clock.advance(5_000);
  expect(await requests.read(ours)).toMatchObject({ ok: true });
  await expect.poll(() => world.azure.open(before), { timeout: 30_000 }).toBeLessThanOrEqual(2);
}

/** Lets the time limit of a token pass once the server has seen the request for it. */
async function timedOut(ours: AzurePort): Promise<Failure> {
  const asked = world.azure.requests.length;
  const result = requests.write(ours);
  await expect.poll(() => world.azure.requests.length, { timeout: 30_000 }).toBeGreaterThan(asked);
  await world.clock.advance(18_000);
  return failureOf(await result);
}

const html: Answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
const huge: Answer = (response) => response.writeHead(200, JSON_TYPE).end(Buffer.alloc(100 * 1024 * 1024, ' '));
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

describe.each(['discovery', 'token'] as const)('an authority whose %s', (part) => {
  it.each<[string, Answer]>([
    ['is reset', ({ socket }) => socket?.destroy()],
    ['is not HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n')],
    ['is a web page', html],
    ['is cut off', ({ socket }) => socket?.end(`${head}content-length: 50\r\n\r\n{"access_token":"`)],
    ['is empty', (response) => response.writeHead(200, JSON_TYPE).end()],
    ['is 100 MB long', huge],
    [
      'is packed in a way nobody asked for',
      (response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'br' }).end('x'),
    ],
    ['is a fault', json({ error: 'server_error' }, 500)],
    [
      'is a throttle with an hour to wait',
      (response) => response.writeHead(429, { ...JSON_TYPE, 'retry-after': '3600' }).end('{}'),
    ],
    ['is an error without a number', json({ error: 'invalid_client', error_description: 'No.' }, 401)],
    ['says nothing of itself', json({})],
  ])('%s leaves the operator without a token, and told so', async (_, answer) => {
    const ours = port();
    serve({ [part]: answer });
    await expectRecovered(ours, failureOf(await requests.write(ours)));
  });

  it.each<[string, Answer]>([
    ['is not answered', () => undefined],
    ['stops within its headers', raw(head)],
    ['stops within its body', raw(`${head}content-length: 50\r\n\r\n{"access_token":"`)],
  ])('%s is given up in time, and its connection with it', async (_, answer) => {
    const ours = port();
    serve({ [part]: answer });
    const found = await timedOut(ours);
    expect(found).toMatchObject({ code: 'TimeoutError' });
    expect(found.message).toContain(world.azure.url);
    await expectRecovered(ours, found);
  });

  it.each([301, 302, 303, 307, 308])(
    'redirects by %i is followed neither elsewhere nor round in a circle',
    async (status) => {
      for (const target of [world.elsewhere.url, world.azure.url]) {
        before = world.azure.made;
        const ours = port();
        const asked = world.azure.requests.length;
        const answer: Answer = (response, request) =>
          response.writeHead(status, { location: `${target}${request.url ?? ''}` }).end();
        serve({ [part]: answer });
        const found = failureOf(await requests.write(ours));
        expect(world.azure.requests.length - asked).toBeLessThanOrEqual(2);
        await expectRecovered(ours, found);
      }
    },
  );
});

describe('an authority that says to prove oneself elsewhere', () => {
  it('is not believed: no assertion goes there', async () => {
    const ours = port();
    serve({ discovery: discovery(world.elsewhere.url) });
    await expectRecovered(ours, failureOf(await requests.write(ours)));
    expect(world.elsewhere.requests).toEqual([]);
  });
});

describe('the metadata service', () => {
  let imds: Server;
  let answer: RequestListener;
  beforeAll(async () => {
    imds = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => imds.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', `http://127.0.0.1:${String((imds.address() as AddressInfo).port)}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    imds.closeAllConnections();
    await new Promise((resolve) => imds.close(resolve));
  });
  const granted: RequestListener = (_, response) =>
    response
      .writeHead(200, JSON_TYPE)
      .end(JSON.stringify({ access_token: 'a.b.c', expires_in: '3600', token_type: 'Bearer' }));

  it.each<[string, RequestListener, RegExp]>([
    ['that is not answering is given up in time', () => undefined, /metadata service.*in time/],
    ['that breaks the connection is told as such', (request) => request.socket.destroy(), /metadata service/],
    [
      'that sends 100 MB is read no further than is sensible',
      (_, response) => response.end(Buffer.alloc(100 * 1024 * 1024, ' ')),
      /metadata service/,
    ],
    ['that sends a web page is told as such', (_, response) => response.end('<html/>'), /metadata service/],
    [
      'that redirects is not followed',
      (_, response) => response.writeHead(307, { location: world.elsewhere.url }).end(),
      /metadata service/,
    ],
  ])('%s', async (what, odd, expected) => {
    const ours = port({ kind: 'managed-identity', clientId: CLIENT });
    let seen = 0;
    answer = (request, response) => {
      seen += 1;
      odd(request, response);
    };
    serve();
    const result = requests.write(ours);
    await expect.poll(() => seen, { timeout: 30_000 }).toBeGreaterThan(0);
    if (what.includes('not answering')) await world.clock.advance(18_000);
    const found = failureOf(await result);
    expect(found).toMatchObject({ kind: 'credential', hadNoEffect: true });
    expect(found.message).toMatch(expected);
  });

  it('is asked again, and answers', async () => {
    const ours = port({ kind: 'managed-identity', clientId: CLIENT });
    serve();
    answer = (_, response) => response.writeHead(500).end();
    expect(failureOf(await requests.read(ours))).toMatchObject({ kind: 'credential' });
    answer = granted;
    await world.clock.advance(5_000);
    expect(await requests.read(ours)).toMatchObject({ ok: true });
  });
});
