/** Answers that lead away from the ARM endpoint, to a server whose certificate is trusted just as well. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { SUBSCRIPTION } from './names.ts';
import {
  type Answer,
  failureOf,
  JSON_TYPE,
  type OddWorld,
  requests,
  startOddWorld,
  TOKEN,
  WEB,
  well,
} from './odd-server.ts';
import { identity, NEVER } from './simulated-azure.ts';

let world: OddWorld;
beforeAll(async () => {
  world = await startOddWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => {
  expect(world.elsewhere.made).toBe(0);
  expect(world.elsewhere.requests).toEqual([]);
});

const UPDATING = WEB.replace('Succeeded', 'Updating');
const PATH = '/subscriptions/x/providers/Microsoft.Compute/locations/westeurope/operations/1?s=signature';

/** Addresses that look like the endpoint or lead past it; all that could be reached is the other server. */
const ELSEWHERE: readonly (readonly [string, (azure: URL, other: URL) => string])[] = [
  ['another port', (_, other) => `${other.origin}${PATH}`],
  ['another name of the same host', (azure) => `https://localhost:${azure.port}${PATH}`],
  ['that name with a dot at its end', (azure) => `https://localhost.:${azure.port}${PATH}`],
  ['the same host without encryption', (azure) => `http://${azure.host}${PATH}`],
  ['the host as a user name', (azure, other) => `https://${azure.hostname}:x@${other.host}${PATH}`],
  ['a user before the host', (azure) => `https://user@${azure.host}${PATH}`],
  ['no scheme', (_, other) => `//${other.host}${PATH}`],
  ['a backslash for a slash', (_, other) => `https:\\\\${other.host}${PATH}`],
  ['no host', () => PATH],
  [
    'a link of the greatest length',
    (azure) => `${azure.origin}${PATH}${'x'.repeat(8_000)}`.replace(azure.host, 'localhost:1'),
  ],
];

const link = (make: (azure: URL, other: URL) => string): string =>
  make(new URL(world.azure.url), new URL(world.elsewhere.url));

async function expectUsable(port: AzurePort): Promise<void> {
  world.azure.answer = well;
  expect(await requests.read(port)).toMatchObject({ ok: true });
}

describe.each([301, 302, 303, 307, 308])('a redirect by %i', (status) => {
  it.each(['read', 'write'] as const)('of a %s is followed neither elsewhere nor here', async (kind) => {
    for (const target of [world.elsewhere.url, world.azure.url]) {
      const port = world.port();
      const asked = world.azure.requests.length;
      world.azure.answer = (response) => response.writeHead(status, { location: `${target}/` }).end();
      const failure = failureOf(await requests[kind](port));
      expect(failure).toMatchObject({ kind: 'transient', code: `HTTP${String(status)}`, hadNoEffect: false });
      expect(world.azure.requests.length).toBe(asked + 1);
      await expectUsable(port);
    }
  });
});

