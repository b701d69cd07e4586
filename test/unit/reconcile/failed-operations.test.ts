import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

describe('an operation that fails', () => {
  const FAILURE = {
    kind: 'Fail',
    code: 'InternalExecutionError',
    message: 'An internal execution error occurred.',
  } as const;

  async function failed(
    outcome: {
      readonly kind: 'Fail';
      readonly code: string;
      readonly message: string;
      readonly status?: 'Failed' | 'Canceled';
    } = FAILURE,
  ): Promise<World> {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome(outcome);
    await world.pass();
    await world.run(2 * SECOND);
    return world;
  }

  it('is shown on the identities that it carried, with the time of the next attempt', async () => {
    const world = await failed();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperationFailed' });
    expect(world.identity('one', 'app')).toMatchObject({
      state: 'Failed',
      reason: 'OperationFailed',
      nextAttemptTime: '2026-05-07T07:37:43.000Z',
    });
  });

  it('retracts nothing: the entry stays, and is remembered as failed', async () => {
    const world = await failed();

    expect(world.take().slice(-2)).toEqual([
      'ledger: Attached app for one; operation failed InternalExecutionError',
      'status one: False OperationFailed 0/1',
    ]);
  });

  it('has its identity sent again after five minutes, then ten', async () => {
    const world = await failed();
    world.control.planOutcome(FAILURE);
    world.take();
    await world.run(5 * MINUTE - SECOND);
    const early = world.takeWrites();
    await world.run(SECOND);
    const second = world.takeWrites();
    await world.run(10 * MINUTE + 2 * SECOND);
    const third = world.takeWrites();
    await world.run(3 * SECOND);

    expect([early, second, third]).toEqual([[], ['PATCH web UserAssigned +app'], ['PATCH web UserAssigned +app']]);
    expect(world.ready('one')?.status).toBe('True');
    expect(world.cluster.ledgerOf(world.key())?.spec).not.toHaveProperty('operation');
  });

  it('is forgotten as soon as the client id shows', async () => {
    const world = await failed();
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });

    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
    expect(await world.pass()).toEqual({});
  });

  it('is tried again after five seconds when another operation pre-empted it', async () => {
    const message = 'Operation execution has been preempted by a more recent operation.';
    const world = await failed({ kind: 'Fail', status: 'Canceled', code: 'OperationPreempted', message });
    world.take();

    await world.run(5 * SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
  });

  it('is tried again when Azure says so where it throttled, and no sooner for a change of the spec', async () => {
    const message = 'The request is being throttled. Retry after 900 seconds.';
    const world = await failed({ kind: 'Fail', code: 'TooManyRequests', message });
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    world.take();
    await world.pass();
    await world.run(899 * SECOND);
    const early = world.takeWrites();

    await world.run(SECOND);

    expect(early).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
  });

  it('is not tried again sooner for a Retry-After that is about the look', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome(FAILURE);
    const error = { code: FAILURE.code, message: FAILURE.message };
    world.fault(faults.poll, {
      kind: 'status',
      status: 200,
      body: { status: 'Failed', error },
      headers: { 'retry-after': '10' },
    });
    await world.pass();
    await world.run(2 * SECOND);
    world.take();

    await world.run(4 * MINUTE);

    expect(world.takeWrites()).toEqual([]);
  });

  it('still waits for its next step when the write that was to mend it is refused', async () => {
    const world = await failed();
    world.fault(faults.patch, { kind: 'status', status: 400, code: 'FailedIdentityOperation', message: 'no' });
    world.take();
    await world.run(5 * MINUTE);
    const second = world.takeWrites();
    const shown = world.identity('one', 'app')?.state;

    await world.run(10 * MINUTE + 2 * SECOND);

    expect([second, shown]).toEqual([['PATCH web UserAssigned +app → 400'], 'Failed']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is remembered by the ledger while other writes go well', async () => {
    const world = await failed();
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();
    await world.run(3 * SECOND);

    expect(world.ready('two')?.status).toBe('True');
    expect(world.cluster.ledgerOf(world.key())?.spec.operation?.lastError?.code).toBe('InternalExecutionError');
  });

  it('is remembered by the ledger while other writes are refused', async () => {
    const world = await failed();
    world.fault(faults.patch, { kind: 'status', status: 400, code: 'InvalidParameter' });
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();

    expect(world.ready('two')?.reason).toBe('Rejected');
    expect(world.cluster.ledgerOf(world.key())?.spec.operation?.lastError?.code).toBe('InternalExecutionError');
  });

  it('is remembered of an identity that goes from one binding to another', async () => {
    const world = await failed();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    world.cluster.edit('one', { userAssigned: [] });
    await world.pass();
    world.cluster.apply(binding('two'));
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });

    await world.run(10 * MINUTE);

    expect(world.ready('two')?.status).toBe('True');
  });

  it('is shown as a refusal when it names the identity', async () => {
    const inner = `Resource '${identity('app')}' was not found.`;
    const world = await failed({
      kind: 'Fail',
      code: 'FailedIdentityOperation',
      message: `Status: 'BadRequest'. ${inner}`,
    });

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'IdentityRefused' });
  });

  it('is taken back with its binding', async () => {
    const world = await failed();
    world.cluster.delete('one');

    await world.pass();
    await world.run(MINUTE);

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual([]);
  });

  it('for another reason leaves an identity Assigned that works', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Failed' });
    world.cluster.requestPass('one');

    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
  });

  it('after a detach lets the identity go that the scale set does not show any more', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.settings({ operationMs: SECOND });
    world.control.planOutcome(FAILURE);
    world.cluster.delete('one');
    await world.pass();

    await world.run(3 * SECOND);

    expect(world.cluster.has('one')).toBe(false);
  });
});

