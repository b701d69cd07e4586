import { expect, it } from 'vitest';

import { tooSlow } from '../../../sweep/oracles/recovery.ts';

const reference = { doneMs: 7000, faultMs: undefined };

it('lets a run take as long as the reference, and what is allowed for the fault, from the fault on', () => {
  expect(tooSlow(reference, { doneMs: 20_000, faultMs: 10_000 }, 3000)).toEqual([]);
});

it('tells of a run that takes longer', () => {
  expect(tooSlow(reference, { doneMs: 20_001, faultMs: 10_000 }, 3000)).toEqual([
    expect.stringContaining('done after 10001 ms, counted from 10000 ms'),
  ]);
});

it('allows a run in which nothing went wrong nothing on top', () => {
  expect([7000, 7001].map((doneMs) => tooSlow(reference, { doneMs, faultMs: undefined }, 3000).length)).toEqual([0, 1]);
});
