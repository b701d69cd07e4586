import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { API_VERSION, type VmssIdentityBinding } from '../../src/api/types.ts';
import { companionOf, identityOf, readyOf } from './binding.ts';
import { nameOf } from './identity-writes.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let elsewhere: string;
beforeAll(async () => {
  world = await startWorld({ name: 'observe' });
  elsewhere = await world.createNamespace('elsewhere');
  const namespaces = [world.namespace, elsewhere];
  await world.allow({ namespaces, systemAssigned: 'EnableAndDisable', exclusive: 'Allow' });
});
afterAll(() => world.close());

const OBSERVE = { managementPolicy: 'Observe' } as const;
const MANAGE = { managementPolicy: 'Manage' } as const;

/** Sends the request of a plan by hand, as the plan says that it would be sent. */
async function sendByHand({ id }: ScaleSet, { status }: VmssIdentityBinding): Promise<void> {
  const reply = await fetch(`${world.azureUrl}${id}?api-version=2024-11-01`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${world.control.token(world.clientId)}`, 'content-type': 'application/json' },
    body: status.plan!.request!,
  });
  expect(reply.status).toBe(200);
}

describe.concurrent('a binding that observes', () => {
  it('has nothing written, says what would be done, and is in sync once somebody has done that', async () => {
    const set = world.scaleSet('observed', { foreign: ['theirs'] });
    const declared = { userAssigned: ['one', 'theirs'], systemAssigned: 'Enabled', ...OBSERVE } as const;
    const binding = await world.bind(set, declared);
    const found = await binding.shows('WouldChange');
    expect(found.status).toMatchObject({
      scaleSet: { name: 'observed' },
      systemAssigned: { state: 'Disabled' },
      summary: '1/2',
      foreignCount: 0,
      plan: { type: 'SystemAssigned, UserAssigned', attach: [world.identityId('one')], detach: [] },
    });
    expect(readyOf(found)?.message).toContain('1 identity would be attached, the system-assigned identity would be');
    expect(found.status.plan?.warnings).toEqual([
      expect.stringContaining('gets identity theirs now, and will get the'),
    ]);
    expect(identityOf(found, 'theirs').state).toBe('Assigned');
    expect(identityOf(found, 'one').state).toBe('Pending');
    expect(companionOf(found)).toBe(undefined);

    await world.intervals(3);
    expect(set.writes).toEqual([]);
    expect(await binding.isFinalized()).toBe(false);
    expect(await world.ledgerOf(set)).toBe(undefined);
    expect((await binding.read())?.metadata.resourceVersion).toBe(found.metadata.resourceVersion);

    await sendByHand(set, found);
    const after = await binding.shows('InSync');
    expect(after.status).toMatchObject({ systemAssigned: { state: 'Enabled' }, summary: '2/2' });
    expect(after.status.plan).toEqual({ type: 'SystemAssigned, UserAssigned', attach: [], detach: [], warnings: [] });
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(set.writes).toHaveLength(1);
  });

  it('carries on as Manage, and stops at once as Observe again, whatever it declares then', async () => {
    const set = world.scaleSet('switched', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'], ...OBSERVE });
    await binding.shows('WouldChange');
    await binding.apply({ userAssigned: ['one', 'two'], ...MANAGE });
    const managed = await binding.shows('Assigned');
    expect(managed.status).not.toHaveProperty('plan');
    expect(await binding.isFinalized()).toBe(true);

    await binding.apply({ userAssigned: ['two', 'three'], ...OBSERVE });
    const found = await binding.shows('WouldChange');
    expect(found.status.plan?.attach.map(nameOf)).toEqual(['three']);
    expect(found.status.plan?.detach.map(nameOf)).toEqual(['one']);
    expect(identityOf(found, 'one')).toMatchObject({ state: 'Assigned', attachedByUs: true });
    set.othersStrip('two');
    await binding.until('tells of the drift', ({ status }) => status.plan?.attach.length === 2);
    await world.intervals(2);
    expect(set.writes.map(({ attach, detach }) => ({ attach, detach }))).toEqual([
      { attach: ['one', 'two'], detach: [] },
    ]);

    await binding.apply({ userAssigned: ['two', 'three'], ...MANAGE });
    await binding.shows('Assigned');
    expect(set.identities).toEqual(['theirs', 'three', 'two']);
  });

  it('leaves everything as it is when it is deleted', async () => {
    const set = world.scaleSet('left');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    await binding.apply({ userAssigned: ['one'], ...OBSERVE });
    await binding.shows('InSync');
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(1);
    expect(await world.ledgerOf(set)).toBe(undefined);
  });

  it('stands beside one that is suspended, and neither has anything written', async () => {
    const set = world.scaleSet('frozen', { foreign: ['theirs'] });
    const suspended = await world.bind(set, { userAssigned: ['one'], suspend: true }, { name: 'frozen-suspended' });
    const observing = await world.bind(set, { userAssigned: ['two'], ...OBSERVE }, { name: 'frozen-observing' });
    expect((await observing.shows('WouldChange')).status.plan?.attach.map(nameOf)).toEqual(['two']);
    expect((await suspended.shows('Suspended')).status).not.toHaveProperty('plan');
    await world.intervals(1);
    expect(set.writes).toEqual([]);
  });

  it('says what mode: Exclusive would detach, and holds what it declares against another’s', async () => {
    const set = world.scaleSet('exclusive', { foreign: ['theirs', 'more'] });
    set.mayLose('theirs');
    const declared = { userAssigned: ['more'], mode: 'Exclusive' } as const;
    const observing = await world.bind(set, { ...declared, ...OBSERVE }, { name: 'exclusive-observing' });
    const found = await observing.shows('WouldChange');
    expect(found.status.plan?.detach.map(nameOf)).toEqual(['theirs']);
    const managed = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' }, { name: 'exclusive-managed' });
    await managed.shows('Assigned');
    expect(set.identities).toEqual(['more', 'one']);
    expect((await observing.shows('InSync')).status.foreignCount).toBe(0);
  });
});

describe.concurrent('bindings of two namespaces of which some observe', () => {
  it('do not learn of each other’s identities or names', async () => {
    const set = world.scaleSet('apart', { foreign: ['three'] });
    const mine = await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive', ...OBSERVE }, { name: 'mine' });
    const yours = await world.bind(set, { userAssigned: ['two'] }, { name: 'yours', namespace: elsewhere });
    const also = await world.bind(set, { userAssigned: ['more'], ...OBSERVE }, { name: 'also', namespace: elsewhere });
    await yours.shows('Assigned');
    await also.shows('WouldChange');
    const { status } = await mine.until('sees what is there', (found) => found.status.foreignCount === 1);
    expect(status.plan?.detach.map(nameOf)).toEqual(['three']);
    await world.intervals(1);

    // Everything that there is to read in their namespace, events too.
    const bindings = await world.api.list(`/apis/${API_VERSION}/namespaces/${elsewhere}/vmssidentitybindings`);
    const events = await world.api.list(`/apis/events.k8s.io/v1/namespaces/${elsewhere}/events`);
    expect(events.length).toBeGreaterThan(0);
    const there = JSON.stringify([bindings, events]);
    expect(there).toContain(world.identityId('more'));
    for (const name of ['one', 'three']) expect(there).not.toContain(`/userAssignedIdentities/${name}`);
    const here = JSON.stringify(await mine.read());
    for (const name of ['two', 'more']) expect(here).not.toContain(`/userAssignedIdentities/${name}`);
    expect(here).not.toContain(elsewhere);
    expect(there).not.toContain(world.namespace);
  });
});

describe.concurrent('a change of the identity that pods get which name none', () => {
  it('is a warning on the binding, before it is made', async () => {
    const set = world.scaleSet('warned', { foreign: ['theirs'] });
    const observing = await world.bind(set, { userAssigned: ['one'], ...OBSERVE });
    const [warning] = (await observing.shows('WouldChange')).status.plan!.warnings;
    expect(warning).toContain('gets the only user-assigned identity now, and will fail (there will be 2');
    await observing.apply({ userAssigned: ['one'], ...MANAGE });
    await observing.shows('Assigned');
    const text = await eventually('the event', async () => {
      const { stdout } = await world.api.kubectl(['describe', 'vib', 'warned', `--namespace=${world.namespace}`]);
      return stdout.includes('DefaultIdentityChanges') && stdout;
    });
    expect(text.match(/Warning +DefaultIdentityChanges.*\n/g)).toEqual([expect.stringContaining(warning!)]);
  });
});
