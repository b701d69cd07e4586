import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'exclusive' });
  await world.allow({ exclusive: 'Allow', adopt: 'Allow', protected: [world.identityId('more')] });
});
afterAll(() => world.close());

describe.concurrent('mode: Exclusive', () => {
  it('announces what nobody declares, and detaches it when the list has stood', async () => {
    const set = world.scaleSet('alone', { foreign: ['theirs', 'two'] });
    set.mayLose('theirs', 'two');
    const binding = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' });
    const waiting = await binding.shows('ExclusiveWaiting');
    expect(waiting.status.plan?.detach.map((id) => id.split('/').at(-1))).toEqual(['theirs', 'two']);
    expect((await world.ledgerOf(set))?.spec.exclusive?.detach).toHaveLength(2);

    const done = await binding.ready();
    expect(done.status).not.toHaveProperty('plan');
    expect(set.identities).toEqual(['one']);
    expect(set.writes.map(({ attach, detach }) => ({ attach, detach }))).toEqual([
      { attach: ['one'], detach: [] },
      { attach: [], detach: ['theirs', 'two'] },
    ]);
    expect((await world.ledgerOf(set))?.spec.exclusive).toBe(undefined);
  });

  it('spares what another binding declares meanwhile', async () => {
    const set = world.scaleSet('declared', { foreign: ['two'] });
    const exclusive = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' });
    await exclusive.shows('ExclusiveWaiting');
    const other = await world.bind(set, { userAssigned: ['two'] }, { name: 'declared-other' });
    await exclusive.ready();
    expect(identityOf(await other.ready(), 'two')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(set.identities).toEqual(['one', 'two']);
  });

  it('takes all of them away where none is declared, and leaves the system-assigned identity', async () => {
    const set = world.scaleSet('emptied', { foreign: ['theirs'], systemAssigned: true });
    set.mayLose('theirs');
    const binding = await world.bind(set, { userAssigned: [], mode: 'Exclusive' });
    await set.until('has none', ({ identities }) => identities.length === 0);
    await binding.ready();
    expect(set.systemAssigned).toBeDefined();
  });

  it('spares what a policy protects', async () => {
    const set = world.scaleSet('spared', { foreign: ['more'] });
    const binding = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' });
    await binding.ready();
    await world.intervals(3);
    expect(set.identities).toEqual(['more', 'one']);
  });

  it('acts as Additive on a scale set that AKS manages, and says so', async () => {
    const set = world.scaleSet('nodes', { foreign: ['theirs'], tags: { 'aks-managed-poolName': 'nodes' } });
    const binding = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' });
    await binding.shows('ExclusiveOnManagedScaleSet');
    await world.intervals(3);
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('acts as Additive in a namespace that may not be Exclusive, and says what would allow it', async () => {
    const namespace = await world.createNamespace('plain');
    await world.allow({ namespaces: [namespace] }, 'plain');
    const set = world.scaleSet('plain', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' }, { namespace });
    const found = await binding.until('is served', ({ status }) => status.summary === '1/1');
    expect(readyOf(found)).toMatchObject({ status: 'False', reason: 'NotPermitted' });
    expect(readyOf(found)?.message).toContain('exclusive: Allow');
    await world.intervals(3);
    expect(set.identities).toEqual(['one', 'theirs']);
  });
});

describe.concurrent('adopt', () => {
  it('takes over what others attached without a write to Azure, and takes it back with the binding', async () => {
    const set = world.scaleSet('adopted', { foreign: ['theirs', 'two'] });
    set.mayLose('theirs');
    const binding = await world.bind(set, { userAssigned: ['theirs'], adopt: ['theirs'] });
    expect(identityOf(await binding.ready(), 'theirs').attachedByUs).toBe(true);
    expect(set.writes).toEqual([]);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['two']);
  });

  it('leaves what a policy protects to its owner', async () => {
    const set = world.scaleSet('kept', { foreign: ['more'] });
    const binding = await world.bind(set, { userAssigned: ['more'], adopt: ['more'] });
    expect(identityOf(await binding.ready(), 'more').attachedByUs).toBe(false);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['more']);
  });
});
