import { describe, expect, it } from 'vitest';

import { MAX_BODY_BYTES } from '../../../src/azure/body.ts';
import type { RequestSample } from '../../../src/azure/request.ts';
import { fakeAzure, networkError, NEVER } from './fake-azure.ts';
import { settled } from './manual-clock.ts';
import { errorBody, identityPath, scaleSetBody, scaleSetId } from './samples.ts';

const PATCH = { type: 'UserAssigned', userAssignedIdentities: { [identityPath('one')]: {} } } as const;
const hang = (): Promise<never> => new Promise(() => undefined);

describe('a request that is not answered', () => {
  it('is given up when a read takes longer than 30 s', async () => {
    const azure = fakeAzure(hang);
    const result = azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.clock.advance(30_000);
    expect(await result).toMatchObject({
      ok: false,
      failure: { kind: 'transient', code: 'TimeoutError', hadNoEffect: false },
    });
  });

  it('is given up when a write takes longer than its own limit, with an unknown outcome', async () => {
    const azure = fakeAzure(hang, { writeTimeoutMs: 20_000 });
    const result = azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    let given = false;
    void result.then(() => (given = true));
    await azure.clock.advance(19_999);
    expect(given).toBe(false);
    await azure.clock.advance(1);
    expect(await result).toMatchObject({
      ok: false,
      failure: { kind: 'transient', code: 'TimeoutError', hadNoEffect: false },
    });
  });

  it("rejects with the caller's reason when the caller gives up", async () => {
    const azure = fakeAzure(hang);
    const controller = new AbortController();
    const result = azure.port.getScaleSet(scaleSetId(), controller.signal);
    await settled();
    controller.abort(new Error('the term is over'));
    await expect(result).rejects.toThrow('the term is over');
  });

  it('is not sent when the caller has given up before', async () => {
    const azure = fakeAzure([{ body: scaleSetBody() }]);
    await expect(azure.port.getScaleSet(scaleSetId(), AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    expect(azure.sent).toHaveLength(0);
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])('may have been sent before %s', async (code) => {
    const azure = fakeAzure(() => Promise.reject(networkError(code)));
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      failure: { kind: 'transient', code, hadNoEffect: false },
    });
    expect(azure.sent).toHaveLength(1);
  });

  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('was never sent where no connection came about: %s', async (code) => {
    const azure = fakeAzure(() => Promise.reject(networkError(code)));
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      failure: { kind: 'transient', code, hadNoEffect: true },
    });
  });
});

describe('a redirect', () => {
  it.each([301, 302, 307, 308])('is not followed: %i', async (status) => {
    const azure = fakeAzure([{ status, headers: { location: 'https://management.azure.com/other' } }]);
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ failure: { kind: 'transient' } });
    expect(azure.sent).toHaveLength(1);
  });
});

describe('the body of a reply', () => {
  const text = Buffer.from(JSON.stringify(scaleSetBody()));

  it('is put together from its pieces', async () => {
    const chunks = [text.subarray(0, 10), text.subarray(10)];
    const result = await fakeAzure([{ chunks }]).port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({ ok: true, value: { name: 'web' } });
  });

  it('may begin with a byte order mark', async () => {
    const chunks = [Buffer.from([0xef, 0xbb, 0xbf]), text];
    expect(await fakeAzure([{ chunks }]).port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ ok: true });
  });

  it('is not read on when it is too large', async () => {
    let pieces = 0;
    const endless = function* (): Generator<Uint8Array> {
      for (;;) {
        pieces += 1;
        yield Buffer.alloc(1024 * 1024, ' ');
      }
    };
    const result = await fakeAzure([{ chunks: endless() }]).port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'transient', code: 'UnreadableReply' } });
    expect(pieces).toBeLessThan(MAX_BODY_BYTES / (1024 * 1024) + 32);
  });

  it('is not read at all when it announces to be too large', async () => {
    let read = false;
    const chunks = (function* (): Generator<Uint8Array> {
      read = true;
      yield text;
    })();
    const answer = { chunks, headers: { 'content-length': String(100 * 1024 * 1024) } };
    const result = await fakeAzure([answer]).port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({ ok: false, failure: { code: 'UnreadableReply' } });
    expect(read).toBe(false);
  });

  it('that breaks off makes a success unreadable', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield text.subarray(0, 10);
      await settled();
      throw networkError('ECONNRESET');
    };
    const result = await fakeAzure([{ chunks: broken() }]).port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'transient', code: 'UnreadableReply', hadNoEffect: false },
    });
  });

  it('that breaks off does not hide the status of a refusal', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield text.subarray(0, 10);
      await settled();
      throw networkError('ECONNRESET');
    };
    const azure = fakeAzure([{ status: 412, chunks: broken() }]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      failure: { kind: 'changedUnderneath', hadNoEffect: true },
    });
  });

  it('that never ends is given up with the request', async () => {
    const stuck = async function* (): AsyncGenerator<Uint8Array> {
      yield text.subarray(0, 10);
      await hang();
    };
    const azure = fakeAzure([{ chunks: stuck() }]);
    const result = azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.clock.advance(30_000);
    expect(await result).toMatchObject({ ok: false, failure: { kind: 'transient' } });
  });
});

describe('what is told of a request', () => {
  it('is a sample for metrics, answered or not', async () => {
    const samples: RequestSample[] = [];
    const azure = fakeAzure(
      async (_, count) => {
        await azure.clock.advance(120);
        return count === 1 ? { body: scaleSetBody() } : Promise.reject(networkError('ECONNRESET'));
      },
      { onRequest: (sample) => samples.push(sample) },
    );
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    expect(samples).toEqual([
      { operation: 'get_scale_set', code: '200', durationMs: 120 },
      { operation: 'patch_identity', code: 'ECONNRESET', durationMs: 120 },
    ]);
  });

  it("is logged with Azure's ids of it, and without its URL or token", async () => {
    const lines: string[] = [];
    const headers = { 'x-ms-request-id': 'r-1', 'x-ms-correlation-request-id': 'c-1' };
    const azure = fakeAzure([{ status: 400, headers, body: errorBody('X', 'secret text') }], {
      logger: {
        debug: (message, fields) => lines.push(JSON.stringify({ message, fields })),
        info: () => undefined,
        warn: () => undefined,
      },
    });
    const link = 'https://management.azure.com/op?s=signature';
    await azure.port.pollOperation({ link, via: 'azureAsyncOperation' }, [], NEVER);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"requestId":"r-1"');
    expect(lines[0]).toContain('"correlationId":"c-1"');
    expect(lines[0]).not.toMatch(/signature|token-1|secret text/);
  });
});
