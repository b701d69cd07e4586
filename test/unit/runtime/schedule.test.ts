import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Schedule } from '../../../src/runtime/schedule.ts';

describe('Schedule', () => {
  it('gives out nothing before its time', () => {
    const schedule = new Schedule<string, number>();
    schedule.set({ key: 'a', atMs: 10, value: 1 });
    expect(schedule.takeDue(9)).toBeUndefined();
    expect(schedule.takeDue(10)).toMatchObject({ key: 'a', value: 1 });
    expect(schedule.takeDue(10)).toBeUndefined();
  });

  it('gives out keys of the same time in the order in which they were set', () => {
    const schedule = new Schedule<string, null>();
    for (const key of ['c', 'a', 'b']) schedule.set({ key, atMs: 5, value: null });
    expect([1, 2, 3].map(() => schedule.takeDue(5)?.key)).toEqual(['c', 'a', 'b']);
  });

  it('forgets everything when cleared', () => {
    const schedule = new Schedule<string, null>();
    schedule.set({ key: 'a', atMs: 5, value: null });
    schedule.clear();
    expect(schedule.earliestMs()).toBeUndefined();
    expect(schedule.get('a')).toBeUndefined();
  });

  it('behaves as a sorted list, whatever is set, moved and deleted', () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('set' as const), key: fc.nat(12), atMs: fc.nat(20) }),
      fc.record({ does: fc.constant('delete' as const), key: fc.nat(12) }),
      fc.record({ does: fc.constant('take' as const), nowMs: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const schedule = new Schedule<number, string>();
        let model: { readonly key: number; readonly atMs: number; readonly value: string }[] = [];
        const sorted = () => model.toSorted((a, b) => a.atMs - b.atMs);
        for (const [index, now] of steps.entries()) {
          if (now.does === 'set') {
            const scheduled = { key: now.key, atMs: now.atMs, value: `${index}` };
            model = [...model.filter(({ key }) => key !== now.key), scheduled];
            schedule.set(scheduled);
          } else if (now.does === 'delete') {
            model = model.filter(({ key }) => key !== now.key);
            schedule.delete(now.key);
          } else {
            const due = sorted().find(({ atMs }) => atMs <= now.nowMs);
            model = model.filter((scheduled) => scheduled !== due);
            expect(schedule.takeDue(now.nowMs)?.value).toBe(due?.value);
          }
          expect(schedule.earliestMs()).toBe(sorted()[0]?.atMs);
          for (const { key, atMs } of model) expect(schedule.get(key)?.atMs).toBe(atMs);
        }
      }),
    );
  });
});