describe('an operation that is to be looked at elsewhere', () => {
  const announcing =
    (status: number, headers: Readonly<Record<string, string>>): Answer =>
    (response) =>
      response.writeHead(status, { ...JSON_TYPE, ...headers }).end(UPDATING);

  it.each(ELSEWHERE)('is not: %s', async (_, make) => {
    const port = world.port();
    for (const [status, header] of [
      [200, 'azure-asyncoperation'],
      [202, 'azure-asyncoperation'],
      [202, 'location'],
    ] as const) {
      world.azure.answer = announcing(status, { [header]: link(make) });
      expect(await requests.write(port)).toEqual({ ok: true, value: { state: 'accepted' } });
    }
    const handle = { link: link(make), via: 'azureAsyncOperation' } as const;
    await expect(port.pollOperation(handle, [], NEVER)).rejects.toThrow(TypeError);
    await expectUsable(port);
  });

  it('is looked at where it was when a look says that it has moved there', async () => {
    const port = world.port();
    const operation = { link: `${world.azure.url}${PATH}`, via: 'location' } as const;
    world.azure.answer = announcing(202, { location: `${world.elsewhere.url}${PATH}` });
    const status = await port.pollOperation(operation, [], NEVER);
    expect(status).toEqual({ ok: true, value: { state: 'running', operation } });
    await expectUsable(port);
  });

  it('is looked at here when its link is as long as a link gets', async () => {
    const port = world.port();
    const long = `${world.azure.url}${PATH}&c=${'x'.repeat(8_000)}`;
    world.azure.answer = announcing(200, { 'azure-asyncoperation': long });
    const reply = await requests.write(port);
    expect(reply).toMatchObject({ value: { operation: { link: long } } });
    world.azure.answer = (response) => response.writeHead(200, JSON_TYPE).end('{"status":"Succeeded"}');
    const status = await port.pollOperation({ link: long, via: 'azureAsyncOperation' }, [], NEVER);
    expect(status).toEqual({ ok: true, value: { state: 'succeeded' } });
    expect(world.azure.requests.at(-1)?.url).toBe(new URL(long).pathname + new URL(long).search);
  });
});

describe('a list that goes on elsewhere', () => {
  const lists = {
    'of scale sets': (port: AzurePort) => port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER),
    'of permissions': (port: AzurePort) => port.mayAssign(identity('one'), NEVER),
  } as const;

  describe.each(Object.entries(lists))('%s', (_list, ask) => {
    it.each([...ELSEWHERE, ['a line break', (azure: URL) => `${azure.origin}/\r\nhost: x`] as const])(
      'is no list: %s',
      async (_, make) => {
        const port = world.port();
        const asked = world.azure.requests.length;
        world.azure.answer = (response) =>
          response.writeHead(200, JSON_TYPE).end(JSON.stringify({ value: [JSON.parse(WEB)], nextLink: link(make) }));
        expect(failureOf(await ask(port))).toMatchObject({ kind: 'transient', code: 'UnreadableReply' });
        expect(world.azure.requests.length).toBe(asked + 1);
        await expectUsable(port);
      },
    );
  });
});

describe('a header that leads elsewhere', () => {
  it.each<[string, (url: string) => Readonly<Record<string, string>>]>([
    [
      'a challenge to another authority',
      (url) => ({ 'www-authenticate': `Bearer authorization_uri="${url}/t", resource_id="x"` }),
    ],
    ['another way to the service', (url) => ({ 'alt-svc': `h2="${new URL(url).host}"` })],
    ['a place to go to after a while', (url) => ({ refresh: `0; url=${url}` })],
    ['the place where the content is', (url) => ({ 'content-location': url })],
    ['a thing to load first', (url) => ({ link: `<${url}>; rel=preload` })],
  ])('is not followed: %s', async (_, headers) => {
    const port = world.port();
    for (const status of [200, 401, 503]) {
      world.azure.answer = (response) =>
        response.writeHead(status, { ...JSON_TYPE, ...headers(world.elsewhere.url) }).end(WEB);
      await requests.read(port);
    }
    await expectUsable(port);
  });

  it('is not kept for the next request: a cookie', async () => {
    const port = world.port();
    world.azure.answer = (response) => response.writeHead(200, { ...JSON_TYPE, 'set-cookie': 'a=b' }).end(WEB);
    await requests.read(port);
    await expectUsable(port);
    expect(world.azure.requests.at(-1)?.headers.cookie).toBeUndefined();
  });
});

describe('the token', () => {
  it('is in its header, and nowhere else in a request', async () => {
    world.azure.answer = well;
    await requests.write(world.port());
    const { headers, url } = world.azure.requests.at(-1)!;
    const { authorization, ...others } = headers;
    expect(authorization).toBe(`Bearer ${TOKEN}`);
    expect(JSON.stringify({ others, url })).not.toContain(TOKEN);
  });
});
