import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { OperationHandle } from '../../../src/reconcile/azure-port.ts';
import { CLIENT, SUBSCRIPTION } from './names.ts';
import {
  entriesOf,
  identity,
  NEVER,
  scaleSet,
  type SimulatedAzure,
  simulatedAzure,
  valueOf,
} from './simulated-azure.ts';

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());

const BOTH = 'SystemAssigned, UserAssigned';

describe('a scale set', () => {
  it('is read with its identity', async () => {
    const web = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    const one = valueOf(await azure.port.getIdentity(identity('one'), NEVER));
    expect(web).toMatchObject({
      key: scaleSet('web').key,
      location: 'westeurope',
      orchestrationMode: 'Uniform',
      provisioningState: 'Succeeded',
      tagNames: ['team'],
    });
    expect(web.uniqueId).toMatch(/^[0-9a-f-]{36}$/);
    expect(web.etag).toMatch(/^".+"$/);
    expect(web.identity.systemAssigned?.principalId).toMatch(/^[0-9a-f-]{36}$/);
    expect(web.identity.userAssigned.get(identity('one').key)).toMatchObject({
      principalId: one.principalId,
      clientId: one.clientId,
    });
  });

  it('is read as bare and as Flexible', async () => {
    expect(valueOf(await azure.port.getScaleSet(scaleSet('bare'), NEVER)).identity.userAssigned.size).toBe(0);
    expect(valueOf(await azure.port.getScaleSet(scaleSet('flexible'), NEVER)).orchestrationMode).toBe('Flexible');
  });

  it.each([
    ['the scale set', scaleSet('nobody'), 'ResourceNotFound', 'notFound'],
    ['its group', scaleSet('web', 'nowhere'), 'ResourceGroupNotFound', 'notFound'],
    [
      'its subscription',
      scaleSet('web', 'shop', 'ffffffff-4b5a-6978-8796-a5b4c3d2e1f0'),
      'SubscriptionNotFound',
      'notAuthorised',
    ],
  ])('is missing when %s is', async (_, id, code, kind) => {
    expect(await azure.port.getScaleSet(id, NEVER)).toMatchObject({ ok: false, failure: { code, kind } });
  });

  it('is in the list of its subscription', async () => {
    const list = entriesOf(await azure.port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER));
    expect(list.map(({ name }) => name).sort()).toEqual(['bare', 'flexible', 'web']);
    const web = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    expect(list.find(({ name }) => name === 'web')).toEqual(web);
  });
});

describe('a patch', () => {
  it('adds and removes what it names, and nothing else', async () => {
    const before = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    const patch = { type: BOTH, userAssignedIdentities: { [identity('two').resourceId]: {} } } as const;
    const reply = valueOf(await azure.port.patchIdentity(scaleSet('web'), patch, before.etag!, NEVER));
    expect(reply.state === 'done' && [...(reply.scaleSet?.identity.userAssigned.keys() ?? [])]).toEqual([
      identity('one').key,
      identity('two').key,
    ]);

    const after = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    expect(after.etag).not.toBe(before.etag);
    expect(after.identity.systemAssigned).toEqual(before.identity.systemAssigned);
    const spelled = after.identity.userAssigned.get(identity('two').key)?.resourceId ?? '';
    const back = { type: BOTH, userAssignedIdentities: { [spelled]: null } } as const;
    valueOf(await azure.port.patchIdentity(scaleSet('web'), back, after.etag!, NEVER));
    const last = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    expect([...last.identity.userAssigned.keys()]).toEqual([identity('one').key]);
  });

  it('is refused when the scale set has changed since it was read', async () => {
    const { etag } = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    azure.simulator.control.drift(scaleSet('web').resourceId, { kind: 'Scale', capacity: 4 });
    const result = await azure.port.patchIdentity(scaleSet('web'), { type: 'None' }, etag!, NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'changedUnderneath', hadNoEffect: true } });
  });

  it('names the identity that is not there', async () => {
    const { etag } = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    const [gone, good] = [identity('gone').resourceId, identity('three').resourceId];
    const patch = { type: BOTH, userAssignedIdentities: { [gone]: {}, [good]: {} } } as const;
    for (const missingIdentity of ['LinkedAuthorizationFailed', 'FailedIdentityOperation'] as const) {
      azure.simulator.control.settings({ missingIdentity });
      expect(await azure.port.patchIdentity(scaleSet('web'), patch, etag!, NEVER)).toMatchObject({
        failure: { kind: 'identityRefused', code: missingIdentity, identityIds: [gone], hadNoEffect: true },
      });
    }
  });

  it('of a system-assigned identity is rejected by a Flexible scale set', async () => {
    const { etag } = valueOf(await azure.port.getScaleSet(scaleSet('flexible'), NEVER));
    const result = await azure.port.patchIdentity(scaleSet('flexible'), { type: 'SystemAssigned' }, etag!, NEVER);
    expect(result).toMatchObject({ failure: { kind: 'rejected', code: 'InvalidParameter' } });
  });
});