describe('an operation of which nobody saw the end', () => {
  const FAILURE = { kind: 'Fail', code: 'InternalExecutionError', message: 'no' } as const;

  /** The operation fails, and the only news of it is the scale set. */
  async function unseen(begin: (world: World) => Promise<unknown>): Promise<World> {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome(FAILURE);
    await begin(world);
    await world.run(10 * SECOND);
    return world;
  }

  it.each([
    [
      'because the process ended',
      async (world: World) => {
        await world.pass();
        world.restart();
        await world.pass();
      },
    ],
    [
      'because Azure gave no link to it',
      async (world: World) => {
        world.fault(faults.patch, { kind: 'status', status: 202, applied: true });
        await world.pass();
      },
    ],
    [
      'because Azure has forgotten it',
      async (world: World) => {
        world.fault(faults.poll, { kind: 'status', status: 404, code: 'NotFound' });
        await world.pass();
      },
    ],
    [
      'because the answer to the write was lost',
      async (world: World) => {
        world.fault(faults.patch, { kind: 'reset', applied: true });
        await world.pass();
      },
    ],
  ])('%s, has failed where what it attached does not work', async (_why, begin) => {
    const world = await unseen(begin);
    const shown = world.identity('one', 'app');
    const remembered = world.cluster.ledgerOf(world.key())?.spec.operation?.lastError?.code;

    await world.run(6 * MINUTE);

    expect(shown).toMatchObject({ state: 'Failed', reason: 'OperationFailed' });
    expect(remembered).toBe('OutcomeUnknown');
    expect(world.ready('one')?.status).toBe('True');
  });

  it('has failed also when another write came before anybody looked', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome(FAILURE);
    await world.pass();
    world.restart();
    await world.clock.advance(2 * SECOND);
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();
    await world.run(10 * SECOND);

    expect(world.ready('two')?.status).toBe('True');
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'OperationFailed' });
  });

  it('says nothing of identities that are not ours', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one', { userAssigned: ['app', 'dns'] })],
      settings: { deletedIdentity: 'NullIds' },
      operationMs: SECOND,
    });
    world.control.recreateIdentity(identity('dns'));
    await world.pass();
    world.restart();
    await world.clock.advance(2 * SECOND);

    await world.pass();

    expect(world.identity('one', 'dns')?.state).toBe('Stale');
    expect(world.identity('one', 'app')?.state).toBe('Assigned');
  });
});

describe('an identity without a client id on a scale set at rest', () => {
  it('is Missing when it is gone itself', async () => {
    const world = new World({ bindings: [binding('one')], settings: { deletedIdentity: 'NullIds' } });
    await world.pass();
    world.control.deleteIdentity(identity('app'));

    await world.pass();

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Missing', attachedByUs: true });
  });

  it('is Stale when it was created again under the same name', async () => {
    const world = new World({ bindings: [binding('one')], settings: { deletedIdentity: 'NullIds' } });
    await world.pass();
    world.control.recreateIdentity(identity('app'));

    await world.pass();

    expect(world.ready('one')?.reason).toBe('StaleIdentity');
    expect(world.identity('one', 'app')?.state).toBe('Stale');
  });

  it('is Failed when nothing can be found out about it', async () => {
    const world = new World({ bindings: [binding('one')], settings: { deletedIdentity: 'NullIds' } });
    await world.pass();
    world.control.recreateIdentity(identity('app'));
    world.fault(faults.getIdentity('app'), { kind: 'status', status: 403, code: 'AuthorizationFailed' });

    await world.pass();

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'IdentityRefused' });
  });
});
