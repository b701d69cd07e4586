/** Connections that end, stall or trickle wherever they can, over HTTPS. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { AzurePort, Failure } from '../../../src/reconcile/azure-port.ts';
import {
  type Answer,
  failureOf,
  JSON_TYPE,
  type OddWorld,
  raw,
  requests,
  startOddWorld,
  WEB,
  well,
} from './odd-server.ts';

let world: OddWorld;
beforeAll(async () => {
  world = await startOddWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
let before: number;
beforeEach(() => {
  before = world.azure.made;
});

const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n`;
const letters = WEB.split('');
const LENGTH = `content-length: ${String(WEB.length)}\r\n\r\n`;

/** The port works, over no more connections than it needs, and nobody else has heard of it. */
async function expectUsable(port: AzurePort): Promise<void> {
  world.azure.connections = 'forward';
  world.azure.answer = well;
  expect(await requests.read(port)).toMatchObject({ ok: true });
  await expect.poll(() => world.azure.open(before), { timeout: 30_000 }).toBeLessThanOrEqual(1);
  expect(world.elsewhere.made).toBe(0);
}

describe.each(['read', 'write'] as const)('a connection on which a %s', (kind) => {
  const ended: readonly (readonly [string, Answer, RegExp])[] = [
    ['is reset before the answer', ({ socket }) => socket?.destroy(), /^ECONNRESET$/],
    ['is reset within the headers', ({ socket }) => socket?.end(HEAD), /^(?:ECONNRESET|HPE_[A-Z_]+)$/],
    ['is answered with what is not HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n'), /^HPE_[A-Z_]+$/],
    ['is answered in an unknown version of HTTP', raw('HTTP/9.9 200 OK\r\n\r\n'), /^HPE_[A-Z_]+$/],
    ['is answered with two lengths', raw(`${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`), /^HPE_[A-Z_]+$/],
    [
      'is answered with more headers than fit',
      raw(`${HEAD}x-flood: ${'x'.repeat(70_000)}\r\n${LENGTH}${WEB}`),
      /^HPE_HEADER_OVERFLOW$/,
    ],
    ['is answered with headers without end', (response) => flood(response), /^HPE_HEADER_OVERFLOW$/],
  ];
  it.each(ended)('%s has failed, with an unknown outcome', async (_, answer, code) => {
    const port = world.port();
    world.azure.answer = answer;
    const failure = failureOf(await requests[kind](port));
    expect(failure).toMatchObject({ kind: 'transient', hadNoEffect: false });
    expect(failure.code).toMatch(code);
    await expectUsable(port);
  });

  it('is reset before it stands has failed', async () => {
    const port = world.port();
    const asked = world.azure.requests.length;
    world.azure.connections = 'reset';
    const failure = failureOf(await requests[kind](port));
    expect(failure).toMatchObject({ kind: 'transient', code: 'ECONNRESET' });
    expect(world.azure.requests.length).toBe(asked);
    await expectUsable(port);
  });

  const broken: readonly (readonly [string, Answer])[] = [
    [
      'is reset within a body of a known length',
      (response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-length': String(WEB.length) });
        response.write(WEB.slice(0, 20), () => response.destroy());
      },
    ],
    [
      'is reset within a body of chunks',
      (response) => {
        response.writeHead(200, JSON_TYPE);
        response.write(WEB.slice(0, 20), () => response.destroy());
      },
    ],
    [
      'is closed within a chunk',
      (response) => {
        response.socket?.end(`${HEAD}transfer-encoding: chunked\r\n\r\nff\r\n${WEB.slice(0, 20)}`);
      },
    ],
    ['has a chunk of no length', raw(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n${WEB}\r\n0\r\n\r\n`)],
    [
      'has a body that is shorter than it says',
      (response) => {
        response.socket?.end(`${HEAD}content-length: 5000\r\n\r\n${WEB}`);
      },
    ],
  ];
  it.each(broken)('%s cannot be used, with an unknown outcome', async (_, answer) => {
    const port = world.port();
    world.azure.answer = answer;
    expect(failureOf(await requests[kind](port))).toMatchObject({
      kind: 'transient',
      code: 'UnreadableReply',
      hadNoEffect: false,
    });
    await expectUsable(port);
  });

  const stuck: readonly (readonly [string, Answer])[] = [
    ['is not answered', () => undefined],
    ['is answered with the beginning of a status', raw('HTTP/1.1 20')],
    [
      'is asked to become another protocol',
      raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
    [
      'is answered with headers in a trickle',
      (response) => trickle(response, [HEAD, ...Array<string>(1000).fill('x')]),
    ],
  ];
  it.each(stuck)('%s is given up in time', async (_, answer) => {
    const port = world.port();
    world.azure.answer = answer;
    const failure = await timedOut(port, kind, () => world.azure.requests.length);
    expect(failure).toMatchObject({ kind: 'transient', code: 'TimeoutError', hadNoEffect: false });
    await expectUsable(port);
  });

  it('never gets as far as TLS is given up in time', async () => {
    const port = world.port();
    world.azure.connections = 'stall';
    const failure = await timedOut(port, kind, () => world.azure.made);
    expect(failure).toMatchObject({ kind: 'transient', code: 'TimeoutError' });
    await expectUsable(port);
  });

  const slow: readonly (readonly [string, Answer])[] = [
    ['has a body that stops', raw(`${HEAD}${LENGTH}${WEB.slice(0, 20)}`)],
    ['has a body in a trickle', (response) => trickle(response, [`${HEAD}${LENGTH}`, ...letters])],
    [
      'has a body of chunks in a trickle',
      (response) => {
        const chunks = letters.map((letter) => `1\r\n${letter}\r\n`);
        trickle(response, [`${HEAD}transfer-encoding: chunked\r\n\r\n`, ...chunks]);
      },
    ],
    [
      'has a compressed body that stops',
      raw(
        `${HEAD}content-encoding: gzip\r\ncontent-length: 5000\r\n\r\n`,
        Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
      ),
    ],
  ];
  it.each(slow)('%s is given up in time', async (_, answer) => {
    const port = world.port();
    world.azure.answer = answer;
    const failure = await timedOut(port, kind, () => world.azure.requests.length);
    expect(failure).toMatchObject({ kind: 'transient', hadNoEffect: false });
    await expectUsable(port);
  });
});

describe('a connection that is good', () => {
  it('serves all requests that come one after another', async () => {
    const port = world.port();
    world.azure.answer = well;
    for (let request = 0; request < 5; request += 1) expect(await requests.read(port)).toMatchObject({ ok: true });
    expect(world.azure.made).toBe(before + 1);
  });

  it('is taken up again after one was closed while nobody used it', async () => {
    const port = world.port();
    world.azure.answer = (response) => response.writeHead(200, { ...JSON_TYPE, connection: 'close' }).end(WEB);
    expect(await requests.read(port)).toMatchObject({ ok: true });
    await expectUsable(port);
    expect(world.azure.made).toBe(before + 2);
  });

  it('takes nothing for an answer that was sent before the question', async () => {
    const port = world.port();
    const forged = WEB.replace('Succeeded', 'Forged');
    const sent = `${HEAD}${LENGTH}${WEB}${HEAD}content-length: ${String(forged.length)}\r\n\r\n${forged}`;
    world.azure.answer = raw(sent);
    await requests.read(port);
    world.azure.answer = well;
    expect(JSON.stringify(await requests.read(port))).not.toContain('Forged');
    await expectUsable(port);
  });
});

/** Lets the time limit pass once the server has seen the request. */
async function timedOut(port: AzurePort, kind: keyof typeof requests, seen: () => number): Promise<Failure> {
  const asked = seen();
  const result = requests[kind](port);
  await expect.poll(seen, { timeout: 30_000 }).toBeGreaterThan(asked);
  await world.clock.advance(60_000);
  return failureOf(await result);
}

/** One piece after another, each in a packet of its own, until the connection ends. */
function trickle(response: Parameters<Answer>[0], pieces: readonly string[]): void {
  const { socket } = response;
  const [first, ...rest] = pieces;
  if (socket === null || socket.destroyed || first === undefined) return;
  socket.setNoDelay();
  socket.write(first, () => setTimeout(trickle, 20, response, rest));
}

function flood({ socket }: Parameters<Answer>[0]): void {
  socket?.write(HEAD);
  const pump = (): void => {
    while (socket?.writable === true && socket.write(`x-${'y'.repeat(1000)}: z\r\n`));
    socket?.once('drain', pump);
  };
  pump();
}
