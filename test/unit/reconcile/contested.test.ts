import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { HOUR, MINUTE, SECOND, World, type WorldParts } from './world.ts';

const strip = (world: World, ...names: readonly string[]): void =>
  world.control.drift(scaleSet(), { kind: 'Strip', identities: names.map((name) => identity(name)) });

/** Others take it off, and a pass finds that out. */
async function strippedOnce(world: World): Promise<void> {
  strip(world, 'app');
  await world.pass();
}

/** A world in which others have taken `app` off three times, each a minute after the other. */
async function contested(parts: WorldParts = {}): Promise<World> {
  const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })], ...parts });
  await world.pass();
  for (let count = 0; count < 3; count += 1) {
    await world.clock.advance(MINUTE);
    await strippedOnce(world);
  }
  return world;
}

describe('an identity of ours that others keep taking off', () => {
  it('is put back at once the first two times', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
    await world.pass();
    await strippedOnce(world);
    await strippedOnce(world);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('waits from the third time in an hour on, and the binding says so', async () => {
    const world = await contested();

    expect(world.assigned()).toEqual(['bus']);
    const until = new Date(world.clock.now() + 5 * MINUTE).toISOString();
    expect(world.ready('one')).toMatchObject({
      status: 'False',
      reason: 'Contested',
      message:
        `Identity app: others have taken it off 3 times in the last hour, so it is attached again only at ${until}: ` +
        'find who else writes to the scale set (its activity log tells), or take it out of the binding',
    });
    expect(world.identity('one', 'app')).toMatchObject({
      state: 'Pending',
      reason: 'Contested',
      nextAttemptTime: until,
    });
    expect(world.identity('one', 'bus')?.state).toBe('Assigned');
  });

  it('is told of by an event and a count', async () => {
    const world = await contested();

    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning Contested one: /));
    expect(world.heard.filter((line) => line.startsWith('contested'))).toEqual(['contested: user_assigned']);
  });

  it('is put back when its time has come, and not before', async () => {
    const world = await contested();
    world.take();

    await world.run(5 * MINUTE - SECOND);
    expect(world.takeWrites()).toEqual([]);
    await world.run(SECOND);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('has nothing written for it meanwhile, whatever else happens', async () => {
    const world = await contested();
    world.take();
    for (let pass = 0; pass < 4; pass += 1) {
      await world.clock.advance(MINUTE);
      await world.pass();
    }

    expect(world.take()).toEqual(['GET web', 'GET web', 'GET web', 'GET web']);
  });

  it('waits twice as long each time, up to an hour', async () => {
    const world = await contested();
    const waits: (number | undefined)[] = [];
    for (let count = 0; count < 7; count += 1) {
      waits.push(world.waitMs);
      await world.run(world.waitMs ?? 0);
      await strippedOnce(world);
    }

    expect(waits.map((ms) => (ms ?? 0) / MINUTE)).toEqual([5, 10, 20, 40, 60, 60, 60]);
    expect(world.ready('one')?.message).toContain('others have taken it off 10 times, 1 of them in the last hour');
  });

  it('is an ordinary one again after an hour in which it was left alone', async () => {
    const world = await contested();
    await world.run(5 * MINUTE);
    await world.run(HOUR);

    await strippedOnce(world);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('is an ordinary one when an hour lies between the first removal and the third', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    for (let count = 0; count < 5; count += 1) {
      await strippedOnce(world);
      await world.clock.advance(31 * MINUTE);
    }

    expect(world.assigned()).toEqual(['app']);
  });

  it('keeps nothing else from being served', async () => {
    const world = await contested();
    world.cluster.apply(binding('two', { userAssigned: ['cdn'] }));
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn']);
    expect(world.ready('two')?.reason).toBe('Assigned');
  });

  it('is put back early when a binding that declares it changes, at most once a minute', async () => {
    const world = await contested();
    world.cluster.requestPass('one');
    await world.pass();
    const afterFirst = world.assigned();
    await strippedOnce(world);
    await world.clock.advance(SECOND);
    world.cluster.requestPass('one');
    await world.pass();

    expect(afterFirst).toEqual(['app', 'bus']);
    await world.run(58 * SECOND);
    expect(world.assigned()).toEqual(['bus']);
    await world.run(SECOND);
    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('waits on when another binding changes', async () => {
    const world = await contested();
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();

    expect(world.assigned()).toEqual(['bus']);
  });

  it('is left alone when it is taken out of the binding', async () => {
    const world = await contested();
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });

    await world.pass();
    await world.run(HOUR);

    expect(world.assigned()).toEqual(['bus']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('waits also when a list is what shows it gone', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    for (let count = 0; count < 3; count += 1) {
      await world.clock.advance(SECOND);
      strip(world, 'app');
      await world.list();
      await world.pass();
    }

    expect(world.assigned()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('Contested');
  });

  it('is known to have been taken off again when that was before anybody looked', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: 3 * SECOND });
    await world.pass();
    await world.run(MINUTE);
    for (let count = 0; count < 3; count += 1) {
      strip(world, 'app');
      await world.pass();
      await world.clock.advance(3 * SECOND);
    }
    strip(world, 'app');
    await world.pass();

    expect(world.ready('one')?.reason).toBe('Contested');
  });

  it('is forgotten with the scale set when that is created again', async () => {
    const world = await contested();
    world.control.replaceScaleSet(scaleSet());

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('waits in the array shape alike', async () => {
    const world = await contested({ apiVersion: ARRAY_API_VERSION });

    expect(world.assigned()).toEqual(['bus']);
    expect(world.ready('one')?.reason).toBe('Contested');
    await world.run(5 * MINUTE);
    expect(world.assigned()).toEqual(['app', 'bus']);
  });
});

describe('a system-assigned identity that others keep turning off', () => {
  const ENABLED = binding('one', { userAssigned: [], systemAssigned: 'Enabled' });

  async function turnedOff(): Promise<World> {
    const world = new World({ bindings: [ENABLED] });
    await world.pass();
    for (let count = 0; count < 3; count += 1) {
      world.control.drift(scaleSet(), { kind: 'DisableSystemAssigned' });
      await world.pass();
    }
    return world;
  }

  it('waits from the third time on, and the binding says so', async () => {
    const world = await turnedOff();

    expect(world.isSystemAssigned()).toBe(false);
    expect(world.ready('one')).toMatchObject({
      reason: 'Contested',
      message: expect.stringMatching(/^System-assigned identity: others have taken it off 3 times/) as string,
    });
    expect(world.heard).toContain('contested: system_assigned');
  });

  it('is turned on when its time has come, or when a binding that enables it changes', async () => {
    const waited = await turnedOff();
    await waited.run(5 * MINUTE);
    const asked = await turnedOff();
    asked.cluster.requestPass('one');
    await asked.pass();

    expect([waited.isSystemAssigned(), asked.isSystemAssigned()]).toEqual([true, true]);
    expect(asked.ready('one')?.reason).toBe('Assigned');
  });
});
