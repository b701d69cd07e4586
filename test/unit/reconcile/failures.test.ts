import { describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../../dev/simulator/faults.ts';
import { clientId, identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { tooMany } from './too-many.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

function answer(
  status: number,
  code: string,
  rest: { readonly message?: string; readonly headers?: Readonly<Record<string, string>> } = {},
) {
  return { kind: 'status', status, code, ...rest } as const satisfies FaultEffect;
}

/** A world in which every request of this sort is answered so. */
function failing(match: Parameters<World['fault']>[0], effect: FaultEffect): World {
  const world = new World({ bindings: [binding('one')] });
  world.fault(match, effect, { count: null });
  return world;
}

const REFUSED_WRITES: readonly (readonly [string, FaultEffect, string, number])[] = [
  ['409 Conflict', answer(409, 'Conflict'), 'ScaleSetBusy', 5 * SECOND],
  [
    '409 OperationNotAllowed',
    answer(409, 'OperationNotAllowed', { message: 'marked for deletion' }),
    'ScaleSetBusy',
    5 * SECOND,
  ],
  ['403 AuthorizationFailed', answer(403, 'AuthorizationFailed'), 'AuthorizationFailed', MINUTE],
  ['403 of an unknown code', answer(403, 'Whatever'), 'AuthorizationFailed', MINUTE],
  ['409 ScopeLocked', answer(409, 'ScopeLocked'), 'BlockedByAdministrator', 30 * MINUTE],
  ['403 RequestDisallowedByPolicy', answer(403, 'RequestDisallowedByPolicy'), 'BlockedByAdministrator', 30 * MINUTE],
  ['400 of an unknown code', answer(400, 'InvalidParameter'), 'Rejected', HOUR],
  ['400 NoRegisteredProviderFound', answer(400, 'NoRegisteredProviderFound'), 'OperatorMisconfigured', 5 * MINUTE],
  ['401', answer(401, 'InvalidAuthenticationToken'), 'CredentialUnavailable', 5 * SECOND],
  ['404 ResourceNotFound', answer(404, 'ResourceNotFound'), 'ScaleSetNotFound', 30 * SECOND],
];

describe.each(REFUSED_WRITES)('a write that is answered %s', (_what, effect, reason, waitMs) => {
  it('shows its reason and waits', async () => {
    const world = failing(faults.patch, effect);

    const { requeueAfterMs } = await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason });
    expect(requeueAfterMs).toBe(waitMs);
  });

  it('leaves no claim behind', async () => {
    const world = failing(faults.patch, effect);

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.cluster.binding('one').metadata).not.toHaveProperty('finalizers');
  });

  it('is not sent again before its time', async () => {
    const world = failing(faults.patch, effect);
    await world.pass();
    world.take();

    await world.run(waitMs - 1);

    expect(world.take()).toEqual([]);
  });
});

const FAILED_READS: readonly (readonly [string, FaultEffect, string, number])[] = [
  ['403 AuthorizationFailed', answer(403, 'AuthorizationFailed'), 'AuthorizationFailed', MINUTE],
  ['404 ResourceNotFound', answer(404, 'ResourceNotFound'), 'ScaleSetNotFound', 30 * SECOND],
  ['404 ResourceGroupNotFound', answer(404, 'ResourceGroupNotFound'), 'ScaleSetNotFound', 30 * SECOND],
  ['404 SubscriptionNotFound', answer(404, 'SubscriptionNotFound'), 'AuthorizationFailed', MINUTE],
  ['404 of a proxy', { kind: 'status', status: 404, body: 'nothing here' }, 'AzureUnavailable', SECOND],
  ['401', answer(401, 'ExpiredAuthenticationToken'), 'CredentialUnavailable', 5 * SECOND],
  ['401 of another tenant', answer(401, 'InvalidAuthenticationTokenTenant'), 'OperatorMisconfigured', 5 * MINUTE],
  ['500', answer(500, 'InternalServerError'), 'AzureUnavailable', SECOND],
  ['429', answer(429, 'TooManyRequests'), 'Throttled', 30 * SECOND],
  ['200 without an end', { kind: 'status', status: 200, body: { id: 'half' } }, 'AzureUnavailable', SECOND],
];

