import { describe, expect, it } from 'vitest';

import type { RoleName } from '../../../dev/simulator/arm/rights/roles.ts';
import type { GrantSeed } from '../../../dev/simulator/seed.ts';
import { clientId, identity, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const subscription = `/subscriptions/${subscriptionId}`;
const inIdentities = { version: '2023-01-31' };

describe('a built-in role', () => {
  const attach = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
  const may = {
    'read a scale set': (role: RoleName) => azureFor(role).get(webPath),
    'write one': (role: RoleName) => azureFor(role).patchIdentity({ type: 'SystemAssigned' }),
    'attach an identity to one': (role: RoleName) => azureFor(role).patchIdentity(attach),
    'read an identity': (role: RoleName) => azureFor(role).get(identity('a'), inIdentities),
    'delete an identity': (role: RoleName) => azureFor(role).del(identity('c'), inIdentities),
  };
  const azureFor = (role: RoleName) =>
    simulatedAzure({ settings: { operationMs: 0 }, principal: { permissions: [{ scope: subscription, role }] } });
  const all = Object.keys(may) as readonly (keyof typeof may)[];

  it.each<[RoleName, readonly (keyof typeof may)[]]>([
    ['Owner', all],
    ['Contributor', all],
    ['Reader', ['read a scale set', 'read an identity']],
    ['Virtual Machine Contributor', ['read a scale set', 'write one']],
    ['Managed Identity Operator', ['read an identity']],
    ['Managed Identity Contributor', ['read an identity', 'delete an identity']],
  ])('%s is good for what it is in Azure', (role, expected) => {
    expect(all.filter((what) => may[what](role).status === 200)).toEqual(expected);
  });

  it('Managed Identity Operator, beside one for the scale set, is good for attaching identities', () => {
    const permissions: readonly GrantSeed[] = [
      { scope: webPath, role: 'Virtual Machine Contributor' },
      { scope: subscription, role: 'Managed Identity Operator' },
    ];
    const azure = simulatedAzure({ settings: { operationMs: 0 }, principal: { permissions } });

    expect(azure.patchIdentity(attach).status).toBe(200);
  });
});

describe('role assignments', () => {
  const reader: GrantSeed = { scope: webPath, role: 'Reader' };

  it('are granted and revoked one by one while it runs', () => {
    const azure = simulatedAzure({ principal: { permissions: [] } });
    const { control } = azure;

    control.grant(clientId, reader);
    control.grant(clientId, { scope: webPath, actions: ['*/write'] });
    expect(azure.get(webPath).status).toBe(200);
    control.revoke(clientId, { scope: webPath.toUpperCase(), actions: ['*/READ'] });
    expect(azure.get(webPath).status).toBe(403);
    expect(azure.patchIdentity({ type: 'SystemAssigned' }).status).toBe(200);
  });

  it('of the same role count each', () => {
    const azure = simulatedAzure({ principal: { permissions: [reader, reader] } });

    azure.control.revoke(clientId, reader);
    expect(azure.get(webPath).status).toBe(200);
    azure.control.revoke(clientId, reader);
    expect(azure.get(webPath).status).toBe(403);
  });

  it('that are not there cannot be revoked', () => {
    const { control } = simulatedAzure({ principal: { permissions: [reader] } });

    expect(() => {
      control.revoke(clientId, { scope: webPath, role: 'Owner' });
    }).toThrow(`${clientId} holds no such role at ${webPath}`);
    expect(() => {
      control.revoke(clientId, { scope: subscription, role: 'Reader' });
    }).toThrow('holds no such role');
  });

  it.each<[unknown, string]>([
    [{ scope: '/' }, 'needs a role, or else actions'],
    [{ scope: '/', role: 'Reader', actions: ['*'] }, 'needs a role, or else actions'],
    [{ scope: '/', role: 'Reader', notActions: ['*'] }, 'notActions: does not go with a role'],
    [{ scope: '/', role: 'Sovereign' }, 'role: must be Owner or Contributor or Reader or'],
    [{ role: 'Reader' }, 'scope: is missing'],
    ['Reader', 'must be an object, not "Reader"'],
  ])('are checked: %j', (grant, message) => {
    expect(() => {
      simulatedAzure().control.grant(clientId, grant as GrantSeed);
    }).toThrow(message);
  });
});
