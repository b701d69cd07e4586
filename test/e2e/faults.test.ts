import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../dev/simulator/faults.ts';
import { identityOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'faults' });
  await world.allow();
});
afterAll(() => world.close());

describe.concurrent('a scale set that others change between our reading and our writing', () => {
  it('is read again, and keeps what they attached', async () => {
    const set = world.scaleSet('raced', { foreign: ['theirs'] });
    set.fault('PATCH', { kind: 'delay', ms: 800 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('is asked for a change', ({ writes }) => writes.length === 1);
    set.othersAttach('more');
    set.othersEnableSystemAssigned();
    expect((await binding.ready()).status.foreignCount).toBe(2);
    expect(set.identities).toEqual(['more', 'one', 'theirs']);
    expect(set.writes).toMatchObject([
      { status: 412, ifMatch: '"1"', type: 'UserAssigned' },
      { status: 200, ifMatch: '"3"', type: 'SystemAssigned, UserAssigned', attach: ['one'] },
    ]);
  });

  it('leaves to them what they were first to attach', async () => {
    const set = world.scaleSet('outrun');
    set.fault('PATCH', { kind: 'delay', ms: 800 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('is asked for a change', ({ writes }) => writes.length === 1);
    set.othersAttach('one');
    expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(false);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toMatchObject([{ status: 412 }]);
  });
});

describe.concurrent('a write whose answer is lost', () => {
  const failures: readonly (readonly [string, FaultEffect])[] = [
    ['500', { kind: 'status', status: 500, code: 'InternalServerError', message: 'Oops.' }],
    ['a page of a proxy', { kind: 'status', status: 502, body: '<html>Bad gateway</html>' }],
    ['a reset', { kind: 'reset' }],
  ];

  it.each(failures)('and that had no effect is sent again (%s)', async (name, effect) => {
    const set = world.scaleSet(`lost-${name.replaceAll(' ', '-')}`, { foreign: ['theirs'] });
    set.fault('PATCH', effect);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(true);
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(set.writes).toHaveLength(2);
  });

  it.each(failures)('and that had its effect is not, and is ours (%s)', async (name, effect) => {
    const set = world.scaleSet(`applied-${name.replaceAll(' ', '-')}`, { foreign: ['theirs'] });
    set.fault('PATCH', { ...effect, applied: true } as FaultEffect);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(true);
    expect(set.writes).toHaveLength(1);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });
});

describe.concurrent('a read that fails', () => {
  it.each([
    ['500', { kind: 'status', status: 500, code: 'InternalServerError', message: 'Oops.' }],
    ['reset', { kind: 'reset' }],
  ] as const)('is tried again, and nothing is made of it (%s)', async (name, effect) => {
    const set = world.scaleSet(`unread-${name}`, { foreign: ['theirs'] });
    set.fault('GET', effect, 2);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(set.writes).toHaveLength(1);
  });
});

describe('lists that fail', () => {
  const failing = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'No.' } as const;
  beforeAll(() => {
    world.control.addFault({ match: { method: 'GET', path: `^${world.listPath}$` }, effect: failing, count: null });
  });

  it('do not keep drift from being repaired', async () => {
    const set = world.scaleSet('unlisted');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersStrip('one');
    await set.until('has one again', ({ identities }) => identities.includes('one'));
    await binding.ready();
  });

  it('do not make a binding less ready when a read fails as well', async () => {
    const set = world.scaleSet('ready-still');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const before = await binding.ready();
    await world.intervals(1);
    set.fault('GET', { kind: 'status', status: 503, code: 'ServiceUnavailable', message: 'Later.' });
    await set.until('cannot be read', ({ requests }) => requests.at(-1)?.status === 503);
    await set.until('can be read again', ({ requests }) => requests.at(-1)?.status === 200);
    expect((await binding.read())?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});
