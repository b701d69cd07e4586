import { describe, expect, it } from 'vitest';

import type { Restrictions } from '../../../dev/simulator/restrictions.ts';
import {
  armError,
  clientId,
  identity,
  objectId,
  otherSubscriptionId,
  scaleSetsPath,
  simulatedAzure,
  subscriptionId,
  webPath,
} from './azure.ts';

const group = `/subscriptions/${subscriptionId}/resourceGroups/shop`;
const write = 'Microsoft.Compute/virtualMachineScaleSets/write';
const assign = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const type = 'Microsoft.Compute/virtualMachineScaleSets';
const turnOn = { type: 'SystemAssigned' };
const attach = (...names: readonly string[]) => ({
  type: 'UserAssigned',
  userAssignedIdentities: Object.fromEntries(names.map((name) => [identity(name), {}])),
});

function azureWith(restrictions: Partial<Restrictions>) {
  const azure = simulatedAzure({ settings: { operationMs: 0 } });
  azure.control.setRestrictions(restrictions);
  return azure;
}

describe('a lock', () => {
  const locked = (operation: string, scopes: string): unknown =>
    armError(
      'ScopeLocked',
      `The scope '${webPath}' cannot perform ${operation} operation because following scope(s) are locked: '${scopes}'. Please remove the lock and try again.`,
    );

  it('ReadOnly on a group refuses writes and deletes of what is in it, and lets it be read', () => {
    const azure = azureWith({ locks: [{ scope: group, level: 'ReadOnly' }] });

    const refused = azure.patchIdentity(turnOn);
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual(locked('write', group));
    expect(azure.del(webPath).body).toEqual(locked('delete', group));
    expect(azure.get(webPath).body.identity).toBeUndefined();
    expect(azure.get(scaleSetsPath).status).toBe(200);
  });

  it('CanNotDelete refuses deletes alone', () => {
    const azure = azureWith({ locks: [{ scope: webPath, level: 'CanNotDelete' }] });

    expect(azure.patchIdentity(turnOn).status).toBe(200);
    expect(azure.del(webPath).body).toEqual(locked('delete', webPath));
  });

  it('is named with every other that is in the way', () => {
    const azure = azureWith({
      locks: [
        { scope: webPath, level: 'CanNotDelete' },
        { scope: group, level: 'ReadOnly' },
        { scope: `${webPath}2`, level: 'ReadOnly' },
      ],
    });

    expect(azure.del(webPath).body).toEqual(locked('delete', `${webPath},${group}`));
  });

  it('on an identity does not keep it from being attached', () => {
    const azure = azureWith({ locks: [{ scope: identity('a'), level: 'ReadOnly' }] });

    expect(azure.patchIdentity(attach('a')).status).toBe(200);
  });

  it('is not told to a caller without the right', () => {
    const azure = azureWith({ locks: [{ scope: group, level: 'ReadOnly' }] });
    azure.control.setRights(clientId, { permissions: [{ scope: '/', role: 'Reader' }] });

    expect(azure.patchIdentity(turnOn).body.error.code).toBe('AuthorizationFailed');
  });
});

describe('a deny assignment', () => {
  const lockdown = { scope: group, name: 'node resource group lockdown', id: 'a'.repeat(32), actions: ['*/write'] };

  it('takes from everyone what their roles allow', () => {
    const azure = azureWith({ denyAssignments: [lockdown] });

    const refused = azure.patchIdentity(turnOn);
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual(
      armError(
        'DenyAssignmentAuthorizationFailed',
        `The client '${clientId}' with object id '${objectId}' has permission to perform action '${write}' on scope '${webPath}'; however, the access is denied because of the deny assignment with name 'node resource group lockdown' and Id '${'a'.repeat(32)}' at scope '${group}'.`,
      ),
    );
    expect(azure.get(webPath).status).toBe(200);
  });

  it('does not concern whom it exempts, nor what its notActions leave', () => {
    expect(azureWith({ denyAssignments: [{ ...lockdown, except: [clientId] }] }).patchIdentity(turnOn).status).toBe(
      200,
    );
    const leaving = { ...lockdown, actions: ['*'], notActions: ['Microsoft.Compute/*'] };
    expect(azureWith({ denyAssignments: [leaving] }).patchIdentity(turnOn).status).toBe(200);
  });

  it('on identities refuses the write that attaches them, beside those that may not be assigned', () => {
    const azure = azureWith({ denyAssignments: [{ scope: identity('a'), name: 'x', actions: [assign] }] });
    azure.control.setRights(clientId, { denials: [{ scope: identity('b'), actions: [assign] }] });

    const refused = azure.patchIdentity(attach('a', 'b', 'c'));
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual(
      armError(
        'LinkedAuthorizationFailed',
        `The client '${clientId}' with object id '${objectId}' has permission to perform action '${write}' on scope '${webPath}'; however, it does not have permission to perform action '${assign}' on the '1' linked scope(s) '${identity('b')}' or the linked scope(s) are invalid and is blocked by deny assignments on the '1' linked scope(s) '${identity('a')}'.`,
      ),
    );
  });

  it('of reading leaves a resource out of lists', () => {
    const azure = azureWith({ denyAssignments: [{ scope: webPath, name: 'x', actions: ['*'] }] });

    expect(azure.get(scaleSetsPath).body.value).toEqual([]);
  });
});

