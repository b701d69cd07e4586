import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fit, fitHalves, isFlat, type Point, riseOf } from '../../../dev/soak/regression.ts';

const line = (count: number, value: (at: number) => number, every = 2): readonly Point[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * every, value: value(index * every) }));

describe('the line through measurements', () => {
  it('has the slope of a straight line, by the hour, and no error', () => {
    const found = fit(line(100, (at) => 50 + at / 3600));

    expect(found?.perHour).toBeCloseTo(1);
    expect(found?.standardError).toBeCloseTo(0);
    expect(found?.seconds).toBe(198);
  });

  it('rises from its first to its last point by what the slope says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 200 }), fc.double({ min: -5, max: 5, noNaN: true }), (count, slope) => {
        const found = fit(line(count, (at) => 7 + slope * at));
        expect(found && riseOf(found)).toBeCloseTo(slope * 2 * (count - 1), 6);
      }),
    );
  });

  it('tells how far the points are from it', () => {
    const found = fit(line(100, (at) => (at % 4 === 0 ? 1 : -1)));

    expect(found?.mean).toBeCloseTo(0);
    expect(found?.standardError).toBeGreaterThan(0);
  });

  it('is not drawn through two points, or through one moment', () => {
    expect(fit(line(2, () => 1))).toBeUndefined();
    expect(fit(line(9, () => 1, 0))).toBeUndefined();
  });
});

describe('a series', () => {
  it('is split in the middle of its time', () => {
    const { first, second } = fitHalves(line(100, (at) => Math.min(at, 100)));

    expect(first?.perHour).toBeCloseTo(3600);
    expect(second?.perHour).toBeCloseTo(0, 0);
  });

  it('is flat as long as it rises by no more than its bound', () => {
    const rising = (by: number) => fit(line(100, (at) => 100 + (by * at) / 198)) ?? expect.fail('no line');

    expect(isFlat(rising(4), { share: 0.05, least: 1 })).toBe(true);
    expect(isFlat(rising(6), { share: 0.05, least: 1 })).toBe(false);
    expect(isFlat(rising(6), { share: 0.05, least: 8 })).toBe(true);
    expect(isFlat(rising(-60), { share: 0.05, least: 1 })).toBe(true);
  });
});
