import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canTake, fullBucket, type Limit, refill, refuse, take } from '../../../dev/simulator/throttling/bucket.ts';

const updates: Limit = { capacity: 12, refill: 4, everyMs: 60_000 };

/** A bucket that is asked, one request at a time. */
function asked(limit: Limit) {
  const bucket = fullBucket(limit, 0);
  const ask = (nowMs: number, tokens = 1): boolean => {
    refill(bucket, limit, nowMs);
    if (!canTake(bucket, tokens, 'someone', nowMs)) return false;
    take(bucket, limit, tokens, nowMs);
    return true;
  };
  const askFor = (count: number, nowMs: number): number =>
    Array.from({ length: count }, () => ask(nowMs)).filter(Boolean).length;
  return { bucket, ask, askFor };
}

describe('a token bucket', () => {
  it('lets through as many at once as it holds, and no more', () => {
    expect(asked(updates).askFor(20, 0)).toBe(12);
  });

  it('gives nothing back before its window has ended', () => {
    const { askFor } = asked(updates);
    askFor(12, 0);

    expect(askFor(1, 59_999)).toBe(0);
  });

  it('gives back a whole portion when its window ends', () => {
    const { askFor } = asked(updates);
    askFor(12, 0);

    expect(askFor(20, 60_000)).toBe(4);
  });

  it('gives back a portion for each window that has ended meanwhile', () => {
    const { askFor } = asked(updates);
    askFor(12, 0);

    expect(askFor(20, 125_000)).toBe(8);
  });

  it('never holds more than its capacity', () => {
    const { askFor } = asked(updates);
    askFor(12, 0);

    expect(askFor(20, 24 * 3_600_000)).toBe(12);
  });

  it('begins its window with the first use after it was full', () => {
    const { askFor } = asked(updates);
    askFor(12, 1_000_000);

    expect(askFor(1, 1_059_999)).toBe(0);
    expect(askFor(20, 1_060_000)).toBe(4);
  });

  it('tells, of a request that it refuses, when the tokens for it will be there', () => {
    const { bucket, askFor } = asked(updates);
    askFor(12, 0);

    expect(refuse(bucket, updates, 1, 12_500, 0).seconds).toBe(48);
    expect(refuse(bucket, updates, 5, 12_500, 0).seconds).toBe(108);
  });

  it('tells no less than its service ever tells', () => {
    const { bucket, askFor } = asked(updates);
    askFor(12, 0);

    expect(refuse(bucket, updates, 1, 55_000, 10_000).seconds).toBe(10);
  });

  it('counts the requests of its window, the refused ones too', () => {
    const { bucket, askFor } = asked(updates);
    askFor(12, 0);
    refuse(bucket, updates, 1, 1_000, 0);

    expect(refuse(bucket, updates, 1, 2_000, 0)).toMatchObject({
      windowStartMs: 0,
      windowEndMs: 60_000,
      allowed: 12,
      measured: 14,
    });
  });

  it('counts anew in the next window, from the tokens that it began with', () => {
    const { bucket, askFor } = asked(updates);
    askFor(12, 0);
    refuse(bucket, updates, 1, 1_000, 0);
    askFor(4, 61_000);

    expect(refuse(bucket, updates, 1, 62_000, 0)).toMatchObject({
      windowStartMs: 60_000,
      windowEndMs: 120_000,
      allowed: 4,
      measured: 5,
    });
  });

  it('refuses for good what is more than it can hold', () => {
    const { ask } = asked(updates);

    expect(ask(0, 13)).toBe(false);
    expect(ask(24 * 3_600_000, 13)).toBe(false);
  });

  it('tells, of what is more than it can hold, when it will be full', () => {
    const { bucket, askFor } = asked(updates);
    askFor(12, 0);

    expect(refuse(bucket, updates, 13, 0, 0).seconds).toBe(180);
  });

  it('never admits, over any span of time, more than it holds and what the windows that ended in it brought', () => {
    const sizes = fc.record({
      capacity: fc.integer({ min: 1, max: 20 }),
      refill: fc.integer({ min: 1, max: 25 }),
      everyMs: fc.integer({ min: 1, max: 1_000 }),
    });
    const requests = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 1_500 }), tokens: fc.integer({ min: 1, max: 4 }) }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(sizes, requests, (limit, asks) => {
        const { ask } = asked(limit);
        let nowMs = 0;
        const admitted = asks.map(({ afterMs, tokens }) => {
          nowMs += afterMs;
          return { nowMs, tokens: ask(nowMs, tokens) ? tokens : 0 };
        });
        for (const [first, { nowMs: fromMs }] of admitted.entries()) {
          let total = 0;
          for (const { nowMs: toMs, tokens } of admitted.slice(first)) {
            total += tokens;
            const ends = Math.floor((toMs - fromMs) / limit.everyMs) + 1;
            expect(total).toBeLessThanOrEqual(limit.capacity + limit.refill * ends);
          }
        }
      }),
    );
  });
});
