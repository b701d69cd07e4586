/** Bodies that are too long, cut off, packed oddly or not what they say, over HTTPS. */
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { MAX_BODY_BYTES } from '../../../src/azure/body.ts';
import { SUBSCRIPTION } from './names.ts';
import { type Answer, failureOf, JSON_TYPE, type OddWorld, requests, startOddWorld, WEB, well } from './odd-server.ts';
import { NEVER } from './simulated-azure.ts';

const MEGABYTE = 1024 * 1024;

let world: OddWorld;
beforeAll(async () => {
  world = await startOddWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
let before: number;
beforeEach(() => {
  before = world.azure.made;
});

const whole =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE): Answer =>
  (response) =>
    response.writeHead(200, headers).end(body);
const packed = (body: Buffer, encoding: string): Answer => whole(body, { ...JSON_TYPE, 'content-encoding': encoding });

/** A read and a write cannot use the answer; the port works on, and its connections have ended or are free again. */
async function expectUnreadable(answer: Answer): Promise<void> {
  const port = world.port();
  for (const ask of [requests.read, requests.write]) {
    world.azure.answer = answer;
    expect(failureOf(await ask(port))).toMatchObject({
      kind: 'transient',
      code: 'UnreadableReply',
      hadNoEffect: false,
    });
  }
  world.azure.answer = well;
  expect(await requests.read(port)).toMatchObject({ ok: true });
  await expect.poll(() => world.azure.open(before), { timeout: 30_000 }).toBeLessThanOrEqual(1);
  expect(world.elsewhere.made).toBe(0);
}

async function expectRead(answer: Answer): Promise<void> {
  world.azure.answer = answer;
  expect(await requests.read(world.port())).toMatchObject({ ok: true, value: { name: 'web' } });
}

describe('a body that cannot be used', () => {
  it.each<[string, Answer]>([
    ['a web page', whole('<html>Sign in</html>', { 'content-type': 'text/html' })],
    ['a web page that calls itself JSON', whole('<html>Sign in</html>')],
    ['JSON that calls itself a web page', whole(WEB, { 'content-type': 'text/html' })],
    ['JSON that calls itself bytes', whole(WEB, { 'content-type': 'application/octet-stream' })],
    ['JSON cut off', whole(WEB.slice(0, -5))],
    ['JSON and something more', whole(`${WEB}${WEB}`)],
    ['JSON in another encoding of text', whole(Buffer.from(WEB, 'utf16le'))],
    ['bytes', whole(Buffer.from([0, 255, 254, 128, 0]))],
    ['nothing', whole('')],
    ['null', whole('null')],
    ['a number', whole('7')],
    ['a list', whole('[]')],
    ['brackets without end', whole('['.repeat(MEGABYTE))],
    ['another scale set', whole(WEB.replaceAll('/web"', '/other"'))],
  ])('is %s', async (_, answer) => {
    await expectUnreadable(answer);
  });
});

describe('an answer without a body', () => {
  it.each([202, 204])('is all that a %i to a write has to say, but tells nothing to a read', async (status) => {
    const port = world.port();
    world.azure.answer = (response) => response.writeHead(status).end();
    expect(await requests.write(port)).toEqual({ ok: true, value: { state: 'accepted' } });
    expect(failureOf(await requests.read(port))).toMatchObject({ kind: 'transient', code: 'UnreadableReply' });
  });
});

describe('a body that can be used', () => {
  it.each<[string, Answer]>([
    ['comes without its type', whole(WEB, {})],
    ['is of a type of its own that is JSON', whole(WEB, { 'content-type': 'application/vnd.azure+json' })],
    ['begins with a byte order mark', whole(`\ufeff${WEB}`)],
    [
      'has bytes that are no text in a name',
      whole(Buffer.concat([Buffer.from(`{"tags":{"a":"`), Buffer.from([0xff]), Buffer.from(`"},${WEB.slice(1)}`)])),
    ],
    [
      'comes in chunks of one letter',
      (response) => {
        response.writeHead(200, JSON_TYPE);
        for (const letter of WEB) response.write(letter);
        response.end();
      },
    ],
    ['is packed', packed(gzipSync(WEB), 'gzip')],
    ['is packed, by the old name', packed(gzipSync(WEB), 'X-GZIP')],
    ['is not packed, and says so', packed(Buffer.from(WEB), 'identity')],
  ])('%s', async (_, answer) => {
    await expectRead(answer);
  });

  it('is asked for packed', async () => {
    await expectRead(well);
    expect(world.azure.requests.at(-1)?.headers['accept-encoding']).toBe('gzip');
  });
});

describe('a packed body', () => {
  it.each<[string, Answer]>([
    ['of which a part is missing', packed(gzipSync(WEB).subarray(0, 40), 'gzip')],
    ['that is not packed', packed(Buffer.from(WEB), 'gzip')],
    ['that was packed twice', packed(gzipSync(gzipSync(WEB)), 'gzip')],
    ['in a way nobody asked for', packed(brotliCompressSync(WEB), 'br')],
    ['in another way nobody asked for', packed(deflateSync(WEB), 'deflate')],
    ['in an unknown way', packed(Buffer.from(WEB), 'aes128gcm')],
  ])('%s cannot be used', async (_, answer) => {
    await expectUnreadable(answer);
  });

  // No time passes here: the end of the connection has to be noticed by itself.
  it('whose connection breaks is given up at once', async () => {
    await expectUnreadable((response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write(WEB);
      gzip.flush(() => response.destroy());
    });
  });

  it('is not unpacked beyond what is sensible, and its connection ends', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MEGABYTE, ' '));
    // Without an end, so that only the reader can end the connection.
    await expectUnreadable((response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      response.write(bomb);
    });
  });
});

