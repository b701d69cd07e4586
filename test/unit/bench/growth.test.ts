import { describe, expect, it } from 'vitest';

import { growthOf } from '../../../dev/bench/growth.ts';
import type { Result } from '../../../dev/bench/results.ts';

const machine = { cores: 2, cpu: 'any', memoryGib: 1, platform: 'any', node: 'any', kubernetes: 'any' };

const measured = (name: string, reads: number): Result => ({
  name,
  about: name,
  measuredAt: '2026-03-01T10:00:00Z',
  machine,
  figures: { reads: { about: 'reads', unit: '', median: reads, min: reads, max: reads, runs: 1 } },
});

describe('the growth of what a cold start costs', () => {
  it('is 1 where cost grows as the number of scale sets, 2 where it grows as its square', () => {
    const results = [measured('cold-2000', 40_000), measured('cold-20', 4), measured('cold-200', 40)];
    expect(growthOf(results, ['reads'])).toEqual([
      { scaleSets: 20, cost: { reads: 4 } },
      { scaleSets: 200, cost: { reads: 40 }, exponents: { reads: expect.closeTo(1) as number } },
      { scaleSets: 2000, cost: { reads: 40_000 }, exponents: { reads: expect.closeTo(3) as number } },
    ]);
  });

  it('leaves out what was measured under other circumstances', () => {
    expect(growthOf([measured('cold-200-6s', 1), measured('life-1000', 1)], ['reads'])).toEqual([]);
  });
});
