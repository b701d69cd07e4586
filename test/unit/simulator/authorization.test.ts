import { describe, expect, it } from 'vitest';

import { armError, clientId, identity, objectId, simulatedAzure, subscriptionId, webPath } from './azure.ts';

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

  it('can be given back while it runs', () => {
    const azure = simulatedAzure({ principal: { permissions: [] } });

    azure.control.setRights('33333333-3333-4333-8333-333333333333', { permissions: [{ scope: '/', actions: ['*'] }] });

    expect(azure.get(webPath).status).toBe(200);
  });

  it('are judged before existence: what is absent is 403, and 404 only to who may read it', () => {
    const absent = webPath.replace(/web$/, 'absent');
    const elsewhere = webPath.replace('/shop/', '/nowhere/');
    const azure = simulatedAzure({ principal: { permissions: [{ scope: webPath, actions: ['*'] }] } });

    for (const path of [absent, elsewhere]) {
      const refused = azure.get(path);
      expect(refused.status).toBe(403);
      expect(refused.body).toEqual(forbidden('Microsoft.Compute/virtualMachineScaleSets/read', path));
    }
    azure.control.grant(clientId, { scope: `/subscriptions/${subscriptionId}`, role: 'Reader' });
    expect(azure.get(absent).body.error.code).toBe('ResourceNotFound');
    expect(azure.get(elsewhere).body.error.code).toBe('ResourceGroupNotFound');
  });

  it.each([
    ['everywhere', '/'],
    ['on its subscription', `/subscriptions/${subscriptionId}`],
    ['on its group, however it is spelled', `/SUBSCRIPTIONS/${subscriptionId}/resourcegroups/SHOP/`],
    ['on itself', webPath.toLowerCase()],
  ])('hold for a scale set when they are given %s', (_name, scope) => {
    const azure = simulatedAzure({ principal: { permissions: [{ scope, role: 'Reader' }] } });

    expect(azure.get(webPath).status).toBe(200);
  });

  it('on one identity let that one be assigned, and no other', () => {
    const permissions = [
      { scope: webPath, role: 'Virtual Machine Contributor' },
      { scope: identity('a'), role: 'Managed Identity Operator' },
    ] as const;
    const azure = simulatedAzure({ principal: { permissions }, settings: { operationMs: 0 } });
    const attach = (name: string) =>
      azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity(name)]: {} } });

    expect(attach('a').status).toBe(200);
    expect(attach('b').body.error.code).toBe('LinkedAuthorizationFailed');
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
