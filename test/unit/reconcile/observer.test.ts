import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, SECOND, World, type WorldParts } from './world.ts';

/** A world in which `app` and `bus` were attached. */
async function attached(parts: WorldParts = {}): Promise<World> {
  const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })], ...parts });
  await world.pass();
  await world.clock.advance(1);
  expect(world.heard).toEqual([]);
  return world;
}

const strip = (world: World, ...names: readonly string[]): void =>
  world.control.drift(scaleSet(), { kind: 'Strip', identities: names.map((name) => identity(name)) });

describe('drift', () => {
  it('is told of when others took off what was ours', async () => {
    const world = await attached();
    strip(world, 'app', 'bus');

    await world.pass();

    expect(world.heard).toEqual(['drift: user_assigned 2']);
    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('is told of once, however many passes it takes to mend it', async () => {
    const world = await attached();
    strip(world, 'app');
    world.fault(
      faults.patch,
      { kind: 'status', status: 503, code: 'ServiceUnavailable', message: 'Later.' },
      { count: 3 },
    );

    await world.pass();
    await world.run(HOUR);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.heard).toEqual(['drift: user_assigned 1']);
  });

  it('is told of again when it comes again', async () => {
    const world = await attached();
    strip(world, 'app');
    await world.pass();
    strip(world, 'app');

    await world.pass();

    expect(world.heard).toEqual(['drift: user_assigned 1', 'drift: user_assigned 1']);
  });

  it('that a list shows is told of when a write has proven the list', async () => {
    const world = await attached();
    strip(world, 'app');
    await world.list();

    await world.pass();

    expect(world.heard).toEqual(['drift: user_assigned 1']);
  });

  it('is nothing that only a list shows which lags behind', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(1);
    await world.pass();
    await world.clock.advance(1);
    world.listLagging();
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app → 412']);
    expect(world.heard).toEqual([]);
  });

  it('is told of when others turned off the system-assigned identity that we turned on', async () => {
    const world = await attached({ bindings: [binding('one', { userAssigned: [], systemAssigned: 'Enabled' })] });
    world.control.drift(scaleSet(), { kind: 'DisableSystemAssigned' });

    await world.pass();

    expect(world.heard).toEqual(['drift: system_assigned 1']);
    expect(world.isSystemAssigned()).toBe(true);
  });

  it('is nothing that others do to what is theirs, and no scale set that was created again', async () => {
    const world = await attached({ web: { identity: { userAssigned: ['dns'] } } });
    strip(world, 'dns');
    await world.pass();
    world.control.replaceScaleSet(scaleSet());
    strip(world, 'app');

    await world.pass();

    expect(world.heard).toEqual([]);
  });

  it('is nothing that we leave out ourselves of a list that names everything', async () => {
    const world = await attached({ apiVersion: ARRAY_API_VERSION, bindings: [binding('one')] });
    world.control.deleteIdentity(identity('app'));
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();
    await world.run(2 * HOUR);

    expect(world.assigned()).toEqual(['bus']);
    expect(world.heard).toEqual(['detached: 1']);
  });
});

describe('detaching', () => {
  it('is told of with how many it takes off', async () => {
    const world = await attached();
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.heard).toEqual(['detached: 2']);
  });

  it('counts the system-assigned identity that is turned off', async () => {
    const world = await attached({
      bindings: [binding('one', { systemAssigned: 'Enabled' })],
      policies: [policy({ systemAssigned: 'EnableAndDisable' })],
    });
    world.cluster.delete('one');

    await world.pass();

    expect(world.heard).toEqual(['detached: 2']);
  });

  it('is not told of when Azure refuses it', async () => {
    const world = await attached();
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'Conflict', message: 'Busy.' });

    await world.pass();

    expect(world.heard).toEqual([]);
  });
});

describe('an operation', () => {
  const began = async (outcome?: Parameters<World['control']['planOutcome']>[0]): Promise<World> => {
    const world = new World({ bindings: [binding('one')], operationMs: 5 * SECOND });
    if (outcome !== undefined) world.control.planOutcome(outcome);
    await world.pass();
    return world;
  };

  it('is told of with the time from its write to the look that found it over', async () => {
    const world = await began();

    await world.run(MINUTE);

    expect(world.heard).toEqual(['operation: succeeded after 7 s']);
  });

  it('is told of when it failed', async () => {
    const world = await began({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });

    await world.run(30 * SECOND);

    expect(world.heard).toEqual(['operation: failed after 7 s']);
  });

  it('is told of once when its time is up, and not again when it is over after all', async () => {
    const world = await began({ kind: 'Stuck' });
    await world.run(40 * MINUTE);
    const heard = [...world.heard];
    world.control.finishOperations();

    await world.run(10 * MINUTE);

    expect(heard).toEqual([expect.stringMatching(/^operation: timed_out after 18\d\d\.\d+ s$/)]);
    expect(world.heard).toEqual(heard);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('that a list found over is told of as one whose end nobody saw', async () => {
    const world = await began();
    world.watched = true;
    await world.clock.advance(10 * SECOND);
    await world.list();

    await world.pass();

    expect(world.heard).toEqual(['operation: unknown after 10 s']);
  });

  it('that Azure finished at once is none', async () => {
    const world = new World({ bindings: [binding('one')] });

    await world.pass();

    expect(world.heard).toEqual([]);
  });
});
