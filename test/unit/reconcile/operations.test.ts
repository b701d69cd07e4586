import { describe, expect, it } from 'vitest';

import { origin, subscriptionId } from '../simulator/azure.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

const LINK = `${origin}/subscriptions/${subscriptionId}/providers/Microsoft.Compute/locations/westeurope/operations/unknown?api-version=2026-04-01`;

/** A world in which the write for `one` was accepted, and Azure works on it. */
async function begun(operationMs = 10 * MINUTE): Promise<World> {
  const world = new World({ bindings: [binding('one')], operationMs });
  await world.pass();
  return world;
}

/** In how many seconds one after another something was asked. */
async function looks(world: World, line: string, ms: number): Promise<readonly number[]> {
  const end = world.clock.now() + ms;
  const times: number[] = [];
  let before = world.clock.now();
  world.take();
  for (let wait = world.waitMs; wait !== undefined && world.clock.now() + wait <= end; wait = world.waitMs) {
    await world.run(wait);
    if (!world.take().includes(line)) continue;
    times.push((world.clock.now() - before) / SECOND);
    before = world.clock.now();
  }
  return times;
}

describe('an operation', () => {
  it('gives the worker back, and is looked at after two seconds', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: MINUTE });

    expect(await world.pass()).toEqual({ requeueAfterMs: 2 * SECOND });
    expect(world.take().slice(-2)).toEqual(['PATCH web UserAssigned +app', 'status one: False Assigning 0/1']);
  });

  it('is looked at after 2 s, then 5 s, and ever more rarely up to every 30 s', async () => {
    expect(await looks(await begun(), 'POLL', 3 * MINUTE)).toEqual([2, 5, 7.5, 11.25, 16.875, 25.313, 30, 30, 30]);
  });

  it('is not looked at before its time, whatever else happens', async () => {
    const world = await begun();
    world.take();
    await world.clock.advance(SECOND);

    await world.pass();

    expect(world.take()).toEqual([]);
  });

  it('is looked at when Azure asks for it, if that is later', async () => {
    const world = await begun();
    const running = {
      kind: 'status',
      status: 200,
      body: { status: 'InProgress' },
      headers: { 'retry-after': '45' },
    } as const;
    world.fault(faults.poll, running);

    expect(await looks(world, 'POLL', MINUTE)).toEqual([2, 45, 7.5]);
  });

  it('is looked at first when Azure asks for it, if that is later', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: 10 * MINUTE });
    const headers = { location: LINK, 'retry-after': '20' };
    world.fault(faults.patch, { kind: 'status', status: 202, headers, applied: true });

    expect(await world.pass()).toEqual({ requeueAfterMs: 20 * SECOND });
  });

  it('is over when it has succeeded: a read then confirms what it did', async () => {
    const world = await begun(5 * SECOND);
    world.take();

    await world.run(10 * SECOND);

    expect(world.take()).toEqual([
      'POLL',
      'POLL',
      'GET web',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
  });

  it('lets nothing be written while it runs', async () => {
    const world = await begun(MINUTE);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    world.cluster.apply(binding('two', { userAssigned: ['cdn'] }));
    world.take();
    await world.run(50 * SECOND);
    const during = world.takeWrites();

    await world.run(MINUTE);

    expect(during).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus +cdn']);
  });

  it('is shown on the binding that it is for, and leaves another Ready', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.settings({ operationMs: MINUTE });
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));
    world.take();

    await world.pass();
    await world.run(30 * SECOND);

    expect(world.take().filter((line) => line.startsWith('status'))).toEqual(['status two: False Assigning 0/1']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('holds up no other scale set', async () => {
    const world = new World({
      web: { operationMs: MINUTE },
      scaleSets: [{ name: 'api' }],
      bindings: [binding('one'), binding('two', { scaleSet: 'api' })],
    });
    await world.pass('web');

    await world.pass('api');

    expect(world.ready('two')?.status).toBe('True');
  });

  it('is read from the scale set when Azure knows no such operation any more', async () => {
    const world = await begun(SECOND);
    world.fault(faults.poll, { kind: 'status', status: 404, code: 'NotFound' });
    world.take();

    await world.run(2 * SECOND);

    expect(world.take().slice(0, 2)).toEqual(['POLL → 404', 'GET web']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it.each([
    ['an answer of 500', { kind: 'status', status: 500 }],
    ['a broken connection', { kind: 'reset' }],
    ['an answer without a status', { kind: 'status', status: 200, body: {} }],
    ['a refusal of the look', { kind: 'status', status: 403, code: 'AuthorizationFailed' }],
  ] as const)('is looked at again after %s', async (_what, effect) => {
    const world = await begun(5 * SECOND);
    world.fault(faults.poll, effect);

    await world.run(10 * SECOND);

    expect(world.ready('one')?.status).toBe('True');
  });
});

describe('an operation without a link', () => {
  async function unlinked(): Promise<World> {
    const world = new World({ bindings: [binding('one')], operationMs: 20 * SECOND });
    world.fault(faults.patch, { kind: 'status', status: 202, applied: true });
    await world.pass();
    world.take();
    return world;
  }

  it('is watched by reading the scale set', async () => {
    const world = await unlinked();

    await world.run(MINUTE);

    const lines = world.take();
    expect(lines).not.toContain('POLL');
    expect(lines.filter((line) => line === 'GET web').length).toBeGreaterThan(1);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is over when the scale set is gone', async () => {
    const world = await unlinked();
    world.control.drift(scaleSet(), { kind: 'Remove' });
    world.cluster.delete('one');

    await world.run(2 * MINUTE);

    expect(world.cluster.has('one')).toBe(false);
  });
});

describe('an operation that does not end', () => {
  async function stuck(): Promise<World> {
    const world = new World({ bindings: [binding('one')], operationMs: MINUTE });
    world.control.planOutcome({ kind: 'Stuck' });
    await world.pass();
    return world;
  }

  it('is called so after 30 minutes, and nothing is written', async () => {
    const world = await stuck();
    world.take();
    await world.run(29 * MINUTE);
    const before = world.ready('one')?.reason;

    await world.run(2 * MINUTE);

    expect(before).toBe('Assigning');
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperationTimedOut' });
    expect(world.takeWrites()).toEqual([]);
  });

  it('is then looked at every five minutes, by reading the scale set', async () => {
    const world = await stuck();
    await world.run(31 * MINUTE);

    const seconds = await looks(world, 'GET web', HOUR);

    expect(seconds.slice(1).every((wait) => wait === 300)).toBe(true);
    expect(seconds.length).toBeGreaterThan(9);
  });

  it('is over when the scale set has come to rest after all', async () => {
    const world = await stuck();
    await world.run(31 * MINUTE);
    world.control.finishOperations();

    await world.run(6 * MINUTE);

    expect(world.ready('one')?.status).toBe('True');
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });
});
