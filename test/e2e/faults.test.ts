import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../dev/simulator/faults.ts';
import { companionOf, identityOf, readyOf } from './binding.ts';
import { isWrite } from './identity-writes.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  // Writes to Azure are held up for 10 s here, which a shorter lease does not grant them.
  world = await startWorld({ name: 'faults', leaseSeconds: 45 });
  await world.allow();
});
afterAll(() => world.close());

// The test that takes longest by design comes first: the others go on beside it.
describe.concurrent('a scale set that is gone', () => {
  it('lets a binding go that is deleted, on the word of two reads', async () => {
    const set = world.scaleSet('vanished');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    const reads = set.requests.length;
    set.remove();
    await binding.delete();
    await binding.untilGone();
    expect(set.requests.slice(reads).filter(({ status }) => status === 404).length).toBeGreaterThanOrEqual(2);
    expect(await world.ledgerOf(set)).toBeUndefined();
  });
});

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

  it('is left alone for a while when they keep being faster', async () => {
    const set = world.scaleSet('outrun-again');
    set.fault('PATCH', { kind: 'status', status: 412, code: 'PreconditionFailed', message: 'Etag' }, 3);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(companionOf(await binding.shows('ScaleSetBusy'))).toBe('Reconciling');
    expect(set.writes).toHaveLength(3);
    await binding.ready();
    expect(set.writes).toHaveLength(4);
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

describe.concurrent('a scale set that Azure works on for somebody else', () => {
  it('is written when that is over', async () => {
    const set = world.scaleSet('conflicted', { foreign: ['theirs'] });
    set.fault('PATCH', { kind: 'status', status: 409, code: 'Conflict', message: 'Conflict.' });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.shows('ScaleSetBusy');
    expect(await world.ledgerOf(set)).toBeUndefined();
    await binding.ready();
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(set.writes).toMatchObject([{ status: 409 }, { status: 200 }]);
  });
});

describe.concurrent('a throttle', () => {
  it('of one scale set is waited out as long as Azure asks, whatever a person asks', async () => {
    const set = world.scaleSet('throttled');
    const details = [{ code: 'TooManyRequests', target: 'VMScaleSetActionsResource', message: '{}' }];
    const error = { code: 'OperationNotAllowed', message: 'Slow down.', details };
    set.fault('PATCH', { kind: 'status', status: 429, body: { error }, headers: { 'retry-after': '4' } });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.shows('Throttled');
    await binding.askAgain();
    await binding.ready();
    const [refused, done] = set.requests.filter(isWrite);
    expect((done?.timeMs ?? 0) - (refused?.timeMs ?? 0)).toBeGreaterThanOrEqual(4000);
    expect(set.writes).toHaveLength(2);
  });
});

describe.concurrent('a scale set in trouble', () => {
  it.each([
    ['a read without an answer', 'GET'],
    ['a write without an answer', 'PATCH'],
  ] as const)('does not hold up another (%s)', async (_name, method) => {
    const slow = world.scaleSet(`slow-${method.toLowerCase()}`, { foreign: ['theirs'] });
    slow.fault(method, { kind: 'delay', ms: 10_000 });
    const unanswered = (): boolean =>
      slow.requests.some((entry) => entry.method === method && entry.status === undefined);
    const waiting = await world.bind(slow, { userAssigned: ['one'] });
    await slow.until('does not answer', unanswered);
    const other = world.scaleSet(`beside-slow-${method.toLowerCase()}`);
    await (await world.bind(other, { userAssigned: ['one'] })).ready();
    expect(unanswered()).toBe(true);
    expect(identityOf(await waiting.ready(), 'one').attachedByUs).toBe(true);
    expect(slow.identities).toEqual(['one', 'theirs']);
    expect(slow.writes).toHaveLength(1);
  });

  it('does not hold up another (an operation that does not end)', async () => {
    const stuck = world.scaleSet('endless', { operationMs: 300 });
    world.control.planOutcome({ kind: 'Stuck' }, { scaleSetId: stuck.id });
    const waiting = await world.bind(stuck, { userAssigned: ['one'] });
    await waiting.shows('Assigning');
    const other = world.scaleSet('beside-endless');
    await (await world.bind(other, { userAssigned: ['one'] })).ready();
    expect(stuck.state.provisioningState).toBe('Updating');
    expect(readyOf((await waiting.read())!)?.reason).toBe('Assigning');
    world.control.finishOperations(stuck.id);
    await waiting.ready();
    expect(stuck.writes).toHaveLength(1);
  });
});

describe.concurrent('an operation that fails in the end', () => {
  it('is told, not repeated in a hot loop, and sent again when somebody asks', async () => {
    const set = world.scaleSet('failed', { operationMs: 300, foreign: ['theirs'] });
    const error = { code: 'VMExtensionProvisioningError', message: 'An extension failed.' };
    world.control.planOutcome({ kind: 'Fail', ...error }, { scaleSetId: set.id });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('OperationFailed');
    expect(identityOf(found, 'one')).toMatchObject({ state: 'Failed', attachedByUs: true });
    expect(identityOf(found, 'one').nextAttemptTime).toBeDefined();
    expect(JSON.stringify(found.status)).not.toContain(error.message);
    await world.intervals(3);
    expect(set.writes).toHaveLength(1);
    expect((await world.ledgerOf(set))?.spec.operation?.lastError?.code).toBe(error.code);
    await binding.askAgain();
    expect(identityOf(await binding.ready(), 'one').state).toBe('Assigned');
    expect(set.writes).toHaveLength(2);
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('because another one took over is sent again soon', async () => {
    const set = world.scaleSet('preempted', { operationMs: 300 });
    const error = { code: 'OperationPreempted', message: 'Operation execution has been preempted.' };
    world.control.planOutcome({ kind: 'Fail', status: 'Canceled', ...error }, { scaleSetId: set.id });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    expect(set.writes).toHaveLength(2);
  });
});

describe('lists that fail', () => {
  const LISTS = '/virtualMachineScaleSets$';
  const failing = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'No.' } as const;
  beforeAll(() => {
    // Where the subscription may not be listed its resource groups are.
    world.control.addFault({ match: { method: 'GET', path: LISTS }, effect: failing, count: null });
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
    await set.until('is read by itself', ({ requests }) => requests.at(-1)?.method === 'GET');
    set.fault('GET', { kind: 'status', status: 503, code: 'ServiceUnavailable', message: 'Later.' });
    await set.until('cannot be read', ({ requests }) => requests.at(-1)?.status === 503);
    await set.until('can be read again', ({ requests }) => requests.at(-1)?.status === 200);
    expect((await binding.read())?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});
