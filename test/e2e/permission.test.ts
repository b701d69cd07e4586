import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { companionOf, identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'permission' });
});
afterAll(() => world.close());

describe.concurrent('a binding that no policy allows', () => {
  it('costs not a single request to Azure', async () => {
    const set = world.scaleSet('unasked');
    const binding = await world.bind(set, { userAssigned: ['one'], systemAssigned: 'Enabled' });
    await binding.shows('NotPermitted');
    expect(set.requests).toEqual([]);
    expect(set.identities).toEqual([]);
    expect(await binding.isFinalized()).toBe(false);
  });

  it('counts as on its way at first: its policy may come with the same apply', async () => {
    const set = world.scaleSet('early');
    const found = await (await world.bind(set, { userAssigned: ['one'] })).shows('NotPermitted');
    expect(readyOf(found)?.status).toBe('False');
    expect(companionOf(found)).toBe('Reconciling');
  });

  it('holds in its message a policy that makes it ready', async () => {
    const set = world.scaleSet('pasted', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'], systemAssigned: 'Enabled' });
    const message = readyOf(await binding.shows('NotPermitted'))?.message ?? '';
    const pasted = message.slice(message.indexOf('apiVersion:'));
    const { stdout } = await world.api.kubectl(['apply', '--filename=-', '--output=name'], { stdin: pasted });
    expect((await binding.ready()).status.summary).toBe('2/2');
    expect(set.identities).toEqual(['one', 'theirs', 'two']);
    expect(set.systemAssigned).toBeDefined();
    await binding.delete();
    await binding.untilGone();
    await world.api.kubectl(['delete', stdout.trim()]);
    world.bystanders.watch(set.id);
  });

  it('does not learn what Azure has', async () => {
    const set = world.scaleSet('unseen', { foreign: ['one'], systemAssigned: true });
    const found = await (await world.bind(set, { userAssigned: ['one'] })).shows('NotPermitted');
    expect(found.status.scaleSet).toBeUndefined();
    expect(found.status.systemAssigned).toBeUndefined();
    expect(found.status.foreignCount).toBeUndefined();
    expect(identityOf(found, 'one')).toMatchObject({ state: 'NotPermitted', attachedByUs: false });
    expect(JSON.stringify(found.status)).not.toContain(world.control.identity(world.identityId('one')).principalId);
  });

  it('becomes ready when a policy comes', async () => {
    const set = world.scaleSet('allowed-later');
    const namespace = await world.createNamespace('allowed-later');
    const binding = await world.bind(set, { userAssigned: ['one'] }, { namespace });
    await binding.shows('NotPermitted');
    await world.allow({ namespaces: ['allowed-l*'] }, 'later');
    await binding.ready();
    expect(set.identities).toEqual(['one']);
  });
});

describe.concurrent('a binding that a policy allows in part', () => {
  it('is served but for the one identity that is not allowed', async () => {
    const set = world.scaleSet('partly');
    const namespace = await world.createNamespace('partly');
    await world.allow({ namespaces: [namespace], userAssigned: [world.identityId('t*')] }, 'partly');
    const binding = await world.bind(set, { userAssigned: ['one', 'two', 'three'] }, { namespace });
    const found = await binding.until('has what is allowed', ({ status }) => status.summary === '2/3');
    expect(readyOf(found)?.reason).toBe('NotPermitted');
    expect(identityOf(found, 'one').state).toBe('NotPermitted');
    expect(identityOf(found, 'two').state).toBe('Assigned');
    expect(readyOf(found)?.message).toContain(world.identityId('one'));
    expect(set.identities).toEqual(['three', 'two']);
  });

  it('does not get what two policies allow only between them', async () => {
    const set = world.scaleSet('combined');
    const other = world.scaleSet('combined-other');
    const namespace = await world.createNamespace('combined');
    const identity = world.identityId('one');
    await world.allow({ namespaces: [namespace], scaleSets: [set.id], userAssigned: [] }, 'combined-set');
    await world.allow(
      { namespaces: [namespace], scaleSets: [other.id], userAssigned: [identity] },
      'combined-identity',
    );
    await world.allow({ namespaces: ['nobody'], scaleSets: [set.id], userAssigned: [identity] }, 'combined-nobody');
    const binding = await world.bind(set, { userAssigned: ['one'] }, { namespace });
    const found = await binding.shows('NotPermitted');
    expect(identityOf(found, 'one').state).toBe('NotPermitted');
    expect(set.writes).toEqual([]);
    expect(set.identities).toEqual([]);
  });

  it('keeps what it has when the policy is narrowed, and is not given it again', async () => {
    const set = world.scaleSet('narrowed');
    const namespace = await world.createNamespace('narrowed');
    await world.allow({ namespaces: [namespace] }, 'narrowed');
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] }, { namespace });
    await binding.ready();
    await world.allow({ namespaces: [namespace], userAssigned: [world.identityId('two')] }, 'narrowed');
    await binding.shows('NotPermitted');
    await world.intervals(1);
    expect(set.identities).toEqual(['one', 'two']);
    set.othersStrip('one', 'two');
    await set.until('has two again', ({ identities }) => identities.includes('two'));
    await world.intervals(1);
    expect(set.identities).toEqual(['two']);
  });

  it('does not have others’ identities taken over, or others’ detached, by what it may not ask', async () => {
    const set = world.scaleSet('shielded', { foreign: ['theirs'] });
    const namespace = await world.createNamespace('shielded');
    await world.allow({ namespaces: [namespace], userAssigned: [world.identityId('one')] }, 'shielded');
    const binding = await world.bind(set, { userAssigned: ['one', 'theirs'] }, { namespace });
    await binding.until('has what is allowed', ({ status }) => status.summary === '1/2');
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });
});
