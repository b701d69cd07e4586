import { describe, expect, it } from 'vitest';

import { contendedWait, waitAfter } from '../../../src/reconcile/backoff.ts';
import { fixedRandom } from '../runtime/virtual-clock.ts';
import { HOUR, MINUTE, SECOND } from './world.ts';

describe('the wait after a failure', () => {
  it.each([
    ['grows with each one in a row', { kind: 'transient' }, 3, 0, 4000],
    ['is never longer than five minutes', { kind: 'transient' }, 30, 0, 300_000],
    ['has up to a fifth of jitter on top', { kind: 'transient' }, 1, 0.5, 1100],
    ['is no less than Azure asked for', { kind: 'transient', retryAfterMs: 9000 }, 1, 0, 9000],
    ['is exactly the time of its turn after a throttle', { kind: 'throttled', retryAfterMs: 17 }, 5, 0.9, 17],
  ] as const)('%s', (_what, failure, attempts, chance, expected) => {
    expect(waitAfter(failure, attempts, fixedRandom(chance))).toBe(expected);
  });
});

describe('the waits', () => {
  it.each([
    ['transient', SECOND, 5 * MINUTE],
    ['busy', 5 * SECOND, MINUTE],
    ['credential', 5 * SECOND, 5 * MINUTE],
    ['notFound', 30 * SECOND, 10 * MINUTE],
    ['notAuthorised', MINUTE, 30 * MINUTE],
    ['identityRefused', 5 * MINUTE, HOUR],
    ['blockedByForeignIdentity', 5 * MINUTE, HOUR],
    ['blockedByAdministrator', 30 * MINUTE, 30 * MINUTE],
    ['rejected', HOUR, HOUR],
  ] as const)('after %s begin with %s ms and grow to %s ms', (kind, first, longest) => {
    expect([1, 30].map((attempts) => waitAfter({ kind }, attempts, fixedRandom(0)))).toEqual([first, longest]);
  });
});

describe('the wait after others kept overtaking our writes', () => {
  it.each([
    [0, 15_000],
    [0.5, 16_500],
  ])('is 15 seconds, with up to a fifth of jitter on top (%s)', (chance, expected) => {
    expect(contendedWait(fixedRandom(chance))).toBe(expected);
  });
});
