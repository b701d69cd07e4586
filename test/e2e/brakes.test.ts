/** The operator's own brakes. What counts against them lives as long as the process: each test has one of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'brakes' });
  await world.allow();
});
afterAll(async () => {
  // What is deleted at the end is to go at once.
  await world.restartOperator();
  await world.close();
});

const lastRequest = (): number => world.control.requests().at(-1)?.sequence ?? 0;
const writesSince = (sequence: number): readonly string[] =>
  world.control
    .requests(sequence)
    .filter(({ method }) => method === 'PATCH' || method === 'PUT')
    .map(({ path }) => path);

describe('an identity of ours that others take off three times', () => {
  it('waits with the reason Contested, while the others of its scale set are served', async () => {
    const set = world.scaleSet('contested');
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    await binding.ready();
    for (const times of [2, 3]) {
      set.othersStrip('one');
      await set.until('has one again', ({ writes }) => writes.length === times && set.has('one'));
    }
    // It is back on record when nothing is under way any more.
    await binding.shows('Assigned');
    set.othersStrip('one');

    const found = await binding.shows('Contested');
    const { state, reason, nextAttemptTime = '' } = identityOf(found, 'one');
    expect({ state, reason }).toEqual({ state: 'Pending', reason: 'Contested' });
    expect(readyOf(found)?.message).toContain('taken it off 3 times in the last hour');
    expect(readyOf(found)?.message).toContain(nextAttemptTime.slice(0, -1));
    expect(Date.parse(nextAttemptTime)).toBeGreaterThan(Date.parse(readyOf(found)!.lastTransitionTime));

    await (await world.bind(set, { userAssigned: ['three'] }, { name: 'beside' })).ready();
    await world.intervals(2);
    expect(set.identities).toEqual(['three', 'two']);
    expect(readyOf((await binding.read())!)?.reason).toBe('Contested');
  });
});

describe('an operator with --detach-limit=2', () => {
  it('detaches two identities over three scale sets; the third waits, and attaches land', async () => {
    const names = ['first', 'second', 'third'];
    const sets = names.map((name) => world.scaleSet(`limit-${name}`));
    const bindings = await Promise.all(sets.map((set) => world.bind(set, { userAssigned: ['one'] })));
    await Promise.all(bindings.map((binding) => binding.ready()));
    await world.restartOperator({ flags: ['--detach-limit=2'] });

    const [first, ...others] = bindings;
    await first?.apply({ userAssigned: ['two'] });
    await Promise.all(others.map((binding) => binding.delete()));

    const isSettled = (): boolean => sets.filter((set) => !set.has('one')).length === 2 && sets[0]?.has('two') === true;
    await sets[0]?.until('and one more are rid of one', isSettled);
    const waiting = bindings[sets.findIndex((set) => set.has('one'))]!;
    const found = await waiting.shows('DetachLimitReached');
    expect(identityOf(found, 'one')).toMatchObject({ state: 'Detaching', reason: 'DetachLimitReached' });
    expect(readyOf(found)?.message).toContain(
      `This goes on at ${String(identityOf(found, 'one').nextAttemptTime).slice(0, 19)}`,
    );
    await world.intervals(2);
    expect(isSettled()).toBe(true);
    const recorded = (await world.ledgerOf(sets[bindings.indexOf(waiting)]!))?.spec.entries ?? [];
    expect(recorded.find(({ resourceId }) => resourceId.endsWith('/one'))).toMatchObject({ phase: 'Attached' });

    await world.restartOperator();
    await Promise.all(others.map((binding) => binding.untilGone()));
    await first?.ready();
    expect(sets.map(({ identities }) => identities)).toEqual([['two'], [], []]);
  });
});

describe('an operator with --read-only', () => {
  it('writes nothing to Azure over a whole life, and one without it carries on', async () => {
    const [kept, stripped, going, fresh] = ['kept', 'stripped', 'going', 'fresh'].map((name) => world.scaleSet(name));
    const bound = await Promise.all([kept, stripped, going].map((set) => world.bind(set!, { userAssigned: ['one'] })));
    await Promise.all(bound.map((binding) => binding.ready()));
    await world.restartOperator({ flags: ['--read-only'] });
    const since = lastRequest();

    stripped!.othersStrip('one');
    await bound[2]?.delete();
    const born = await world.bind(fresh!, { userAssigned: ['two'] });

    expect(readyOf(await born.shows('ReadOnly'))?.message).toContain('attaching two.');
    await bound[1]?.shows('ReadOnly');
    expect(readyOf((await bound[2]?.shows('ReadOnly'))!)?.message).toContain('detaching one.');
    await world.intervals(2);
    await bound[0]?.shows('Assigned');
    expect(await born.isFinalized()).toBe(false);
    expect(await world.ledgerOf(fresh!)).toBeUndefined();
    expect((await world.ledgerOf(going!))?.spec.entries).toMatchObject([{ phase: 'Attached' }]);
    expect(writesSince(since)).toEqual([]);

    await world.restartOperator();
    await Promise.all([bound[0]?.ready(), bound[1]?.ready(), born.ready(), bound[2]?.untilGone()]);
    expect([kept, stripped, going, fresh].map((set) => set?.identities)).toEqual([['one'], ['one'], [], ['two']]);
  });
});
