import { describe, expect, it } from 'vitest';

import { spreadOf } from '../../../dev/bench/statistics.ts';

describe('several runs', () => {
  it('have the one in the middle for their median', () => {
    expect(spreadOf([5, 1, 3])).toStrictEqual({ median: 3, min: 1, max: 5, runs: 3 });
  });

  it('have the mean of the two in the middle when they are even in number', () => {
    expect(spreadOf([4, 1, 2, 9]).median).toBe(3);
  });

  it('may be one', () => {
    expect(spreadOf([7])).toStrictEqual({ median: 7, min: 7, max: 7, runs: 1 });
  });
});
