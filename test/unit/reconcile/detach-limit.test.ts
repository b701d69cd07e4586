import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DETACH_WINDOW_MS, DetachLimit } from '../../../src/reconcile/detach-limit.ts';

const MINUTE = 60_000;

describe('the detach limit', () => {
  it('lets as many go as it is set to, and no more', () => {
    const limit = new DetachLimit(3);
    expect(limit.reserve(2, 0)).toBeDefined();
    expect(limit.left(0)).toBe(1);
    expect(limit.reserve(2, 0)).toBeUndefined();
    expect(limit.reserve(1, 0)).toBeDefined();
    expect(limit.left(0)).toBe(0);
  });

  it('lets what detaches nothing go, whatever is left', () => {
    expect(new DetachLimit(0).reserve(0, 0)).toBeDefined();
  });

  it.each([
    { after: 0, left: 0, goesOnAt: DETACH_WINDOW_MS },
    { after: 4 * MINUTE, left: 0, goesOnAt: DETACH_WINDOW_MS },
    { after: DETACH_WINDOW_MS - 1, left: 0, goesOnAt: DETACH_WINDOW_MS },
    { after: DETACH_WINDOW_MS, left: 2, goesOnAt: DETACH_WINDOW_MS + 3 * MINUTE },
    { after: DETACH_WINDOW_MS + 3 * MINUTE, left: 3, goesOnAt: undefined },
  ])(
    'has $left of 3 left $after ms after two, and three minutes later one, were taken',
    ({ after, left, goesOnAt }) => {
      const limit = new DetachLimit(3);
      limit.reserve(2, 0);
      limit.reserve(1, Math.min(after, 3 * MINUTE));
      expect(limit.left(Math.max(after, 3 * MINUTE))).toBe(left);
      expect(limit.goesOnAt(Math.max(after, 3 * MINUTE))).toBe(goesOnAt);
    },
  );

  it('never goes on when nothing is ever let go', () => {
    const limit = new DetachLimit(0);
    expect(limit.left(0)).toBe(0);
    expect(limit.goesOnAt(0)).toBeUndefined();
  });

  it('has again what was reserved in vain, once', () => {
    const limit = new DetachLimit(3);
    const first = limit.reserve(2, 0);
    limit.reserve(1, 0);
    first?.giveBack();
    first?.giveBack();
    expect(limit.left(0)).toBe(2);
    expect(limit.inWindow(0)).toBe(1);
  });

  it('tells once that it was reached, and again when nothing has waited for long', () => {
    let told = 0;
    const limit = new DetachLimit(1, () => (told += 1));
    for (const minutes of [0, 5, 20, 40]) limit.noteHeldBack(minutes * MINUTE);
    expect(told).toBe(1);
    limit.noteHeldBack(61 * MINUTE);
    expect(told).toBe(2);
  });
});

/** A pass that wants so many, so long after the one before; `keeps`: its write had an effect, or may have had. */
const attempt = fc.record({ waitMs: fc.nat(4 * MINUTE), wants: fc.nat(5), keeps: fc.boolean() });

describe('whatever passes ask for', () => {
  it('is never more than the limit in any 10 minutes, and never less than there is', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.array(attempt, { maxLength: 60 }), (most, attempts) => {
        const limit = new DetachLimit(most);
        const kept: { readonly at: number; readonly count: number }[] = [];
        const within = (now: number): number =>
          kept.filter(({ at }) => at > now - DETACH_WINDOW_MS).reduce((sum, { count }) => sum + count, 0);
        let now = 0;
        for (const { waitMs, wants, keeps } of attempts) {
          now += waitMs;
          const reserved = limit.reserve(wants, now);
          expect(reserved !== undefined).toBe(wants <= most - within(now));
          if (reserved !== undefined && keeps) kept.push({ at: now, count: wants });
          else reserved?.giveBack();
          expect(within(now)).toBeLessThanOrEqual(most);
          expect(limit.left(now)).toBe(most - within(now));
        }
      }),
    );
  });

  it('can go on when it says so, and not before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(attempt, { minLength: 1, maxLength: 40 }),
        (most, attempts) => {
          const limit = new DetachLimit(most);
          let now = 0;
          for (const { waitMs, wants } of attempts) limit.reserve(wants, (now += waitMs));
          const left = limit.left(now);
          const goesOnAt = limit.goesOnAt(now);
          fc.pre(goesOnAt !== undefined);
          expect(goesOnAt).toBeGreaterThan(now);
          expect(limit.left(goesOnAt - 1)).toBe(left);
          expect(limit.left(goesOnAt)).toBeGreaterThan(left);
        },
      ),
    );
  });
});
