import { describe, expect, it } from 'vitest';

import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import { LONGEST_WALK_MS, walkList } from '../../../src/reconcile/inventory/list-walk.ts';
import { fixedRandom, VirtualClock } from '../runtime/virtual-clock.ts';
import { failure, scriptedList, type Step } from './scripted-list.ts';
import { HOUR, MINUTE, SECOND } from './world.ts';

interface Thing {
  readonly key: ArmKey;
}

const thing = (name: string): Thing => ({ key: armKey(name) });

/** Walks a list of things to its end, whenever that is. */
async function walked(answer: (cursor: string, count: number) => Step, latencyMs = 0, until = HOUR) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const { page, asked } = scriptedList(clock, thing, (_scope, cursor, count) => answer(cursor, count), latencyMs);
  let moved = 0;
  const walking = walkList<Thing>({
    clock,
    random: fixedRandom(0),
    signal: new AbortController().signal,
    page: (cursor, signal) => page({ subscriptionId: '' }, cursor, signal),
    keep: (entry) => (entry.key === armKey('unbound') ? undefined : entry),
    moved: () => (moved += 1),
  });
  await clock.advance(until);
  const walk = await walking;
  const entries =
    walk.state === 'whole' ? [...walk.entries].map(([key, { at }]) => [key, (at - startedAt) / SECOND]) : [];
  return { walk, entries, asked, moved, startedAt };
}

