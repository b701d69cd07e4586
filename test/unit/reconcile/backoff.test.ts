import { describe, expect, it } from 'vitest';

import { waitAfter } from '../../../src/reconcile/backoff.ts';
import { fixedRandom } from '../runtime/virtual-clock.ts';

describe('the wait after a failure', () => {
  it.each([
    ['grows with each one in a row', { kind: 'transient' }, 3, 0, 4000],
    ['has up to a fifth of jitter on top', { kind: 'transient' }, 1, 0.5, 1100],
    ['is no less than Azure asked for', { kind: 'transient', retryAfterMs: 9000 }, 1, 0, 9000],
    ['is exactly the time of its turn after a throttle', { kind: 'throttled', retryAfterMs: 17 }, 5, 0.9, 17],
  ] as const)('%s', (_what, failure, attempts, chance, expected) => {
    expect(waitAfter(failure, attempts, fixedRandom(chance))).toBe(expected);
  });
});