describe('an operation', () => {
  async function begin(): Promise<OperationHandle> {
    const { etag } = valueOf(await azure.port.getScaleSet(scaleSet('bare'), NEVER));
    const patch = { type: 'UserAssigned', userAssignedIdentities: { [identity('one').resourceId]: {} } } as const;
    const reply = valueOf(await azure.port.patchIdentity(scaleSet('bare'), patch, etag!, NEVER));
    if (reply.state !== 'accepted' || reply.operation === undefined) throw new Error('no operation');
    return reply.operation;
  }
  beforeAll(() => azure.simulator.control.setOperationLength(scaleSet('bare').resourceId, 3_600_000));

  it('runs, keeps others out, and succeeds', async () => {
    const operation = await begin();
    expect(valueOf(await azure.port.pollOperation(operation, [], NEVER)).state).toBe('running');
    const during = valueOf(await azure.port.getScaleSet(scaleSet('bare'), NEVER));
    expect(during.provisioningState).toBe('Updating');
    expect(during.identity.userAssigned.get(identity('one').key)).not.toHaveProperty('clientId');
    const other = await azure.port.patchIdentity(scaleSet('bare'), { type: 'None' }, during.etag!, NEVER);
    expect(other).toMatchObject({ failure: { kind: 'busy' } });

    azure.simulator.control.finishOperations();
    expect(valueOf(await azure.port.pollOperation(operation, [], NEVER))).toEqual({ state: 'succeeded' });
  });

  it('is unknown to Azure after a while', async () => {
    const operation = await begin();
    const other = { ...operation, link: operation.link.replace(/operations\/[^?]+/, `operations/${CLIENT}`) };
    expect(valueOf(await azure.port.pollOperation(other, [], NEVER))).toEqual({ state: 'unknown' });
    azure.simulator.control.finishOperations();
  });
});

describe('a fault of the network', () => {
  it('leaves the outcome of a write unknown', async () => {
    const { etag } = valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
    azure.simulator.control.addFault({ match: { method: 'PATCH' }, effect: { kind: 'reset', applied: true } });
    const result = await azure.port.patchIdentity(
      scaleSet('web'),
      { type: BOTH, userAssignedIdentities: {} },
      etag!,
      NEVER,
    );
    expect(result).toMatchObject({ failure: { kind: 'transient', code: 'ECONNRESET', hadNoEffect: false } });
  });

  it('does not outlive the caller', async () => {
    azure.simulator.control.addFault({ match: { method: 'GET' }, effect: { kind: 'hang' } });
    const caller = new AbortController();
    const before = azure.simulator.requests().length;
    const result = azure.port.getScaleSet(scaleSet('web'), caller.signal);
    await expect.poll(() => azure.simulator.requests().length, { timeout: 30_000 }).toBeGreaterThan(before);
    caller.abort(new Error('over'));
    await expect(result).rejects.toThrow('over');
  });

  it('is no request at all where nobody listens', async () => {
    await using gone = await simulatedAzure();
    valueOf(await gone.port.getScaleSet(scaleSet('web'), NEVER));
    await gone.simulator.stop();
    // The first request may still find the connection that was kept alive, and see it break.
    await gone.port.getScaleSet(scaleSet('web'), NEVER);
    const result = await gone.port.getScaleSet(scaleSet('web'), NEVER);
    expect(result).toMatchObject({ failure: { kind: 'transient', code: 'ECONNREFUSED', hadNoEffect: true } });
  });
});
