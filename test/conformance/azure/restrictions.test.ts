import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Restrictions } from '../../../dev/simulator/restrictions.ts';
import { CLIENT, SUBSCRIPTION } from './names.ts';
import { identity, NEVER, scaleSet, type SimulatedAzure, simulatedAzure, valueOf } from './simulated-azure.ts';

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterEach(() => {
  azure.simulator.control.clearRestrictions();
  azure.simulator.control.setRights(CLIENT, { permissions: [{ scope: '/', role: 'Owner' }] });
});
afterAll(() => azure[Symbol.asyncDispose]());

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop`;
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

/** Planned from a read before the restriction. */
async function attachThree(restrictions: Partial<Restrictions>) {
  const { etag = '' } = valueOf(await azure.port.getScaleSet(scaleSet('bare'), NEVER));
  azure.simulator.control.setRestrictions(restrictions);
  const patch = { type: 'UserAssigned', userAssignedIdentities: { [identity('three').resourceId]: {} } } as const;
  return azure.port.patchIdentity(scaleSet('bare'), patch, etag, NEVER);
}

describe('a write that an administrator keeps from happening', () => {
  it.each<[string, Partial<Restrictions>]>([
    ['ScopeLocked', { locks: [{ scope: GROUP, level: 'ReadOnly' }] }],
    [
      'DenyAssignmentAuthorizationFailed',
      { denyAssignments: [{ scope: GROUP, name: 'lockdown', actions: ['Microsoft.Compute/*/write'] }] },
    ],
    ['RequestDisallowedByPolicy', { policies: [{ scope: GROUP, name: 'no-writes', message: 'Ask us.' }] }],
    ['ReadOnlyDisabledSubscription', { disabledSubscriptions: [SUBSCRIPTION] }],
    [
      'MissingSubscriptionRegistration',
      { unregisteredProviders: [{ subscription: SUBSCRIPTION, namespace: 'Microsoft.Compute' }] },
    ],
  ])('is told as such: %s', async (code, restrictions) => {
    expect(await attachThree(restrictions)).toMatchObject({
      ok: false,
      failure: { kind: 'blockedByAdministrator', code, hadNoEffect: true },
    });
  });

  it('names the identity that a deny assignment keeps from being assigned', async () => {
    const scope = identity('three').resourceId;
    const denyAssignments = [{ scope, name: 'lockdown', actions: [ASSIGN] }];

    expect(await attachThree({ denyAssignments })).toMatchObject({
      failure: { kind: 'identityRefused', identityIds: [scope] },
    });
  });
});

describe('a list', () => {
  it('holds what the operator may read, and nothing of the rest', async () => {
    azure.simulator.control.setRights(CLIENT, {
      permissions: [{ scope: scaleSet('web').resourceId, role: 'Reader' }],
    });

    const page = valueOf(await azure.port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER));
    expect(page).toMatchObject({ entries: [{ name: 'web' }] });
  });

  it('is refused without any role in the subscription', async () => {
    azure.simulator.control.setRights(CLIENT, { permissions: [] });

    expect(await azure.port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER)).toMatchObject({
      failure: { kind: 'notAuthorised', code: 'AuthorizationFailed' },
    });
  });
});

describe('a revoked token', () => {
  it.each(['InsufficientClaims', 'SessionRevoked'] as const)(
    'is renewed, whatever the challenge: %s',
    async (style) => {
      await using other = await simulatedAzure({ settings: { revokedChallenge: style } });
      valueOf(await other.port.getScaleSet(scaleSet('web'), NEVER));
      const asked = other.simulator.requests().length;
      other.simulator.control.revokeTokens(CLIENT);

      valueOf(await other.port.getScaleSet(scaleSet('web'), NEVER));
      const statuses = other.simulator
        .requests()
        .slice(asked)
        .map(({ method, status }) => `${method} ${String(status)}`);
      expect(statuses.filter((line) => line.startsWith('POST'))).toEqual(['POST 200']);
      expect([statuses[0], statuses.at(-1)]).toEqual(['GET 401', 'GET 200']);
    },
  );

  it('of an application that was disabled meanwhile is the end: no other is to be had', async () => {
    await using other = await simulatedAzure();
    valueOf(await other.port.getScaleSet(scaleSet('web'), NEVER));
    other.simulator.control.setApplication(CLIENT, 'Disabled');
    valueOf(await other.port.getScaleSet(scaleSet('web'), NEVER));
    other.simulator.control.revokeTokens(CLIENT);

    expect(await other.port.getScaleSet(scaleSet('web'), NEVER)).toMatchObject({
      failure: { kind: 'credential', code: 'AADSTS7000112' },
    });
  });
});
