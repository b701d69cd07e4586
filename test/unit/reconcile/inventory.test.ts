import { describe, expect, it } from 'vitest';

import { subscriptionId } from '../simulator/azure.ts';
import { ref, startedInventory } from './listed-subscription.ts';
import { failure } from './scripted-list.ts';
import { HOUR, MINUTE, SECOND } from './world.ts';

describe('the inventory', () => {
  it('lists a subscription once an interval, however often it is asked to follow it', async () => {
    const { clock, inventory, lists } = startedInventory();
    for (let minute = 0; minute < 30; minute += 1) {
      inventory.follow(subscriptionId);
      await clock.advance(MINUTE);
    }

    expect(lists()).toEqual([600, 1200, 1800]);
  });

  it.each([
    [0, 540],
    [0.999_999, 660],
  ])('spreads its lists: with chance %s the first comes after %s s', async (random, seconds) => {
    const { clock, lists } = startedInventory({ random });

    await clock.advance(12 * MINUTE);

    expect(Math.round(lists()[0]!)).toBe(seconds);
  });

  it('keeps what is bound of a list, with the time at which its page was asked for', async () => {
    const { clock, entry, startedAt } = startedInventory({
      latencyMs: 30 * SECOND,
      bound: ['web', 'late'],
      answer: (_scope, cursor) => (cursor === 'first' ? 'web api > 2' : 'late'),
    });

    await clock.advance(12 * MINUTE);

    const wholeAt = startedAt + 11 * MINUTE;
    expect(entry('web')).toMatchObject({ at: startedAt + 10 * MINUTE, wholeAt, scaleSet: { key: ref('web').key } });
    expect(entry('late')).toMatchObject({ at: startedAt + 10 * MINUTE + 30 * SECOND, wholeAt });
    expect(entry('api')).toBeUndefined();
  });

  it('shows nothing of a list before it is whole: half a list proves nothing', async () => {
    const { clock, entry, take } = startedInventory({
      latencyMs: 30 * SECOND,
      answer: (_scope, cursor) => (cursor === 'first' ? 'web > 2' : ''),
    });

    await clock.advance(10 * MINUTE + 45 * SECOND);
    const half = { entry: entry('web'), told: take() };
    await clock.advance(MINUTE);

    expect(half).toEqual({ entry: undefined, told: [] });
    expect(entry('web')).toBeDefined();
  });

  it('has every bound scale set looked at after a list, and what the list lacks spread over the interval', async () => {
    const { clock, take, entry } = startedInventory({ bound: ['web', 'one', 'two'], answer: () => 'web' });

    await clock.advance(10 * MINUTE);

    expect(take()).toEqual(['600 web', '735 one', '1005 two']);
    expect(entry('one')).toBeUndefined();
  });

  it('takes an empty list for nothing at all', async () => {
    const { clock, take, inventory } = startedInventory({ answer: () => '' });

    await clock.advance(10 * MINUTE);
    inventory.follow(subscriptionId);
    await clock.advance(10 * MINUTE);

    expect(take()).toEqual(['870 web', '1470 web']);
  });

  it('knows nothing any more after a list that failed, and has everything looked at by itself', async () => {
    const { clock, take, world, inventory, entry } = startedInventory();
    await clock.advance(10 * MINUTE);
    inventory.follow(subscriptionId);
    world.answer = () => failure('rejected');
    take();

    await clock.advance(10 * MINUTE);

    expect(take()).toEqual(['failed rejectedCode', '1470 web']);
    expect(entry('web')).toBeUndefined();
  });

  it('goes on where a page failed, and believes the list then', async () => {
    const { clock, entry, lists, take } = startedInventory({
      answer: (_scope, cursor, count) => {
        if (cursor === 'first') return 'web > 2';
        return count === 2 ? failure('throttled', { retryAfterMs: 20 * SECOND }) : '';
      },
    });

    await clock.advance(11 * MINUTE);

    expect(lists()).toEqual([600]);
    expect(take()).toEqual(['622 web']);
    expect(entry('web')?.scaleSet.key).toBe(ref('web').key);
  });

  it('does not list again before Azure says that it may', async () => {
    const { clock, inventory, lists } = startedInventory({
      random: 0,
      answer: (_scope, _cursor, count) => (count === 1 ? failure('throttled', { retryAfterMs: 15 * MINUTE }) : 'web'),
    });

    for (let minute = 0; minute < 40; minute += 1) {
      inventory.follow(subscriptionId);
      await clock.advance(MINUTE);
    }

    expect(lists()).toEqual([540, 540 + 15 * 60, 540 + 15 * 60 + 540]);
  });

  it('reads one by one what may not be listed, spread over each interval, and tries wider after an hour', async () => {
    const { clock, inventory, take, lists, world } = startedInventory({
      bound: ['web', 'api'],
      answer: () => failure('notAuthorised'),
    });
    const tick = async (): Promise<readonly string[]> => {
      inventory.follow(subscriptionId);
      await clock.advance(10 * MINUTE);
      return take();
    };

    const first = await tick();
    const second = await tick();
    world.answer = () => 'web api';
    for (let tenMinutes = 2; tenMinutes < 6; tenMinutes += 1) await tick();
    const seventh = await tick();

    expect(first).toEqual(['resource', '735 web', '1005 api']);
    expect(second).toEqual(['1335 web', '1605 api']);
    expect(seventh).toEqual(['subscription', '4200 web', '4200 api']);
    expect(lists()).toEqual([600, 4200]);
  });

  it('lists when its turn under the limits of Azure has come, and tells nobody that it had to wait', async () => {
    const { clock, entry, take, lists, world } = startedInventory({
      answer: () => failure('queued', { retryAfterMs: 1500 }),
    });
    await clock.advance(10 * MINUTE);
    world.answer = () => 'web';
    await clock.advance(1500);

    expect(lists()).toEqual([600, 601.5]);
    expect(take()).toEqual(['601.5 web']);
    expect(entry('web')?.at).toBe(clock.now());
  });

  it('stops when nothing is bound any more, and begins again when asked to', async () => {
    const { clock, world, lists, inventory } = startedInventory({ bound: [] });
    await clock.advance(HOUR);
    const stopped = lists();
    world.bound = ['web'];
    inventory.follow(subscriptionId);

    await clock.advance(10 * MINUTE);

    expect(stopped).toEqual([]);
    expect(lists()).toHaveLength(1);
  });

  it('stops when no pass asks for it any more: what is bound there may have lost its permission', async () => {
    const { clock, lists, entry } = startedInventory();

    await clock.advance(HOUR);

    expect(lists()).toEqual([600]);
    expect(entry('web')).toBeUndefined();
  });

  it('follows each subscription by itself', async () => {
    const { clock, inventory, lists } = startedInventory();
    inventory.follow('99999999-4b5a-6978-8796-a5b4c3d2e1f0');

    await clock.advance(10 * MINUTE);

    expect(lists()).toEqual([600, 600]);
    expect(inventory.levels()).toEqual(['subscription', 'subscription']);
  });

  it('ends when it is stopped, even in the middle of a list, and follows nothing after', async () => {
    const { clock, ending, inventory, lists } = startedInventory({ latencyMs: MINUTE });
    await clock.advance(10 * MINUTE + SECOND);

    ending.abort();
    await clock.advance(MINUTE);
    await inventory.ended();
    inventory.follow(subscriptionId);
    await clock.advance(HOUR);

    expect(lists()).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('ends when it is stopped between two lists', async () => {
    const { clock, ending, inventory } = startedInventory();
    ending.abort();
    await inventory.ended();

    expect(clock.pending).toBe(0);
  });
});
