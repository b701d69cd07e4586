import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { companionOf, identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'lifecycle' });
  await world.allow({ systemAssigned: 'EnableAndDisable', exclusive: 'Allow', adopt: 'Allow' });
});
afterAll(() => world.close());

describe.concurrent('a scale set that does not exist', () => {
  it('is told as such, and causes no write', async () => {
    const set = world.scaleSetToCome('nowhere');
    const found = await (await world.bind(set, { userAssigned: ['one'] })).shows('ScaleSetNotFound');
    expect(companionOf(found)).toBe('Reconciling');
    await world.intervals(1);
    expect(set.writes).toEqual([]);
    expect(await world.ledgerOf(set)).toBeUndefined();
  });

  it('is bound when it appears', async () => {
    const set = world.scaleSetToCome('to-come');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.shows('ScaleSetNotFound');
    world.scaleSet('to-come', { foreign: ['theirs'], systemAssigned: true });
    await binding.ready();
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('in a resource group that does not exist either is told as such', async () => {
    const set = world.scaleSetToCome('groupless', 'nowhere');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(readyOf(await binding.shows('ScaleSetNotFound'))?.message).toContain('its resource group is not there');
  });
});

describe.concurrent('a scale set that is deleted and created again under its name', () => {
  it('makes what the ledger says void: what is on the new one is others’', async () => {
    const set = world.scaleSet('replaced', { systemAssigned: true });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(true);
    set.replace();
    const found = await binding.until('knows', (each) => !identityOf(each, 'one').attachedByUs);
    expect(readyOf(found)?.reason).toBe('Assigned');
    expect(await world.ledgerOf(set)).toBeUndefined();
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(1);
  });

  it('is bound anew where it comes without the identities', async () => {
    const set = world.scaleSet('recreated');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    const { uniqueId } = set.state;
    set.remove();
    world.scaleSet('recreated', { foreign: ['theirs'] });
    await set.until('has one', ({ identities }) => identities.includes('one'));
    expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(true);
    const { spec } = (await world.ledgerOf(set))!;
    expect(spec.uniqueId).toBe(set.state.uniqueId);
    expect(spec.uniqueId).not.toBe(uniqueId);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });
});

describe.concurrent('a scale set of Flexible orchestration', () => {
  it('takes user-assigned identities', async () => {
    const set = world.scaleSet('flexible', { orchestrationMode: 'Flexible', foreign: ['theirs'] });
    const found = await (await world.bind(set, { userAssigned: ['one'] })).ready();
    expect(found.status.scaleSet?.orchestrationMode).toBe('Flexible');
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('is never asked for a system-assigned one, and a binding that wants it is Stalled and served otherwise', async () => {
    const set = world.scaleSet('flexible-system', { orchestrationMode: 'Flexible' });
    const binding = await world.bind(set, { userAssigned: ['one'], systemAssigned: 'Enabled' });
    const found = await binding.until('is served otherwise', ({ status }) => status.summary === '1/1');
    expect(readyOf(found)?.reason).toBe('UnsupportedOrchestrationMode');
    expect(companionOf(found)).toBe('Stalled');
    await world.intervals(1);
    expect(set.writes).toMatchObject([{ status: 200, type: 'UserAssigned', attach: ['one'] }]);
    expect(set.systemAssigned).toBeUndefined();
  });
});

describe.concurrent('a suspended binding', () => {
  it('is left alone from the start, and served when it is resumed', async () => {
    const set = world.scaleSet('suspended-first');
    const binding = await world.bind(set, { userAssigned: ['one'], suspend: true });
    const found = await binding.shows('Suspended');
    expect(readyOf(found)?.status).toBe('Unknown');
    expect(companionOf(found)).toBeUndefined();
    expect(set.writes).toEqual([]);
    await binding.apply({ userAssigned: ['one'], suspend: false });
    await binding.ready();
    expect(set.identities).toEqual(['one']);
  });

  it('stays Ready as it was, and has its drift repaired when it is resumed, not before', async () => {
    const set = world.scaleSet('suspended-later', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const busy = await world.bind(world.scaleSet('beside'), { userAssigned: ['one'] });
    await binding.ready();
    await binding.apply({ userAssigned: ['one', 'two'], suspend: true });
    expect(readyOf(await binding.shows('Suspended'))?.status).toBe('True');
    set.othersStrip('one');
    await busy.ready();
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
    await binding.apply({ userAssigned: ['one', 'two'], suspend: false });
    await binding.shows('Assigned');
    expect(set.identities).toEqual(['one', 'theirs', 'two']);
  });
});
