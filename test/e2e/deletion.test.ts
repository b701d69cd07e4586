import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { ABANDON_ANNOTATION, API_VERSION } from '../../src/api/types.ts';
import { identityOf, readyOf } from './binding.ts';
import { forgeStatus } from './forged-status.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'deletion', operationMs: 300 });
  await world.allow();
});
afterAll(() => world.close());

const eventsOn = async (name: string): Promise<string> =>
  (
    await world.api.kubectl([
      'get',
      'events',
      `--namespace=${world.namespace}`,
      `--field-selector=involvedObject.name=${name}`,
    ])
  ).stdout;

describe.concurrent('a binding that is deleted', () => {
  it('gives back what was attached for it, and nothing else', async () => {
    const set = world.scaleSet('given-back', { foreign: ['theirs', 'one'], systemAssigned: true });
    const binding = await world.bind(set, { userAssigned: ['one', 'two', 'three'] });
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(set.writes.slice(1)).toEqual([
      { status: 200, ifMatch: '"2"', type: 'SystemAssigned, UserAssigned', attach: [], detach: ['three', 'two'] },
    ]);
    expect(await world.ledgerOf(set)).toBeUndefined();
  });

  it('takes the last identity off with the type alone', async () => {
    const set = world.scaleSet('last');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual([]);
    expect(set.writes.at(-1)).toMatchObject({ status: 200, type: 'None', attach: [], detach: [] });
  });

  it('carries its finalizer for as long as something is left to take back', async () => {
    const set = world.scaleSet('finalized', { operationMs: 1500 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    expect(await binding.isFinalized()).toBe(true);
    await binding.delete();
    await set.until('is asked to give it back', ({ writes }) => writes.length === 2);
    expect(await binding.isFinalized()).toBe(true);
    const found = await binding.until('says so', (each) => readyOf(each)?.reason === 'Detaching');
    expect(identityOf(found, 'one').state).toBe('Detaching');
    await binding.untilGone();
    expect(set.state.provisioningState).toBe('Succeeded');
  });

  it('leaves everything where it is with deletionPolicy: Retain', async () => {
    const set = world.scaleSet('retained');
    const binding = await world.bind(set, { userAssigned: ['one'], deletionPolicy: 'Retain' });
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(1);
    expect(await world.ledgerOf(set)).toBeUndefined();
    await eventually('an event that tells so', async () => (await eventsOn('retained')).includes('Retained'));
  });

  it('leaves everything where it is while suspended', async () => {
    const set = world.scaleSet('suspended');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    await binding.apply({ userAssigned: ['one'], suspend: true });
    await binding.shows('Suspended');
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(1);
  });

  it('is frozen once its policy is gone, and gives everything back all the same', async () => {
    const set = world.scaleSet('frozen', { foreign: ['theirs'] });
    const namespace = await world.createNamespace('frozen');
    const policy = await world.allow({ namespaces: [namespace] }, 'frozen');
    const binding = await world.bind(set, { userAssigned: ['one'] }, { namespace });
    await binding.ready();
    await world.disallow(policy);
    await binding.shows('NotPermitted');
    expect(set.identities).toEqual(['one', 'theirs']);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });

  it('leaves an identity that a policy protects, and tells so', async () => {
    const set = world.scaleSet('protected');
    const precious = 'precious';
    world.control.createIdentity(world.identityId(precious));
    await world.allow({ namespaces: ['nobody'], protected: [world.identityId('prec*')] }, 'protects');
    const binding = await world.bind(set, { userAssigned: [precious, 'one'] });
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual([precious]);
    await eventually('an event that tells so', async () => (await eventsOn('protected')).includes('Protected'));
  });

  it('is gone at once, without Azure, when nothing was attached for it', async () => {
    const set = world.scaleSet('empty-handed', { foreign: ['one'] });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    const requests = set.requests.length;
    await binding.delete();
    expect(await binding.isGone()).toBe(true);
    expect(set.requests).toHaveLength(requests);
  });

  it('waits while Azure refuses, and is let go when a person abandons it', async () => {
    const set = world.scaleSet('abandoned');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.fault('PATCH', { kind: 'status', status: 409, code: 'ScopeLocked', message: 'The scope is locked.' }, null);
    await binding.delete();
    const found = await binding.until('says why', (each) => readyOf(each)?.reason === 'BlockedByAdministrator');
    expect(readyOf(found)?.message).toMatch(/lock/i);
    await binding.annotate(ABANDON_ANNOTATION, 'true');
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(2);
  });
});

describe.concurrent('an identity that is taken out of the list', () => {
  it('is detached, also with deletionPolicy: Retain', async () => {
    const set = world.scaleSet('shortened', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'], deletionPolicy: 'Retain' });
    await binding.ready();
    await binding.apply({ userAssigned: ['one'], deletionPolicy: 'Retain' });
    await set.until('has lost two', ({ identities }) => !identities.includes('two'));
    expect((await binding.ready()).status.summary).toBe('1/1');
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('stays where others attached it', async () => {
    const set = world.scaleSet('shortened-foreign', { foreign: ['one'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    await binding.ready();
    await binding.apply({ userAssigned: ['two'] });
    await binding.until('counts it as foreign', ({ status }) => status.foreignCount === 1);
    expect(set.identities).toEqual(['one', 'two']);
    expect(set.writes).toHaveLength(1);
  });
});

describe.concurrent('whose an identity is', () => {
  const ledgerPath = async (set: ScaleSet): Promise<string> =>
    `/apis/${API_VERSION}/vmssidentityledgers/${(await world.ledgerOf(set))?.metadata.name ?? ''}`;

  it('is not told by a status that somebody forged', async () => {
    const set = world.scaleSet('forged', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['theirs'] });
    const [real] = (await binding.ready()).status.userAssigned ?? [];
    const status = { userAssigned: [{ ...real!, attachedByUs: true }] };
    const { kubeconfig } = world.account;
    await expect(world.api.patch(`${binding.path}/status`, { status })).rejects.toThrow('only the operator writes');
    await forgeStatus(kubeconfig, binding, status);
    await binding.until('is set right', (found) => !identityOf(found, 'theirs').attachedByUs);
    await forgeStatus(kubeconfig, binding, status);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
    expect(set.writes).toEqual([]);
  });

  it('is nobody’s any more when the ledger is deleted: it stays', async () => {
    const set = world.scaleSet('forgotten');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    await world.api.delete(await ledgerPath(set));
    await binding.until('knows', (found) => !identityOf(found, 'one').attachedByUs);
    await eventually('an event that tells so', async () => (await eventsOn('forgotten')).includes('LedgerMissing'));
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(1);
  });

  it('stays on record when a finalizer is removed by hand: it stays until another binding declares it, and goes with that', async () => {
    const set = world.scaleSet('orphaned', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    await world.tearOut(binding);
    await binding.untilGone();
    const beside = await world.bind(set, { userAssigned: ['two'] }, { name: 'orphaned-beside' });
    await beside.ready();
    expect(set.identities).toEqual(['one', 'theirs', 'two']);
    const heir = await world.bind(set, { userAssigned: ['one'] }, { name: 'orphaned-heir' });
    expect(identityOf(await heir.ready(), 'one').attachedByUs).toBe(true);
    await heir.delete();
    await heir.untilGone();
    expect(set.identities).toEqual(['theirs', 'two']);
  });
});
