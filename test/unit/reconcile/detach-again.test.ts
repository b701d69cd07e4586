import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { MINUTE, SECOND, World, type WorldParts } from './world.ts';

const FAILURE = { kind: 'Fail', code: 'InternalExecutionError', message: 'It failed.' } as const;

/** One whose `app` is to be detached; Azure accepts that, fails, and shows the identity as before. */
async function shownAllTheSame(parts: WorldParts = {}): Promise<World> {
  const world = new World({ bindings: [binding('one')], operationMs: SECOND, ...parts });
  await world.pass();
  await world.run(3 * SECOND);
  world.cluster.edit('one', { userAssigned: [] });
  await failAgain(world);
  return world;
}

/** The write that is due now is accepted, and comes to nothing. */
async function failAgain(world: World): Promise<void> {
  world.control.planOutcome(FAILURE);
  await world.pass();
  world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
}

describe('an identity that Azure accepts to detach, and shows all the same', () => {
  it('is sent again after five minutes, then ten, and not in between', async () => {
    const world = await shownAllTheSame();
    world.take();

    await world.run(5 * MINUTE - SECOND);
    const early = world.takeWrites();
    world.control.planOutcome(FAILURE);
    await world.run(SECOND);
    const second = world.takeWrites();
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    await world.run(10 * MINUTE - SECOND);
    const between = world.takeWrites();
    await world.run(5 * SECOND);

    expect([early, second, between]).toEqual([[], ['PATCH web None'], []]);
    expect(world.takeWrites()).toEqual(['PATCH web None']);
    expect(world.assigned()).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is told with the time of the next attempt', async () => {
    const world = await shownAllTheSame();
    await world.run(3 * SECOND);

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperationFailed' });
    expect(world.identity('one', 'app')).toMatchObject({
      state: 'Detaching',
      reason: 'OperationFailed',
      nextAttemptTime: expect.stringMatching(/Z$/),
    });
  });

  it('keeps its binding from going, and the reason is told', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    await world.pass();
    await world.run(3 * SECOND);
    world.cluster.delete('one');
    await failAgain(world);
    await world.run(3 * SECOND);

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperationFailed' });
    await world.run(5 * MINUTE + 3 * SECOND);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual([]);
  });

  it('keeps no other identity of the scale set waiting', async () => {
    const world = await shownAllTheSame();
    await world.run(3 * SECOND);
    world.take();
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();
    await world.run(3 * SECOND);

    expect(world.takeWrites()).toContain('PATCH web UserAssigned +bus');
    expect(world.ready('two')?.status).toBe('True');
  });

  it('is sent again at once for a change of its binding, once in a minute', async () => {
    const world = await shownAllTheSame();
    await world.run(3 * SECOND);
    world.take();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    await failAgain(world);
    await world.run(3 * SECOND);
    world.cluster.edit('one', { deletionPolicy: 'Detach' });
    await world.pass();
    await world.run(50 * SECOND);
    const soon = world.takeWrites();

    await world.run(15 * SECOND);

    expect(soon).toEqual(['PATCH web None']);
    expect(world.takeWrites()).toEqual(['PATCH web None']);
  });

  it('is sent again after five seconds when another operation pre-empted it', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    await world.pass();
    await world.run(3 * SECOND);
    world.cluster.edit('one', { userAssigned: [] });
    world.control.planOutcome({ kind: 'Fail', status: 'Canceled', code: 'OperationPreempted', message: 'Preempted.' });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    await world.run(3 * SECOND);
    world.take();

    await world.run(5 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web None']);
  });

  it('is attached as ever when it is declared again', async () => {
    const world = await shownAllTheSame();
    await world.run(3 * SECOND);
    world.take();
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('waits in the same way where it is not ours, and an Exclusive binding has it taken away', async () => {
    const world = new World({
      policies: [policy({ exclusive: 'Allow' })],
      web: { identity: { userAssigned: ['bus'] } },
      bindings: [binding('one', { mode: 'Exclusive', userAssigned: [] })],
      operationMs: SECOND,
    });
    await world.pass();
    world.control.planOutcome(FAILURE);
    await world.run(60 * SECOND);
    const first = world.takeWrites();
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('bus')] });
    await world.run(4 * MINUTE);

    expect([first, world.takeWrites()]).toEqual([['PATCH web None'], []]);
    await world.run(2 * MINUTE);
    expect(world.assigned()).toEqual([]);
  });
});

describe('a system-assigned identity that Azure accepts to switch, and shows as before', () => {
  it.each([
    ['on', 'Enabled', {}, 'DisableSystemAssigned', 'PATCH web SystemAssigned'],
    ['off', 'Disabled', { systemAssigned: true }, 'EnableSystemAssigned', 'PATCH web None'],
  ] as const)('is turned %s again after five minutes', async (_, systemAssigned, live, undoing, patch) => {
    const world = new World({
      policies: [policy({ systemAssigned: 'EnableAndDisable' })],
      web: { identity: live },
      bindings: [binding('one', { userAssigned: [], systemAssigned })],
      operationMs: SECOND,
    });
    world.control.planOutcome(FAILURE);
    await world.pass();
    world.control.drift(scaleSet(), { kind: undoing });
    const first = world.takeWrites();
    await world.run(5 * MINUTE - SECOND);
    const early = world.takeWrites();

    expect([first, early]).toEqual([[patch], []]);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperationFailed' });
    await world.run(5 * SECOND);
    expect(world.takeWrites()).toEqual([patch]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is turned off again for a binding that is deleted, which waits for it', async () => {
    const world = new World({
      policies: [policy({ systemAssigned: 'EnableAndDisable' })],
      bindings: [binding('one', { userAssigned: [], systemAssigned: 'Enabled' })],
      operationMs: SECOND,
    });
    await world.pass();
    await world.run(3 * SECOND);
    world.cluster.delete('one');
    world.control.planOutcome(FAILURE);
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'EnableSystemAssigned' });
    world.take();
    await world.run(5 * MINUTE - SECOND);

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperationFailed' });
    await world.run(5 * SECOND);
    expect(world.cluster.has('one')).toBe(false);
  });
});
