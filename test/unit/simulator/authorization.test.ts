import { describe, expect, it } from 'vitest';

import { armError, objectId, scaleSetsPath, simulatedAzure, subscriptionId, webPath } from './azure.ts';

describe('rights', () => {
  const scaleSet = webPath;
  const forbidden = (action: string, scope: string): unknown =>
    armError(
      'AuthorizationFailed',
      `The client '33333333-3333-4333-8333-333333333333' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );

  it('to read a scale set may be denied', () => {
    const denials = [{ scope: scaleSet, actions: ['Microsoft.Compute/virtualMachineScaleSets/read'] }];
    const reply = simulatedAzure({ principal: { denials } }).get(webPath);

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(forbidden('Microsoft.Compute/virtualMachineScaleSets/read', webPath));
  });

  it('to write one may be missing while that to read it is there', () => {
    const permissions = [{ scope: `/subscriptions/${subscriptionId}`, actions: ['*/read'] }];
    const azure = simulatedAzure({ principal: { permissions } });

    expect(azure.get(webPath).status).toBe(200);
    const reply = azure.patchIdentity({ type: 'SystemAssigned' });
    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(forbidden('Microsoft.Compute/virtualMachineScaleSets/write', webPath));
  });

  it('on a resource group do not reach to the list of the subscription', () => {
    const permissions = [{ scope: `/subscriptions/${subscriptionId}/resourceGroups/SHOP`, actions: ['*'] }];
    const azure = simulatedAzure({ principal: { permissions } });

    expect(azure.get(webPath.replace(/\/web$/, '')).status).toBe(200);
    expect(azure.get(scaleSetsPath).body).toEqual(
      forbidden('Microsoft.Compute/virtualMachineScaleSets/read', `/subscriptions/${subscriptionId}`),
    );
  });

  it('can be given back while it runs', () => {
    const azure = simulatedAzure({ principal: { permissions: [] } });

    azure.control.setRights('33333333-3333-4333-8333-333333333333', { permissions: [{ scope: '/', actions: ['*'] }] });

    expect(azure.get(webPath).status).toBe(200);
  });

  it('are told at the scope of an identity, a row for each role that reaches there', () => {
    const identity = `/subscriptions/${subscriptionId}/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one`;
    const permissions = [
      { scope: `/subscriptions/${subscriptionId}`, actions: ['*/read'], notActions: ['*/secrets/read'] },
      { scope: webPath, actions: ['*'] },
    ];
    const denials = [{ scope: identity, actions: ['*/assign/action'] }];
    const azure = simulatedAzure({ principal: { permissions, denials } });

    const reply = azure.get(`${identity}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`);

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ value: [{ actions: ['*/read'], notActions: ['*/secrets/read', '*/assign/action'] }] });
  });

  it.each([
    ['*', true],
    ['*/read', true],
    ['Microsoft.Compute/*', true],
    ['microsoft.compute/*scalesets/*', true],
    ['Microsoft.Compute/virtualMachineScaleSets/read', true],
    ['Microsoft.Compute/virtualMachineScaleSets/*/read', true],
    ['Microsoft.Compute/virtualMachineScaleSets', false],
    ['*/write', false],
    ['Microsoft.Network/*', false],
    ['Microsoft.Compute/*/instances/*', false],
  ])('that are written as %s let a scale set be read: %s', (action, allowed) => {
    const azure = simulatedAzure({ principal: { permissions: [{ scope: '/', actions: [action] }] } });

    expect(azure.get(webPath).status).toBe(allowed ? 200 : 403);
  });

  it('do not hold for what notActions takes out', () => {
    const permissions = [{ scope: '/', actions: ['*'], notActions: ['*/write'] }];
    const azure = simulatedAzure({ principal: { permissions } });

    expect(azure.get(webPath).status).toBe(200);
    expect(azure.patchIdentity({ type: 'SystemAssigned' }).status).toBe(403);
  });

  it('at a scope do not hold beside one whose name begins alike', () => {
    const azure = simulatedAzure({
      principal: { permissions: [{ scope: webPath, actions: ['*'] }] },
      scaleSets: [{ name: 'web2' }],
    });

    expect(azure.get(webPath).status).toBe(200);
    expect(azure.get(`${webPath}2`).status).toBe(403);
  });
});
