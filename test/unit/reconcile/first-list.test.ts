import { describe, expect, it } from 'vitest';

import { names, ref, startedInventory } from './listed-subscription.ts';
import { failure } from './scripted-list.ts';
import { MINUTE, SECOND } from './world.ts';

/** Many scale sets are to be read for the first time, in an inventory that was never asked for a list. */
function burst(count: number, parts: Parameters<typeof startedInventory>[0] = {}) {
  const all = names(count);
  const world = startedInventory({ bound: all, answer: () => all.join(' '), ...parts });
  /** How long each pass is told to wait, in seconds. */
  const waits = (): readonly (number | undefined)[] =>
    all.map((name) => {
      const ms = world.inventory.waitMs(ref(name), false);
      return ms === undefined ? undefined : ms / SECOND;
    });
  return { ...world, all, waits };
}

describe('many scale sets that were never read', () => {
  it('are read by themselves when they are fewer than ten', async () => {
    const { waits, clock, lists } = burst(9);

    expect(new Set(waits())).toEqual(new Set([undefined]));
    await clock.advance(MINUTE);
    expect(lists()).toEqual([]);
  });

  it('wait for a list from the tenth on, which is asked for at once', async () => {
    const { waits, clock, take, entry } = burst(12);

    const told = waits();
    await clock.advance(0);

    expect(told).toEqual([...Array<undefined>(9).fill(undefined), 30, 30, 30]);
    expect(take()).toEqual(['0 set-9', '0 set-10', '0 set-11']);
    expect(entry('set-11')).toBeDefined();
  });

  it('are read by themselves again when they come in ones and twos', async () => {
    const { inventory, clock, all } = burst(30);

    const told: (number | undefined)[] = [];
    for (const name of all) {
      told.push(inventory.waitMs(ref(name), false));
      await clock.advance(2 * SECOND);
    }

    expect(new Set(told)).toEqual(new Set([undefined]));
  });

  it('are read by themselves when the list lacks them, and wait no second time', async () => {
    const { waits, clock, take, inventory } = burst(12, { answer: () => '' });
    waits();
    await clock.advance(0);

    expect(take()).toEqual(['0 set-9', '0 set-10', '0 set-11']);
    expect(inventory.waitMs(ref('set-11'), true)).toBeUndefined();
  });

  it('wait as long as pages come, each within half a minute', async () => {
    const { waits, clock, take, inventory } = burst(12, {
      latencyMs: 20 * SECOND,
      answer: (_scope, cursor) => ({ first: ' > 2', '2': ' > 3' })[cursor] ?? 'set-11',
    });
    waits();

    await clock.advance(30 * SECOND);
    const meanwhile = inventory.waitMs(ref('set-11'), true);
    await clock.advance(30 * SECOND);

    expect(meanwhile).toBe(20 * SECOND);
    expect(take()).toEqual(['60 set-9', '60 set-10', '60 set-11']);
  });

  it('wait no longer than half a minute for a list that does not come', async () => {
    const { waits, clock, inventory } = burst(12, { answer: () => failure('transient') });
    waits();
    await clock.advance(30 * SECOND);

    expect(inventory.waitMs(ref('set-11'), true)).toBeUndefined();
    expect(inventory.waitMs(ref('set-11'), true)).toBeUndefined();
  });

  it('are read by themselves where the operator may list nothing, and nobody waits for that again', async () => {
    const { waits, clock, take, inventory } = burst(12, { answer: () => failure('notAuthorised') });
    waits();
    await clock.advance(0);

    expect(take()).toEqual(['resource', '0 set-9', '0 set-10', '0 set-11']);
    expect(inventory.waitMs(ref('another'), false)).toBeUndefined();
  });

  it('do not wait for a list that Azure has put off', async () => {
    const { waits, clock, inventory } = burst(12, {
      answer: () => failure('throttled', { retryAfterMs: 20 * MINUTE }),
    });
    waits();
    await clock.advance(SECOND);

    expect(inventory.waitMs(ref('another'), false)).toBeUndefined();
  });

  it('that are bound while a list is read wait for the next one', async () => {
    const { waits, clock, inventory, lists, world, take } = burst(12, { latencyMs: SECOND });
    waits();
    await clock.advance(500);
    world.bound = [...world.bound, 'late'];
    const wait = inventory.waitMs(ref('late'), false);
    world.answer = () => 'late';
    await clock.advance(5 * SECOND);

    expect(wait).toBe(29.5 * SECOND);
    expect(lists()).toEqual([0, 1.75]);
    expect(take().at(-1)).toBe('2.8 late');
  });

  it('that are bound while a list fails do not wait for another one', async () => {
    const { waits, clock, inventory, take } = burst(12, { latencyMs: SECOND, answer: () => failure('rejected') });
    waits();
    await clock.advance(500);
    inventory.waitMs(ref('late'), false);
    await clock.advance(500);

    expect(take().at(-1)).toBe('1 late');
    expect(inventory.waitMs(ref('later'), false)).toBeUndefined();
  });

  it('do not put off the list of the interval, nor bring anyone else a pass', async () => {
    const { waits, clock, lists, inventory } = burst(12);
    waits();
    await clock.advance(5 * MINUTE);
    inventory.follow(ref('web').subscriptionId);
    await clock.advance(5 * MINUTE);

    expect(lists()).toEqual([0, 600]);
  });
});