describe.each(FAILED_READS)('a read of the scale set that is answered %s', (_what, effect, reason, waitMs) => {
  it('shows its reason, waits, and has nothing written', async () => {
    const world = failing(faults.getScaleSet, effect);

    const { requeueAfterMs } = await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason });
    expect(requeueAfterMs).toBe(waitMs);
    expect(world.takeWrites()).toEqual([]);
  });
});

describe('a Retry-After', () => {
  const throttled = answer(429, 'TooManyRequests', { headers: { 'retry-after': '120' } });

  it('is waited for', async () => {
    const world = failing(faults.getScaleSet, throttled);

    expect(await world.pass()).toEqual({ requeueAfterMs: 120 * SECOND });
  });

  it('is not cut short by a change of the spec', async () => {
    const world = failing(faults.getScaleSet, throttled);
    await world.pass();
    world.take();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });

    const { requeueAfterMs } = await world.pass();

    expect(world.take()).toEqual(['status one: False Throttled 0/1']);
    expect(requeueAfterMs).toBe(120 * SECOND);
  });

  it('is believed also where only the message tells it', async () => {
    const message = 'The server rejected the request. Retry after 77 seconds.';
    const world = failing(faults.patch, answer(409, 'OperationNotAllowed', { message }));

    expect(await world.pass()).toEqual({ requeueAfterMs: 77 * SECOND });
    expect(world.ready('one')?.reason).toBe('Throttled');
  });

  it('for one scale set stops no other', async () => {
    const world = new World({
      scaleSets: [{ name: 'api' }],
      bindings: [binding('one'), binding('two', { scaleSet: 'api' })],
    });
    world.fault(faults.getScaleSet, tooMany('GetVMScaleSetResource', 120), { count: null });
    await world.pass('web');

    await world.pass('api');

    expect(world.ready('two')?.status).toBe('True');
  });
});

describe('a wait of the scale set', () => {
  it('is cut short by a change of a spec, at most once a minute', async () => {
    const world = failing(faults.patch, answer(400, 'InvalidParameter'));
    await world.pass();
    const attempts: number[] = [];
    world.take();
    for (let second = 0; second <= 130; second += 10) {
      world.cluster.edit('one', { deletionPolicy: second % 20 === 0 ? 'Retain' : 'Detach' });
      await world.pass();
      if (world.takeWrites().length > 0) attempts.push(second);
      await world.clock.advance(10 * SECOND);
    }

    expect(attempts).toEqual([0, 60, 120]);
  });

  it('that a spec change could not cut short yet ends when it may', async () => {
    const world = failing(faults.patch, answer(400, 'InvalidParameter'));
    await world.pass();
    world.cluster.edit('one', { deletionPolicy: 'Retain' });
    await world.pass();
    await world.run(10 * SECOND);
    world.cluster.edit('one', { deletionPolicy: 'Detach' });

    expect(await world.pass()).toEqual({ requeueAfterMs: 50 * SECOND });
  });

  it('is not cut short by anything else', async () => {
    const world = failing(faults.patch, answer(400, 'InvalidParameter'));
    await world.pass();
    world.take();

    expect(await world.pass()).toEqual({ requeueAfterMs: HOUR });
    expect(world.take()).toEqual([]);
  });

  it('ends for a rejected change when the scale set is another than it was', async () => {
    const world = failing(faults.patch, answer(400, 'InvalidParameter'));
    await world.pass();
    await world.run(10 * MINUTE);
    await world.list();
    await world.pass();
    const before = world.takeWrites();
    world.control.clearFaults();
    world.control.drift(scaleSet(), { kind: 'Scale', capacity: 9 });
    await world.run(10 * MINUTE);
    await world.list();

    await world.pass();

    expect(before).toHaveLength(1);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
  });

  it('ends for a scale set that was not found when a list shows it', async () => {
    const world = failing(faults.getScaleSet, answer(404, 'ResourceNotFound'));
    await world.run(0);
    await world.pass();
    await world.clock.advance(10 * SECOND);
    await world.list();
    world.control.clearFaults();

    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
  });

  it('does not end for a list that was asked for before', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.list();
    await world.clock.advance(3 * MINUTE);
    world.fault(faults.getScaleSet, answer(404, 'ResourceNotFound'));
    await world.pass();
    world.take();

    await world.pass();

    expect(world.take()).toEqual([]);
  });

  it('grows with each failure in a row, and begins anew after a success', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.getScaleSet, answer(500, 'InternalServerError'), { count: 3 });
    await world.pass();
    await world.run(7 * SECOND);
    const afterThree = world.ready('one')?.status;
    world.fault(faults.getScaleSet, answer(500, 'InternalServerError'));

    expect(afterThree).toBe('True');
    expect(await world.pass()).toEqual({ requeueAfterMs: SECOND });
  });
});

