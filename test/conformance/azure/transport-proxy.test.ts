/** A proxy on the way, as HTTPS_PROXY names it: it carries what it cannot read, and what it says itself is not Azure's word. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { failureOf, type OddWorld, requests, startOddWorld, TOKEN, well } from './odd-server.ts';

let world: OddWorld;
let proxy: Server;
let heard: string;
let answer: (socket: Socket) => void;
beforeAll(async () => {
  world = await startOddWorld();
  proxy = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      if (heard.includes('\r\n\r\n')) answer(socket);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await new Promise((resolve) => proxy.close(resolve));
});
beforeEach(() => {
  heard = '';
  for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '');
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`);
});
afterEach(() => vi.unstubAllEnvs());

const says =
  (status: string, body = '<html>The proxy</html>') =>
  (socket: Socket): void => {
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: text/html\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`,
    );
  };

describe.each(['read', 'write'] as const)('a proxy in the way of a %s', (kind) => {
  it.each<[string, (socket: Socket) => void, string]>([
    ['refuses to connect', says('502 Bad Gateway'), 'transient'],
    ['wants to be signed in to', says('407 Proxy Authentication Required'), 'transient'],
    ['wants another request', says('400 Bad Request'), 'transient'],
    ['knows no such host', says('404 Not Found'), 'transient'],
    ['forbids it', says('403 Forbidden'), 'notAuthorised'],
    ['breaks the connection', (socket) => socket.destroy(), 'transient'],
    ['says yes and speaks no TLS', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nHello'), 'transient'],
  ])('that %s hears neither token nor request', async (_, act, expected) => {
    answer = act;
    const failure = failureOf(await requests[kind](world.port()));
    expect(failure.kind).toBe(expected);
    expect(heard).toMatch(/^CONNECT 127\.0\.0\.1:\d+ HTTP\/1\.1\r\n/);
    expect(heard).not.toContain(TOKEN);
    expect(heard).not.toMatch(/authorization|virtualMachineScaleSets/i);

    vi.stubEnv('HTTPS_PROXY', '');
    world.azure.answer = well;
    expect(await requests.read(world.port())).toMatchObject({ ok: true });
  });
});

describe('a refusal by a proxy', () => {
  it('is not told as a missing role alone', async () => {
    answer = says('403 Forbidden');
    expect(failureOf(await requests.read(world.port())).message).toMatch(/proxies and firewalls/);
  });
});
