import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Bucket } from '../../../src/azure/budgets/bucket.ts';

const CAPACITY = 5;
const PER_MS = 7 / 1000;
const BUDGET = { capacity: CAPACITY, perMs: PER_MS, enforced: true };

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const tokens = fc.integer({ min: 1, max: CAPACITY });
/** Less than a token takes to come back, and much more. */
const someMs = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 9000 }));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('ask' as const), key, tokens }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: someMs }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('lower' as const), tokens: fc.integer({ min: -9, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('debit' as const), tokens }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('close' as const),
      tokens,
      told: fc.option(someMs, { nil: undefined }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Admitted {
  readonly at: number;
  readonly tokens: number;
  readonly closedForMs: number;
}

/** Does all of it; what was let through, and when. */
function perform(steps: readonly Step[]): readonly Admitted[] {
  const bucket = new Bucket(BUDGET, 0);
  const admitted: Admitted[] = [];
  let now = 0;
  for (const each of steps) {
    switch (each.does) {
      case 'wait':
        now += each.ms;
        break;
      case 'lower':
        bucket.lower(each.tokens, now);
        break;
      case 'debit':
        bucket.debit(each.tokens, now);
        break;
      case 'close':
        bucket.close(each.tokens, each.told, now);
        break;
      case 'ask': {
        const waitMs = bucket.waitMs(each.key, each.tokens, now);
        if (waitMs > 0) {
          bucket.keep(each.key, each.tokens, now + waitMs, now + waitMs + 10_000);
        } else {
          admitted.push({ at: now, tokens: each.tokens, closedForMs: bucket.closedForMs(now) });
          bucket.take(each.key, each.tokens, now);
        }
      }
    }
  }
  return admitted;
}

describe('a bucket, whatever is done to it', () => {
  it('lets through no more in any window than it holds and what came back meanwhile', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const admitted = perform(steps);
        for (const [index, first] of admitted.entries()) {
          let sum = 0;
          for (const last of admitted.slice(index)) {
            sum += last.tokens;
            expect(sum).toBeLessThanOrEqual(CAPACITY + (last.at - first.at) * PER_MS + 1e-3);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('lets nobody through while Azure has it closed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        expect(perform(steps).filter(({ closedForMs }) => closedForMs > 0)).toEqual([]);
      }),
    );
  });
});

describe('a place in the line', () => {
  /** Requests that come one after another; none needs all that the bucket holds, which fractions could spill. */
  const arrivals = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), tokens: fc.integer({ min: 1, max: CAPACITY - 1 }) }),
    { minLength: 1, maxLength: 60 },
  );

  it('is honoured to the millisecond, in the order of arrival, for all who come when they were told', () => {
    fc.assert(
      fc.property(arrivals, fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }), (requests, told) => {
        const bucket = new Bucket(BUDGET, 0);
        if (told !== undefined) bucket.close(1, told, 0);
        const events: { at: number; key: string; tokens: number; isNew: boolean }[] = [];
        let at = 0;
        for (const [index, each] of requests.entries()) {
          at += each.afterMs;
          events.push({ at, key: String(index), tokens: each.tokens, isNew: true });
        }
        const served: number[] = [];
        while (events.length > 0) {
          // Who was told a time comes before somebody new who happens to come at the same time.
          events.sort((one, other) => one.at - other.at || Number(one.isNew) - Number(other.isNew));
          const event = events.shift()!;
          const waitMs = bucket.waitMs(event.key, event.tokens, event.at);
          if (waitMs === 0) {
            bucket.take(event.key, event.tokens, event.at);
            served.push(Number(event.key));
          } else {
            expect(event.isNew).toBe(true);
            bucket.keep(event.key, event.tokens, event.at + waitMs, event.at + waitMs + 10_000);
            events.push({ ...event, at: event.at + waitMs, isNew: false });
          }
        }
        expect(served).toEqual(requests.map((_, index) => index));
      }),
      { numRuns: 300 },
    );
  });
});
