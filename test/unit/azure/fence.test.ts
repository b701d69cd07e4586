import { describe, expect, it } from 'vitest';

import { passage } from '../../../src/azure/fence.ts';
import { type Answer, fakeAzure, NEVER } from './fake-azure.ts';
import { identityPath, scaleSetBody, scaleSetId } from './samples.ts';

const PATCH = { type: 'UserAssigned', userAssignedIdentities: { [identityPath('one')]: {} } } as const;
const LIMIT_MS = 20_000;
const DONE: Answer = { body: scaleSetBody({ etag: '"8"' }) };

/** Azure behind a fence; `remainingMs` is what is left of the lease at each moment. */
function fenced(remainingMs: () => number, options: Parameters<typeof fakeAzure>[1] = {}) {
  return fakeAzure([DONE], { writeTimeoutMs: LIMIT_MS, fence: { remainingMs, retryMs: 5000 }, ...options });
}

const FENCED = {
  ok: false,
  failure: { kind: 'queued', code: 'LeaseNotRenewed', retryAfterMs: 5000, hadNoEffect: true },
};

describe('a write to Azure', () => {
  it('goes out while it can end before the lease could pass on', async () => {
    const azure = fenced(() => LIMIT_MS);

    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({ ok: true });
  });

  it('is not begun when it could not, and comes again when the lease may have been renewed', async () => {
    const azure = fenced(() => LIMIT_MS - 1);

    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject(FENCED);
    expect(azure.sent).toEqual([]);
    expect(azure.tokensAsked).toEqual([]);
  });

  it('asks for what is left of the lease under which its subscription is written to', async () => {
    const { subscriptionId } = scaleSetId();
    const asked: string[] = [];
    const remainingMs = (subscription: string): number => (asked.push(subscription), LIMIT_MS);
    const azure = fakeAzure([DONE], { writeTimeoutMs: LIMIT_MS, fence: { remainingMs, retryMs: 5000 } });

    azure.port.placeForWrite(scaleSetId(), 1);
    await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);

    expect(asked.length).toBeGreaterThan(2);
    expect(new Set(asked)).toEqual(new Set([subscriptionId]));
  });

  it('is not put on record either', () => {
    const azure = fenced(() => LIMIT_MS - 1);

    expect(azure.port.placeForWrite(scaleSetId(), 1)).toMatchObject(FENCED.failure);
    expect(fenced(() => LIMIT_MS).port.placeForWrite(scaleSetId(), 1)).toBeUndefined();
  });

  it('does not go out late because its token was: the lease has run down meanwhile', async () => {
    const token = Promise.withResolvers<string>();
    let remainingMs = 40_000;
    const azure = fenced(() => remainingMs, { tokens: () => token.promise });

    const writing = azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    await azure.clock.advance(10_000);
    remainingMs = 9_999;
    token.resolve('late');

    expect(await writing).toMatchObject(FENCED);
    expect(azure.sent).toEqual([]);
  });

  it('goes out after a wait that still leaves it its time', async () => {
    const token = Promise.withResolvers<string>();
    let remainingMs = 40_000;
    const azure = fenced(() => remainingMs, { tokens: () => token.promise });

    const writing = azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    await azure.clock.advance(10_000);
    remainingMs = 10_000;
    token.resolve('late');

    expect(await writing).toMatchObject({ ok: true });
  });

  it('is not sent again with another token when there is no time left for it', async () => {
    let remainingMs = LIMIT_MS;
    const azure = fakeAzure(
      () => {
        remainingMs = 0;
        return { status: 401, body: '' };
      },
      { writeTimeoutMs: LIMIT_MS, fence: { remainingMs: () => remainingMs, retryMs: 5000 } },
    );

    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject(FENCED);
    expect(azure.sent).toHaveLength(1);
  });
});

describe('a read from Azure', () => {
  it('needs no lease', async () => {
    const azure = fenced(() => 0);

    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ ok: true });
  });
});

describe('a process that was stopped on its way to a write', () => {
  const build = () => {
    let [monotonic, wall] = [0, 0];
    const clock = { monotonicMs: () => monotonic, now: () => wall };
    const mayGo = passage({ remainingMs: () => 1_000_000, retryMs: 0 }, scaleSetId().subscriptionId, LIMIT_MS, clock);
    return {
      mayGo,
      pass(ms: { readonly monotonic: number; readonly wall: number }) {
        monotonic += ms.monotonic;
        wall += ms.wall;
      },
    };
  };

  it('does not send it when its time is over, though no timer has said so yet', () => {
    const { mayGo, pass } = build();
    pass({ monotonic: LIMIT_MS, wall: LIMIT_MS });

    expect(mayGo()).toBe(false);
  });

  it('knows so also when it was the whole machine that slept', () => {
    const { mayGo, pass } = build();
    pass({ monotonic: 5, wall: LIMIT_MS });

    expect(mayGo()).toBe(false);
  });

  it('is not held up by a clock that was set back', () => {
    const { mayGo, pass } = build();
    pass({ monotonic: 5, wall: -3_600_000 });

    expect(mayGo()).toBe(true);
  });
});
