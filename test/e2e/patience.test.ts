/** What takes its time by design: waits, and looks that lie apart. All of it at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { companionOf, identityOf, readyOf } from './binding.ts';
import { isWrite } from './identity-writes.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'patience' });
  await world.allow();
});
afterAll(() => world.close());

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

describe.concurrent('a scale set that others change between each reading and writing of ours', () => {
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
  it('is waited out as long as Azure asks, whatever a person asks', async () => {
    const set = world.scaleSet('throttled');
    const headers = { 'retry-after': '4' };
    set.fault('PATCH', { kind: 'status', status: 429, code: 'TooManyRequests', message: 'Slow down.', headers });
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
