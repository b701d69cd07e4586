import { describe, expect, it } from 'vitest';

import { identityIdOf, scaleSetIdOf } from '../../../sweep/names.ts';
import {
  AZURE_PER_MINUTE,
  KUBERNETES_PER_MINUTE,
  READS_OF_A_SCALE_SET_PER_MINUTE,
  READS_OF_AN_IDENTITY_PER_MINUTE,
  tooManyRequests,
  WRITES_OF_A_SCALE_SET_PER_MINUTE,
} from '../../../sweep/oracles/requests.ts';
import type { TraceLine } from '../../../sweep/trace.ts';

const MINUTE_MS = 60_000;

/** So many of them, evenly within so much time. */
const requests = (count: number, withinMs: number, change: Partial<TraceLine> = {}): readonly TraceLine[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ from: 'operator-1', side: 'K', method: 'GET', path: '/', step: 1, request: 1, outcome: '200' },
    virtualMs: (index * withinMs) / count,
    ...change,
  }));

const found = (trace: readonly TraceLine[]): readonly string[] => tooManyRequests({ trace });

describe('within a minute', () => {
  it.each<[string, number, Partial<TraceLine>]>([
    ['requests to Kubernetes', KUBERNETES_PER_MINUTE, { side: 'K' }],
    ['requests to Azure', AZURE_PER_MINUTE, { side: 'A' }],
    ['reads of an identity', READS_OF_AN_IDENTITY_PER_MINUTE, { side: 'A', path: identityIdOf('one') }],
    ['reads of a scale set', READS_OF_A_SCALE_SET_PER_MINUTE, { side: 'A', path: scaleSetIdOf('web') }],
    [
      'writes to a scale set',
      WRITES_OF_A_SCALE_SET_PER_MINUTE,
      { side: 'A', method: 'PATCH', path: scaleSetIdOf('web') },
    ],
  ])('there may be so many %s and no more', (what, limit, change) => {
    expect([found(requests(limit, MINUTE_MS, change)), found(requests(limit + 1, MINUTE_MS, change))]).toEqual([
      [],
      [expect.stringContaining(`${limit + 1} ${what}`)],
    ]);
  });
});

it('lets any number come over many minutes', () => {
  expect(found(requests(10 * KUBERNETES_PER_MINUTE, 10 * MINUTE_MS))).toEqual([]);
});

it('looks at every minute, not only at whole ones', () => {
  const count = KUBERNETES_PER_MINUTE + 1;
  const late = requests(count, 1000).map((line) => ({ ...line, virtualMs: line.virtualMs + MINUTE_MS - 500 }));
  expect(found(late)).toHaveLength(1);
});

it('counts each incarnation, scale set and identity by itself, and no events', () => {
  const half = KUBERNETES_PER_MINUTE / 2 + 1;
  const [reads, looks] = [READS_OF_A_SCALE_SET_PER_MINUTE, READS_OF_AN_IDENTITY_PER_MINUTE];
  const trace = [
    ...requests(half, MINUTE_MS),
    ...requests(half, MINUTE_MS, { from: 'operator-2' }),
    ...requests(KUBERNETES_PER_MINUTE, MINUTE_MS, { side: 'E' }),
    ...['web', 'pay'].flatMap((name) => requests(reads, MINUTE_MS, { side: 'A', path: scaleSetIdOf(name) })),
    ...['one', 'two', 'three', 'four', 'five', 'six'].flatMap((name) =>
      requests(looks, MINUTE_MS, { side: 'A', path: identityIdOf(name) }),
    ),
  ];
  expect(found(trace)).toEqual([]);
});