describe('a policy', () => {
  const policy = { scope: group, name: 'no-writes', displayName: 'No writes', definition: 'deny-all' };
  const assignmentId = `${group}/providers/Microsoft.Authorization/policyAssignments/no-writes`;
  const definitionId = '/providers/Microsoft.Authorization/policyDefinitions/deny-all';

  it('refuses a write that it finds wrong, and says which it is', () => {
    const azure = azureWith({ policies: [policy] });

    const refused = azure.patchIdentity(turnOn);
    expect(refused.status).toBe(403);
    expect(refused.body.error).toEqual({
      code: 'RequestDisallowedByPolicy',
      target: 'web',
      message: `Resource 'web' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"No writes","id":"${assignmentId}"},"policyDefinition":{"name":"No writes","id":"${definitionId}"}}]'.`,
      additionalInfo: [
        {
          type: 'PolicyViolation',
          info: {
            evaluationDetails: {
              evaluatedExpressions: [
                {
                  result: 'True',
                  expressionKind: 'Field',
                  expression: 'type',
                  path: 'type',
                  expressionValue: type,
                  targetValue: type,
                  operator: 'Equals',
                },
              ],
            },
            policyDefinitionId: definitionId,
            policyDefinitionName: 'deny-all',
            policyDefinitionDisplayName: 'No writes',
            policyDefinitionEffect: 'deny',
            policyAssignmentId: assignmentId,
            policyAssignmentName: 'no-writes',
            policyAssignmentDisplayName: 'No writes',
            policyAssignmentScope: group,
            policyAssignmentParameters: {},
          },
        },
      ],
    });
  });

  it('gives its non-compliance message as the reason', () => {
    const azure = azureWith({ policies: [{ ...policy, message: 'Ask the platform team.' }] });

    expect(azure.patchIdentity(turnOn).body.error.message).toBe(
      "Resource 'web' was disallowed by policy. Reasons: 'Ask the platform team.'. See error details for policy resource IDs.",
    );
  });

  it('says nothing to reads and deletes, nor to types that it is not about', () => {
    const azure = azureWith({ policies: [policy] });
    expect(azure.get(webPath).status).toBe(200);
    expect(azure.del(webPath).status).toBe(200);

    const ofOthers = azureWith({ policies: [{ ...policy, resourceTypes: ['Microsoft.Compute/disks'] }] });
    expect(ofOthers.patchIdentity(turnOn).status).toBe(200);
  });
});

describe('a disabled subscription', () => {
  it('can only be read', () => {
    const azure = azureWith({ disabledSubscriptions: [subscriptionId] });

    const refused = azure.patchIdentity(turnOn);
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual(
      armError(
        'ReadOnlyDisabledSubscription',
        `The subscription '${subscriptionId}' is disabled and therefore marked as read only. You cannot perform any write actions on this subscription until it is re-enabled.`,
      ),
    );
    expect(azure.get(webPath).status).toBe(200);
  });

  it('is disabled alone', () => {
    expect(azureWith({ disabledSubscriptions: [otherSubscriptionId] }).patchIdentity(turnOn).status).toBe(200);
  });
});

describe('a provider that the subscription is not registered for', () => {
  const unregisteredProviders = [{ subscription: subscriptionId, namespace: 'Microsoft.Compute' }];

  it.each([
    ['to a write', 'PATCH', webPath],
    ['to a read', 'GET', webPath],
    ['to a list', 'GET', scaleSetsPath],
  ])('says so %s', (_name, method, path) => {
    const reply = azureWith({ unregisteredProviders }).ask(method, path, { body: { identity: turnOn } });

    const code = 'MissingSubscriptionRegistration';
    const message =
      "The subscription is not registered to use namespace 'Microsoft.Compute'. See https://aka.ms/rps-not-found for how to register subscriptions.";
    expect(reply.status).toBe(409);
    expect(reply.body.error).toEqual({ code, message, details: [{ code, target: 'Microsoft.Compute', message }] });
  });

  it('does not stop another provider', () => {
    expect(azureWith({ unregisteredProviders }).get(identity('a'), { version: '2023-01-31' }).status).toBe(200);
  });
});

describe('restrictions', () => {
  it('may be in a seed, which adds to what is there', () => {
    const azure = azureWith({ disabledSubscriptions: [otherSubscriptionId] });
    azure.control.seed({ restrictions: { locks: [{ scope: group, level: 'ReadOnly' }] } });

    expect(azure.patchIdentity(turnOn).body.error.code).toBe('ScopeLocked');
    expect(azure.control.restrictions()).toMatchObject({
      locks: [{ scope: group }],
      disabledSubscriptions: [otherSubscriptionId],
    });
  });

  it('are replaced list by list, and cleared', () => {
    const azure = azureWith({ locks: [{ scope: group, level: 'ReadOnly' }], disabledSubscriptions: [subscriptionId] });

    azure.control.setRestrictions({ disabledSubscriptions: [] });
    expect(azure.patchIdentity(turnOn).body.error.code).toBe('ScopeLocked');
    azure.control.clearRestrictions();
    expect(azure.patchIdentity(turnOn).status).toBe(200);
  });

  it('are checked', () => {
    const wrong = { locks: [{ scope: group, level: 'Open' }] } as unknown as Partial<Restrictions>;

    expect(() => simulatedAzure().control.setRestrictions(wrong)).toThrow(
      'locks[0].level: must be ReadOnly or CanNotDelete, not "Open"',
    );
  });
});