describe('a passing trouble', () => {
  it('is shown on a binding that is Ready only at the third failure in a row', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.fault(faults.getScaleSet, answer(503, 'ServiceUnavailable'), { count: null });
    const seen: unknown[] = [];
    for (let time = 0; time < 3; time += 1) {
      const { requeueAfterMs } = await world.pass();
      seen.push(world.ready('one')?.status);
      await world.clock.advance(requeueAfterMs!);
    }

    expect(seen).toEqual(['True', 'True', 'False']);
    expect(world.ready('one')?.reason).toBe('AzureUnavailable');
  });

  it('does not touch a Ready binding when an autoscaler is at work', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    world.take();

    await world.pass();
    await world.run(10 * MINUTE);

    expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  it('is counted anew when someone else is at work again', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    for (let time = 0; time < 4; time += 1) {
      world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
      await world.pass();
      world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });
      await world.pass();
    }
    world.control.drift(scaleSet(), { kind: 'Strip' });
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });

    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
  });

  it('is shown when something is missing and someone else has been at work for long', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Strip' });
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });

    await world.pass();
    const first = world.ready('one')?.status;
    await world.run(MINUTE);

    expect(first).toBe('True');
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ScaleSetBusy' });
    expect(world.assigned()).toEqual([]);
  });
});

describe('a trouble with a write for one binding', () => {
  it('is not shown on another that lacks nothing', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.fault({ ...faults.patch, body: 'bus' }, answer(400, 'InvalidParameter'), { count: null });
    world.cluster.apply(binding('two', { namespace: 'other', userAssigned: ['bus'] }));

    await world.pass();
    const atOnce = world.ready('one')?.status;
    await world.run(10 * MINUTE);
    await world.pass();

    expect(world.ready('two')).toMatchObject({ reason: 'Rejected' });
    expect([atOnce, world.ready('one')?.status]).toEqual(['True', 'True']);
  });
});

describe('an api-version without etags', () => {
  it('has nothing written, for a write without one could undo what others do', async () => {
    const world = new World({ bindings: [binding('one')], apiVersion: '2023-07-01' });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'OperatorMisconfigured' });
    expect(world.ready('one')?.message).toContain('--arm-api-version');
  });
});

describe('the rights of the operator', () => {
  it('that are missing for the write are named', async () => {
    const world = new World({ bindings: [binding('one')] });
    const denials = [{ scope: scaleSet(), actions: ['Microsoft.Compute/virtualMachineScaleSets/write'] }];
    world.control.setRights(clientId, { denials });

    await world.pass();

    expect(world.ready('one')?.message).toContain('Microsoft.Compute/virtualMachineScaleSets/write');
    expect(world.ready('one')?.message).toContain(scaleSet());
  });

  it('to read identities are not needed to attach one', async () => {
    const world = new World({ bindings: [binding('one')] });
    const denials = [{ scope: identity('app'), actions: ['Microsoft.ManagedIdentity/userAssignedIdentities/read'] }];
    world.control.setRights(clientId, { denials });

    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
  });
});