describe('a list', () => {
  it('is read page by page to its end, and only what is wanted of it is kept', async () => {
    const pages: Record<string, string> = { first: 'a unbound > 2', '2': 'b > 3', '3': 'c' };
    const { walk, entries, asked, moved } = await walked((cursor) => pages[cursor]!);
    expect(entries.map(([key]) => key)).toEqual(['a', 'b', 'c']);
    expect(walk).toMatchObject({ state: 'whole', pages: 3 });
    expect(asked).toEqual(['0 first', '0 2', '0 3']);
    expect(moved).toBe(3);
  });

  it('goes on after a page without entries: what is filtered by rights may be all of a page', async () => {
    const pages: Record<string, string> = { first: ' > 2', '2': ' > 3', '3': 'c' };
    const { walk, entries } = await walked((cursor) => pages[cursor]!);
    expect(walk).toMatchObject({ state: 'whole', pages: 3 });
    expect(entries.map(([key]) => key)).toEqual(['c']);
  });

  it('dates each entry by when the request for its page was sent', async () => {
    const { entries } = await walked((cursor) => (cursor === 'first' ? 'a > 2' : 'b'), 7 * SECOND);
    expect(entries).toEqual([
      ['a', 0],
      ['b', 7],
    ]);
  });

  it('dates an entry that stands on two pages by the later one', async () => {
    const { entries } = await walked((cursor) => (cursor === 'first' ? 'a b > 2' : 'b'), SECOND);
    expect(entries).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
  });

  it('goes on where a page failed, after a back-off that grows', async () => {
    const { walk, asked } = await walked((cursor, count) => {
      if (cursor === 'first') return 'a > 2';
      return count < 5 ? failure('transient') : 'b';
    });
    expect(walk.state).toBe('whole');
    expect(asked).toEqual(['0 first', '0 2', '1 2', '3 2', '7 2']);
  });

  it('goes on when Azure says so, and no sooner', async () => {
    const { walk, asked } = await walked((cursor, count) => {
      if (cursor === 'first') return 'a > 2';
      return count === 2 ? failure('throttled', { retryAfterMs: 42 * SECOND }) : 'b';
    });
    expect(walk.state).toBe('whole');
    expect(asked).toEqual(['0 first', '0 2', '42 2']);
  });

  it('takes a wait that a failure of any kind tells, but not for ever', async () => {
    const { asked } = await walked((_cursor, count) => (count < 6 ? failure('transient', { retryAfterMs: 100 }) : 'a'));
    expect(asked).toEqual(['0 first', '0.1 first', '0.2 first', '1.2 first', '3.2 first', '7.2 first']);
  });

  it('begins anew when its cursor is refused, and believes nothing of what it had', async () => {
    const { entries, asked } = await walked((cursor, count) => {
      if (cursor === 'first') return count === 1 ? 'gone a > 2' : 'a > 3';
      return cursor === '2' ? 'expired' : 'b';
    });
    expect(entries.map(([key]) => key)).toEqual(['a', 'b']);
    expect(asked).toEqual(['0 first', '0 2', '1 first', '1 3']);
  });

  it('is given up when its cursors are refused again and again', async () => {
    const { walk, asked } = await walked((cursor) => (cursor === 'first' ? 'a > 2' : 'expired'));
    expect(walk).toMatchObject({ state: 'givenUp', failure: { code: 'BrokenList' } });
    expect(asked).toHaveLength(6);
  });

  it('is given up when its pages lead in a circle', async () => {
    const { walk, asked } = await walked((cursor) => (cursor === '2' ? 'b > 3' : 'a > 2'));
    expect(walk).toMatchObject({ state: 'givenUp', failure: { code: 'BrokenList' } });
    expect(asked.slice(0, 3).map((line) => line.split(' ')[1])).toEqual(['first', '2', '3']);
    expect(asked).toHaveLength(9);
  });

  it('is given up when it takes too long, however well its pages come', async () => {
    const { walk, asked } = await walked((_cursor, count) => `a${String(count)} > ${String(count)}`, MINUTE);
    expect(walk).toMatchObject({ state: 'givenUp', failure: { code: 'ListTookTooLong' } });
    expect(asked).toHaveLength(LONGEST_WALK_MS / MINUTE + 1);
  });

  it('is given up when its page fails for too long', async () => {
    const { walk } = await walked(() => failure('transient'));
    expect(walk).toMatchObject({ state: 'givenUp', failure: { code: 'transientCode' } });
    expect(walk).not.toHaveProperty('notBefore');
  });

  it('is given up when Azure asks for a longer wait, which is remembered', async () => {
    const { walk, asked, startedAt } = await walked((cursor) =>
      cursor === 'first' ? 'a > 2' : failure('throttled', { retryAfterMs: 20 * MINUTE }),
    );
    expect(walk).toMatchObject({ state: 'givenUp', notBefore: startedAt + 20 * MINUTE });
    expect(asked).toHaveLength(2);
  });

  it.each(['rejected', 'operatorMisconfigured'] as const)('is given up at once when it is %s', async (kind) => {
    const { walk, asked } = await walked(() => failure(kind));
    expect(walk).toMatchObject({ state: 'givenUp', failure: { kind } });
    expect(asked).toHaveLength(1);
  });

  it.each(['notAuthorised', 'blockedByAdministrator'] as const)(
    'is refused when it is %s, on any page',
    async (kind) => {
      const { walk } = await walked((cursor) => (cursor === 'first' ? 'a > 2' : failure(kind)));
      expect(walk).toMatchObject({ state: 'refused', failure: { kind } });
    },
  );

  it('of a resource group that is gone is empty', async () => {
    const { walk } = await walked(() => failure('notFound'));
    expect(walk).toMatchObject({ state: 'whole', pages: 0 });
  });

  it('waits for a token as for any trouble that passes', async () => {
    const { walk, asked } = await walked((_cursor, count) => (count === 1 ? failure('credential') : 'a'));
    expect(walk.state).toBe('whole');
    expect(asked).toEqual(['0 first', '5 first']);
  });

  it('ends with its signal', async () => {
    const clock = new VirtualClock();
    const ending = new AbortController();
    const { page } = scriptedList(clock, thing, () => failure('transient'));
    const walking = walkList<Thing>({
      clock,
      random: fixedRandom(0),
      signal: ending.signal,
      page: (cursor, signal) => page({ subscriptionId: '' }, cursor, signal),
      keep: (entry) => entry,
      moved: () => undefined,
    });
    ending.abort(new Error('over'));
    await expect(walking).rejects.toThrow('over');
  });
});
