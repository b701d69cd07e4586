import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { identityOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let elsewhere: string;
beforeAll(async () => {
  world = await startWorld({ name: 'shared', operationMs: 300 });
  elsewhere = await world.createNamespace('elsewhere');
  await world.allow({ namespaces: [world.namespace, elsewhere] });
});
afterAll(() => world.close());

describe.concurrent('two bindings of one scale set', () => {
  it('add up', async () => {
    const set = world.scaleSet('union', { foreign: ['theirs'] });
    const bindings = await Promise.all([
      world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'union-a' }),
      world.bind(set, { userAssigned: ['two', 'three'] }, { name: 'union-b' }),
    ]);
    for (const binding of bindings) expect((await binding.ready()).status.summary).toBe('2/2');
    expect(set.identities).toEqual(['one', 'theirs', 'three', 'two']);
  });

  it('keep what the other declares when one of them goes', async () => {
    const set = world.scaleSet('kept', { foreign: ['theirs'] });
    const first = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'kept-a' });
    const second = await world.bind(set, { userAssigned: ['two', 'three'] }, { name: 'kept-b' });
    await first.ready();
    await second.ready();
    await first.delete();
    await first.untilGone();
    expect(set.identities).toEqual(['theirs', 'three', 'two']);
    expect((await second.ready()).status.summary).toBe('2/2');
    expect(set.writes.flatMap(({ detach }) => detach)).toEqual(['one']);
  });

  it('keep what the other declares when one of them takes it out of its list', async () => {
    const set = world.scaleSet('dropped');
    const first = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'dropped-a' });
    const second = await world.bind(set, { userAssigned: ['two'] }, { name: 'dropped-b' });
    await first.ready();
    await second.ready();
    await first.apply({ userAssigned: [] });
    await first.ready();
    await set.until('has two alone', ({ identities }) => identities.join() === 'two');
    expect(set.writes.flatMap(({ detach }) => detach)).toEqual(['one']);
  });

  it('leave nothing of theirs behind when both go at once', async () => {
    const set = world.scaleSet('both-gone', { foreign: ['theirs'] });
    const bindings = [
      await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'both-a' }),
      await world.bind(set, { userAssigned: ['two', 'three'] }, { name: 'both-b' }),
    ];
    for (const binding of bindings) await binding.ready();
    await Promise.all(bindings.map((binding) => binding.delete()));
    for (const binding of bindings) await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
    expect(await world.ledgerOf(set)).toBeUndefined();
  });

  it('are both told that an identity of ours is ours', async () => {
    const set = world.scaleSet('told-both');
    const first = await world.bind(set, { userAssigned: ['one'] }, { name: 'told-a' });
    await first.ready();
    const second = await world.bind(set, { userAssigned: ['one'] }, { name: 'told-b' });
    expect(identityOf(await second.ready(), 'one').attachedByUs).toBe(true);
    expect(set.writes).toHaveLength(1);
  });
});

describe.concurrent('bindings of two namespaces on one scale set', () => {
  it('do not learn of each other’s identities or names', async () => {
    const set = world.scaleSet('private');
    const mine = await world.bind(set, { userAssigned: ['one'] }, { name: 'mine' });
    const yours = await world.bind(set, { userAssigned: ['two'] }, { name: 'yours', namespace: elsewhere });
    await mine.ready();
    await yours.ready();
    await world.intervals(1);
    const [found, other] = [await mine.read(), await yours.read()].map((binding) => JSON.stringify(binding));
    expect(found).not.toContain(world.identityId('two'));
    expect(found).not.toContain(elsewhere);
    expect(found).not.toContain('yours');
    expect(other).not.toContain(world.identityId('one'));
    expect(other).not.toContain('mine');
    expect(found).toContain('"foreignCount":0');
  });

  it('each take back their own', async () => {
    const set = world.scaleSet('apart');
    const mine = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'apart' });
    const yours = await world.bind(set, { userAssigned: ['two', 'three'] }, { name: 'apart', namespace: elsewhere });
    await mine.ready();
    await yours.ready();
    await yours.delete();
    await yours.untilGone();
    expect(set.identities).toEqual(['one', 'two']);
    expect((await mine.ready()).status.summary).toBe('2/2');
  });
});

describe.concurrent('a binding that is renamed', () => {
  it('keeps its identities without a gap, and the ledger hands them over', async () => {
    const set = world.scaleSet('renamed', { foreign: ['theirs'] });
    const old = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'old-name' });
    await old.ready();
    const successor = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'new-name' });
    const { metadata } = (await successor.read())!;
    await old.delete();
    await old.untilGone();
    const found = await successor.ready();
    expect(found.status.userAssigned).toMatchObject([{ attachedByUs: true }, { attachedByUs: true }]);
    expect(set.writes).toMatchObject([{ attach: ['one', 'two'], detach: [] }]);
    const heirs = (await world.ledgerOf(set))?.spec.entries.map((entry) => entry.for);
    const heir = { namespace: world.namespace, name: 'new-name', uid: metadata.uid };
    expect(heirs).toEqual([[heir], [heir]]);
  });

  it('is taken back in the end like any other', async () => {
    const set = world.scaleSet('renamed-ended', { foreign: ['theirs'] });
    const old = await world.bind(set, { userAssigned: ['one'] }, { name: 'ended-old' });
    await old.ready();
    const successor = await world.bind(set, { userAssigned: ['one'] }, { name: 'ended-new' });
    await Promise.all([successor.ready(), old.delete()]);
    await old.untilGone();
    await successor.delete();
    await successor.untilGone();
    expect(set.identities).toEqual(['theirs']);
    expect(set.writes).toHaveLength(2);
  });

  it('keeps its identities when it is applied while the old one’s operation still runs', async () => {
    const set = world.scaleSet('renamed-midway', { operationMs: 1500 });
    const old = await world.bind(set, { userAssigned: ['one'] }, { name: 'midway-old' });
    await set.until('is being changed', ({ state }) => state.provisioningState === 'Updating');
    const successor = await world.bind(set, { userAssigned: ['one'] }, { name: 'midway-new' });
    await old.delete();
    await old.untilGone();
    expect(identityOf(await successor.ready(), 'one')).toMatchObject({ state: 'Assigned', attachedByUs: true });
    expect(set.writes).toHaveLength(1);
  });

  it('to another namespace keeps its identities as well', async () => {
    const set = world.scaleSet('moved');
    const old = await world.bind(set, { userAssigned: ['one'] });
    await old.ready();
    const successor = await world.bind(set, { userAssigned: ['one'] }, { namespace: elsewhere });
    await old.delete();
    await old.untilGone();
    await successor.ready();
    await eventually('the ledger to name the successor alone', async () => {
      const members = (await world.ledgerOf(set))?.spec.entries.flatMap((entry) => entry.for);
      return members?.length === 1 && members[0]?.namespace === elsewhere;
    });
    expect(set.writes).toHaveLength(1);
  });
});
