import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy } from './objects.ts';
import { HOUR, MINUTE, SECOND, World } from './world.ts';

/** Lines of the journal before which the process may end. */
const WHILE_ATTACHING = [
  'GET web',
  'GET app',
  'finalizer on',
  'ledger: Attaching',
  'PATCH',
  'ledger: Attached',
  'status',
];
const WHILE_DETACHING = ['GET web', 'ledger: Detaching', 'PATCH', 'ledger deleted', 'finalizer off'];

/** What a later reader finds: the same as without any crash. */
function endState(world: World) {
  const spec = world.cluster.ledgerOf(world.key())?.spec;
  return {
    assigned: world.assigned(),
    entries: spec?.entries.map(({ phase, for: members }) => [phase, members.map(({ name }) => name)]),
    operation: spec?.operation,
    ready: world.cluster.has('one') ? world.ready('one')?.reason : undefined,
    attachedByUs: world.cluster.has('one') ? world.identity('one', 'app')?.attachedByUs : undefined,
    finalizers: world.cluster.has('one') ? world.cluster.binding('one').metadata.finalizers : undefined,
  };
}

describe.each([
  ['synchronous', 0],
  ['asynchronous', 10 * SECOND],
])('a crash with %s operations', (_what, operationMs) => {
  it.each(WHILE_ATTACHING)('before "%s" while attaching changes nothing of the end', async (line) => {
    const expected = new World({ bindings: [binding('one')], operationMs });
    await expected.pass();
    await expected.run(MINUTE);
    const world = new World({ bindings: [binding('one')], operationMs });
    world.crashBefore(line);
    let crashed = false;
    while (!crashed) crashed = await crashes(world);

    world.restart();
    await world.pass();
    await world.run(MINUTE);

    expect(endState(world)).toEqual(endState(expected));
    expect(world.control.requests().filter(({ method, status }) => method === 'PATCH' && status === 200)).toHaveLength(
      1,
    );
  });

  it.each(WHILE_DETACHING)('before "%s" while detaching changes nothing of the end', async (line) => {
    const world = new World({ bindings: [binding('one')], operationMs });
    await world.pass();
    await world.run(MINUTE);
    world.cluster.delete('one');
    world.crashBefore(line);
    let crashed = false;
    while (!crashed) crashed = await crashes(world);

    world.restart();
    await world.pass();
    await world.run(MINUTE);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.assigned()).toEqual([]);
    expect(world.control.requests().filter(({ method, status }) => method === 'PATCH' && status === 200)).toHaveLength(
      2,
    );
  });
});

/** Passes until the process ends. */
async function crashes(world: World): Promise<boolean> {
  try {
    await world.pass();
    await world.run(world.waitMs ?? 0);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ message: 'crash' });
    return true;
  }
}

describe('a new process', () => {
  it('waits for an operation of the last one, and says so on the binding it is for', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: MINUTE });
    await world.pass();
    world.restart();
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    world.take();

    await world.pass();
    await world.run(30 * SECOND);
    const during = world.takeWrites();
    await world.run(10 * MINUTE);

    expect(during).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('shows Assigning for it, not that someone else is at work', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: MINUTE });
    await world.pass();
    world.restart();

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'Assigning' });
  });

  it('shows Detaching for an operation that takes away', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
    await world.pass();
    world.control.settings({ operationMs: MINUTE });
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });
    await world.pass();
    world.restart();

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'Detaching' });
  });

  it('does not take the system-assigned identity for on while it is being turned on', async () => {
    const world = new World({
      bindings: [binding('one', { userAssigned: [], systemAssigned: 'Enabled' })],
      operationMs: MINUTE,
    });
    await world.pass();
    world.restart();
    await world.pass();
    const during = world.ready('one')?.reason;

    await world.run(5 * MINUTE);

    expect(during).toBe('Assigning');
    expect(world.ready('one')?.status).toBe('True');
  });

  it('remembers that an operation failed, and waits for its next attempt', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });
    await world.pass();
    await world.run(2 * SECOND);
    world.restart();
    world.take();
    await world.pass();
    const reason = world.ready('one')?.reason;
    await world.run(4 * MINUTE);
    const early = world.takeWrites();

    await world.run(2 * MINUTE);

    expect(reason).toBe('OperationFailed');
    expect(early).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('tries at once what a change of the spec deserves, though the last one would have waited', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['nobody'] })] });
    await world.pass();
    await world.run(30 * MINUTE);
    world.control.createIdentity(identity('nobody'));
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    world.restart();

    await world.pass();

    expect(world.assigned()).toEqual(['nobody']);
  });
});

describe('the time of the next attempt, read back from a status', () => {
  /** A status as it may have been written by anyone. */
  function forged(world: World, binding: string, name: string, nextAttemptTime: string): void {
    world.cluster.forgeStatus(binding, {
      ...world.cluster.binding(binding).status,
      observedGeneration: 1,
      userAssigned: [
        {
          resourceId: identity(name),
          state: 'NotAuthorised',
          reason: 'IdentityRefused',
          message: 'forged',
          attachedByUs: false,
          lastTransitionTime: '2026-05-07T07:00:00Z',
          nextAttemptTime,
        },
      ],
    });
  }

  it('is kept', async () => {
    const world = new World({ bindings: [binding('one')] });
    forged(world, 'one', 'app', '2026-05-07T07:52:41Z');

    await world.pass();
    await world.run(19 * MINUTE);
    const early = world.takeWrites();
    await world.run(MINUTE);

    expect(early).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
  });

  it('is at most an hour away', async () => {
    const world = new World({ bindings: [binding('one')] });
    forged(world, 'one', 'app', '2099-01-01T00:00:00Z');

    await world.pass();
    await world.run(HOUR);

    expect(world.assigned()).toEqual(['app']);
  });

  it('is nothing where it is no time', async () => {
    const world = new World({ bindings: [binding('one')] });
    forged(world, 'one', 'app', 'tomorrow');

    await world.pass();

    expect(world.assigned()).toEqual(['app']);
  });

  it('makes nobody wait but for what the binding declares and may have', async () => {
    const world = new World({
      bindings: [
        binding('one'),
        binding('two', { namespace: 'other' }),
        binding('three', { namespace: 'third', userAssigned: ['bus'] }),
      ],
      policies: [policy({ namespaces: ['shop', 'third'] })],
    });
    forged(world, 'two', 'app', '2099-01-01T00:00:00Z');
    forged(world, 'three', 'app', '2099-01-01T00:00:00Z');

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('shows no words that somebody else wrote', async () => {
    const world = new World({ bindings: [binding('one'), binding('two', { namespace: 'other' })] });
    forged(world, 'two', 'app', '2099-01-01T00:00:00Z');

    await world.pass();

    expect(world.identity('one', 'app')).toMatchObject({ state: 'NotAuthorised' });
    expect(world.identity('one', 'app')?.message).not.toContain('forged');
  });

  it('has nothing asked of a missing identity before it is over', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['nobody'] })] });
    await world.pass();
    world.restart();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET web']);
  });
});
