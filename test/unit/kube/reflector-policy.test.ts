import { describe, expect, it } from 'vitest';

import { KubeError, type KubeErrorKind } from '../../../src/kube/errors.ts';
import { ReflectorPolicy, type WatchEnd } from '../../../src/kube/reflector-policy.ts';
import { fixedRandom } from '../runtime/virtual-clock.ts';

const error = (kind: KubeErrorKind) => new KubeError(kind, '');
const inTime: WatchEnd = { openMs: 265_000, events: 3 };
const refused: WatchEnd = { openMs: 0, events: 0, error: error('network') };

/** What follows on the last of several ends. */
const after = (...ends: readonly WatchEnd[]): string => {
  const policy = new ReflectorPolicy();
  const next = ends.map((end) => policy.watchEnded(end)).at(-1)!;
  return `${next.then}${next.backOff ? ' after a pause' : ''}`;
};

describe('after a watch', () => {
  it.each<[string, readonly WatchEnd[], string]>([
    ['that ended in order', [inTime], 'watch'],
    ['that ended in order after 10 s', [{ openMs: 10_000, events: 0 }], 'watch'],
    ['that ended in order, but sooner', [{ openMs: 9_999, events: 5 }], 'watch after a pause'],
    ['of a little less without an event', [{ openMs: 199_999, events: 0 }], 'watch'],
    ['of 200 s without an event', [{ openMs: 200_000, events: 0 }], 'list'],
    [
      'of 200 s without an event that then broke',
      [{ openMs: 200_000, events: 0, error: error('network') }],
      'list after a pause',
    ],
    ['answered with 410', [{ openMs: 0, events: 0, error: error('gone') }], 'list'],
    ['ended by a 410 event', [{ ...inTime, error: error('gone'), byEvent: true }], 'list'],
    [
      'answered with 410 after another failure',
      [refused, { openMs: 0, events: 0, error: error('gone') }],
      'list after a pause',
    ],
    ['ended by another ERROR event', [{ ...inTime, error: error('unavailable'), byEvent: true }], 'list after a pause'],
    ['that was refused', [refused], 'watch after a pause'],
    ['that was refused twice', [refused, refused], 'watch after a pause'],
    ['that was refused three times', [refused, refused, refused], 'list after a pause'],
    [
      'that broke after others were refused, but was healthy',
      [refused, refused, { ...inTime, error: error('network') }],
      'watch after a pause',
    ],
  ])('%s', (_what, ends, next) => {
    expect(after(...ends)).toBe(next);
  });

  it.each<[KubeErrorKind, string]>([
    ['timeout', 'watch after a pause'],
    ['throttled', 'watch after a pause'],
    ['unavailable', 'watch after a pause'],
    ['forbidden', 'list after a pause'],
    ['unauthorized', 'list after a pause'],
    ['credentials', 'list after a pause'],
    ['notFound', 'list after a pause'],
    ['malformed', 'list after a pause'],
    ['other', 'list after a pause'],
  ])('that failed as %s', (kind, next) => {
    expect(after({ ...refused, error: error(kind) })).toBe(next);
  });
});

describe('the pause', () => {
  const pauses = (random: number, failures: number) => {
    const policy = new ReflectorPolicy();
    return Array.from({ length: failures }, () => {
      policy.listFailed();
      return policy.delayMs(fixedRandom(random));
    });
  };

  it('is anything up to 0.8 s, doubled with each failure, up to 30 s', () => {
    expect(pauses(0.999_999_999, 8).map((ms) => Math.round(ms))).toEqual([
      800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
    ]);
    expect(pauses(0, 2)).toEqual([0, 0]);
  });

  it('is not shorter than what the server asked for', () => {
    const policy = new ReflectorPolicy();
    policy.listFailed();
    expect(policy.delayMs(fixedRandom(0.5), 7_000)).toBe(7_000);
    expect(policy.delayMs(fixedRandom(0.5), 1)).toBe(400);
  });
});