describe('a body of 100 MB', () => {
  /** Sends on for as long as it is taken, and counts what was. */
  const pump = (
    headers: Readonly<Record<string, string>>,
  ): { readonly answer: Answer; readonly most: () => number } => {
    let most = 0;
    const piece = Buffer.alloc(256 * 1024, ' ');
    const answer: Answer = (response) => {
      response.writeHead(200, headers);
      let left = 100 * MEGABYTE;
      let sent = 0;
      const write = (): void => {
        while (left > 0 && !response.destroyed) {
          left -= piece.length;
          sent += piece.length;
          most = Math.max(most, sent);
          if (!response.write(piece)) {
            response.once('drain', write);
            return;
          }
        }
        if (!response.destroyed) response.end();
      };
      write();
    };
    return { answer, most: () => most };
  };

  it('is read no further than 16 MB, and what is on its way', async () => {
    const { answer, most } = pump(JSON_TYPE);
    await expectUnreadable(answer);
    expect(most()).toBeLessThan(MAX_BODY_BYTES + 24 * MEGABYTE);
  });

  it('is not read at all when it says how long it is', async () => {
    const { answer, most } = pump({ ...JSON_TYPE, 'content-length': String(100 * MEGABYTE) });
    await expectUnreadable(answer);
    expect(most()).toBeLessThan(16 * MEGABYTE);
  });

  it('in a refusal leaves what its status says', async () => {
    const port = world.port();
    world.azure.answer = (response) => response.writeHead(412, JSON_TYPE).end(Buffer.alloc(100 * MEGABYTE, ' '));
    expect(failureOf(await requests.write(port))).toMatchObject({ kind: 'changedUnderneath', hadNoEffect: true });
    world.azure.answer = well;
    expect(await requests.read(port)).toMatchObject({ ok: true });
  });

  it('as one page of a list fails the list', async () => {
    const port = world.port();
    world.azure.answer = (response) => {
      const next = `${world.azure.url}/next`;
      world.azure.answer = (second) => second.writeHead(200, JSON_TYPE).end(Buffer.alloc(100 * MEGABYTE, ' '));
      response.writeHead(200, JSON_TYPE).end(JSON.stringify({ value: [JSON.parse(WEB)], nextLink: next }));
    };
    const scope = { subscriptionId: SUBSCRIPTION };
    const first = await port.listScaleSets(scope, undefined, NEVER);
    const cursor = first.ok && first.value.state === 'page' ? first.value.next : undefined;
    expect(cursor).toBeDefined();
    expect(failureOf(await port.listScaleSets(scope, cursor, NEVER))).toMatchObject({ code: 'UnreadableReply' });
    world.azure.answer = well;
    expect(await requests.read(port)).toMatchObject({ ok: true });
  });
});
