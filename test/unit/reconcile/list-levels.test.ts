import { describe, expect, it } from 'vitest';

import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import { SubscriptionList, TRY_WIDER_MS } from '../../../src/reconcile/inventory/list-levels.ts';
import { fixedRandom, VirtualClock } from '../runtime/virtual-clock.ts';
import { failure, scriptedList, type Step } from './scripted-list.ts';
import { MINUTE } from './world.ts';

interface Thing {
  readonly key: ArmKey;
}

const REFUSED = failure('notAuthorised');

/** The lists of one subscription with the groups `shop` and `other`, answered by scope as `answers` say at the time. */
function lists(answers: Record<string, Step>) {
  const clock = new VirtualClock();
  const thing = (name: string): Thing => ({ key: armKey(name) });
  const { page, asked } = scriptedList(clock, thing, (scope) => answers[scope] ?? '');
  const levels: string[] = [];
  const world = { answers, groups: ['shop', 'other', 'shop'], asked, levels, clock };
  const list = new SubscriptionList<Thing>({
    subscriptionId: 'x',
    clock,
    random: fixedRandom(0),
    page,
    groups: () => world.groups,
    changed: (level, why) => levels.push(why === undefined ? level : `${level}: ${why.code}`),
    moved: () => undefined,
  });
  /** Lists once, and tells what came and what was asked for. */
  const sweep = async () => {
    asked.length = 0;
    const sweeping = list.sweep((entry) => entry, new AbortController().signal);
    await clock.advance(10 * MINUTE);
    const { entries, failures, pages } = await sweeping;
    return { names: [...entries.keys()], asked: asked.map((line) => line.replace(/^\S+ /, '')), failures, pages };
  };
  return { ...world, world, list, sweep };
}

describe('a subscription', () => {
  it('is listed as a whole where that may be', async () => {
    const { sweep, list, levels } = lists({ all: 'a b' });
    expect(await sweep()).toEqual({ names: ['a', 'b'], asked: ['first'], failures: [], pages: 1 });
    expect(list.level).toBe('subscription');
    expect(levels).toEqual([]);
  });

  it('is listed by the resource groups of what is bound where the whole is refused', async () => {
    const { sweep, levels } = lists({ all: REFUSED, shop: 'a', other: 'b' });
    expect(await sweep()).toMatchObject({
      names: ['a', 'b'],
      asked: ['first', 'first in shop', 'first in other'],
      pages: 2,
    });
    expect(levels).toEqual(['resourceGroup: notAuthorisedCode']);
  });

  it('is listed by the groups that may be listed', async () => {
    const { sweep, list } = lists({ all: REFUSED, shop: REFUSED, other: 'b' });
    expect((await sweep()).names).toEqual(['b']);
    expect(list.level).toBe('resourceGroup');
    expect((await sweep()).asked).toEqual(['first in other']);
  });

  it('is not listed at all where no group may be', async () => {
    const { sweep, list, levels } = lists({ all: REFUSED, shop: REFUSED, other: REFUSED });
    expect((await sweep()).names).toEqual([]);
    expect(list.level).toBe('resource');
    expect((await sweep()).asked).toEqual([]);
    expect(levels).toEqual(['resource: notAuthorisedCode']);
  });

  it('is listed as a whole again an hour later, if that may be by then', async () => {
    const { sweep, answers, clock, levels } = lists({ all: REFUSED, shop: 'a', other: 'b' });
    await sweep();
    answers['all'] = 'a b c';
    await clock.advance(TRY_WIDER_MS - 30 * MINUTE);
    const before = await sweep();
    await clock.advance(30 * MINUTE);
    const after = await sweep();
    expect(before.asked).toEqual(['first in shop', 'first in other']);
    expect(after).toMatchObject({ asked: ['first'], names: ['a', 'b', 'c'] });
    expect(levels).toEqual(['resourceGroup: notAuthorisedCode', 'subscription']);
  });

  it('asks for the whole and the groups that were refused once an hour, and says so once', async () => {
    const { sweep, clock, levels } = lists({ all: REFUSED, shop: REFUSED, other: 'b' });
    await sweep();
    await clock.advance(TRY_WIDER_MS);
    expect((await sweep()).asked).toEqual(['first', 'first in shop', 'first in other']);
    expect(levels).toHaveLength(1);
  });

  it('asks its groups anew when the whole is refused once more', async () => {
    const { sweep, answers, clock } = lists({ all: REFUSED, shop: REFUSED, other: 'b' });
    await sweep();
    await clock.advance(TRY_WIDER_MS - 10 * MINUTE);
    answers['all'] = 'a b';
    await sweep();
    answers['all'] = REFUSED;
    expect((await sweep()).asked).toEqual(['first', 'first in shop', 'first in other']);
  });

  it('asks for a new group at once', async () => {
    const { sweep, world } = lists({ all: REFUSED, shop: REFUSED, other: REFUSED, new: 'n' });
    await sweep();
    world.groups = ['new'];
    expect(await sweep()).toMatchObject({ asked: ['first in new'], names: ['n'] });
  });

  it('keeps what other groups show when one cannot be read to its end', async () => {
    const { sweep } = lists({ all: REFUSED, shop: failure('rejected'), other: 'b' });
    expect(await sweep()).toMatchObject({ names: ['b'], failures: [{ kind: 'rejected' }] });
  });

  it('is not taken for one that may be listed when the next try of the whole merely fails', async () => {
    const { sweep, answers, clock, list } = lists({ all: REFUSED, shop: 'a', other: 'b' });
    await sweep();
    answers['all'] = failure('rejected');
    await clock.advance(TRY_WIDER_MS);
    expect((await sweep()).names).toEqual(['a', 'b']);
    expect(list.level).toBe('resourceGroup');
  });

  it('is not asked for group by group because the whole failed', async () => {
    const { sweep, list } = lists({ all: failure('rejected') });
    expect(await sweep()).toMatchObject({ names: [], asked: ['first'], failures: [{ kind: 'rejected' }] });
    expect(list.level).toBe('subscription');
  });
});
