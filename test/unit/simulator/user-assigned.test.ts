import { describe, expect, it } from 'vitest';

import {
  armError,
  clientId,
  identity,
  lowerGroupIdentity,
  objectId,
  simulatedAzure,
  subscriptionId,
  tenantId,
  webPath,
} from './azure.ts';

const version = '2023-01-31';
const listPath = `/subscriptions/${subscriptionId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;

describe('a user-assigned identity', () => {
  it('is shown with an id that has a lower-case resourcegroups', () => {
    const azure = simulatedAzure();
    const { principalId, clientId: id } = azure.control.identity(identity('a'));

    expect(azure.get(identity('a'), { version }).body).toEqual({
      id: lowerGroupIdentity('a'),
      name: 'a',
      type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
      location: 'westeurope',
      tags: {},
      properties: { tenantId, principalId, clientId: id },
    });
  });

  it('shows an isolation scope in newer api-versions', () => {
    const { body } = simulatedAzure().get(identity('a'), { version: '2024-11-30' });

    expect(body.properties).toHaveProperty('isolationScope', 'None');
  });

  it('is 404 when it is not there', () => {
    const reply = simulatedAzure().get(identity('x'), { version });

    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(
      armError(
        'ResourceNotFound',
        "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/x' under resource group 'shop' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
      ),
    );
  });

  it('is created by a PUT, and updated by another', () => {
    const azure = simulatedAzure();

    const created = azure.put(identity('new'), { location: 'westeurope' }, { version });
    const updated = azure.put(identity('new'), { location: 'westeurope', tags: { a: '1' } }, { version });

    expect([created.status, updated.status]).toEqual([201, 200]);
    expect(updated.body).toEqual({ ...created.body, tags: { a: '1' } });
    expect(created.headers['location']).toBe(lowerGroupIdentity('new'));
  });

  it.each(['abc', 'x'.repeat(128), '0-9_a'])('may be called %s', (name) => {
    expect(simulatedAzure().put(identity(name), { location: 'westeurope' }, { version }).status).toBe(201);
  });

  it.each(['z', 'yz', 'x'.repeat(129), '-abc', '_abc', 'a.bc', 'a(bc)'])('may not be called %s', (name) => {
    const reply = simulatedAzure().put(identity(name), { location: 'westeurope' }, { version });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidResourceName');
  });

  it('takes new tags by PATCH, all of them at once, and keeps its principal', () => {
    const azure = simulatedAzure();
    const before = azure.get(identity('a'), { version }).body;
    azure.patch(identity('a'), { tags: { a: '1', b: '2' } }, { version });

    const patched = azure.patch(identity('a'), { tags: { c: '3' }, location: 'eastus' }, { version });

    expect(patched.status).toBe(200);
    expect(patched.body).toEqual({ ...before, tags: { c: '3' } });
    expect(azure.patch(identity('a'), {}, { version }).body.tags).toEqual({ c: '3' });
  });

  it('is 404 for a PATCH when it is not there', () => {
    expect(simulatedAzure().patch(identity('x'), { tags: {} }, { version }).status).toBe(404);
  });

  it('needs the right to write for a PATCH', () => {
    const permissions = [{ scope: '/', actions: ['*/read'] }];

    expect(simulatedAzure({ principal: { permissions } }).patch(identity('a'), {}, { version }).status).toBe(403);
  });

  it('cannot move', () => {
    const reply = simulatedAzure().put(identity('a'), { location: 'eastus' }, { version });

    expect(reply.status).toBe(409);
    expect(reply.body.error.code).toBe('InvalidResourceLocation');
  });

  it('is deleted at once', () => {
    const azure = simulatedAzure();

    expect(azure.del(identity('a'), { version }).status).toBe(200);
    expect(azure.get(identity('a'), { version }).status).toBe(404);
    expect(azure.del(identity('a'), { version }).status).toBe(204);
  });

  it('is another principal when it is created again', () => {
    const azure = simulatedAzure({ identities: ['abc'] });
    const before = azure.get(identity('abc'), { version }).body.properties;

    azure.del(identity('abc'), { version });
    const after = azure.put(identity('abc'), { location: 'westeurope' }, { version }).body.properties;

    expect(after['principalId']).not.toBe(before['principalId']);
    expect(after['clientId']).not.toBe(before['clientId']);
  });

  it('is listed with all of its subscription, page by page', () => {
    const azure = simulatedAzure({ settings: { pageSize: 2 } });

    const first = azure.get(listPath, { version });
    const second = azure.get(first.body.nextLink, { version });

    expect([first, second].map(({ body }) => body.value.map(({ name }) => name))).toEqual([['a', 'b'], ['c']]);
  });

  it('is listed with its group, page by page', () => {
    const azure = simulatedAzure({ settings: { pageSize: 2 } });
    const resourceGroups = [{ name: 'other', location: 'westeurope', identities: [{ name: 'elsewhere' }] }];
    azure.control.seed({ subscriptions: [{ id: subscriptionId, tenant: tenantId, resourceGroups }] });

    const first = azure.get(identity(''), { version });
    const second = azure.get(first.body.nextLink, { version });

    expect([first, second].map(({ body }) => body.value.map(({ name }) => name))).toEqual([['a', 'b'], ['c']]);
  });

  it('may not be readable', () => {
    const denials = [
      { scope: `/subscriptions/${subscriptionId}/resourceGroups/shop`, actions: ['Microsoft.ManagedIdentity/*'] },
    ];
    const reply = simulatedAzure({ principal: { denials } }).get(identity('a'), { version });

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(
      armError(
        'AuthorizationFailed',
        `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/read' over scope '${lowerGroupIdentity('a')}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      ),
    );
  });

  it('has api-versions of its own', () => {
    const reply = simulatedAzure().get(identity('a'), { version: '2017-12-01' });

    expect(reply.status).toBe(400);
    expect(reply.body.error.message).toMatch(
      /for type 'userAssignedIdentities'\. The supported api-versions are '2015-08-31-PREVIEW, 2018-11-30, /,
    );
  });
});

describe('a deleted identity', () => {
  const web = { identity: { userAssigned: ['a'] }, operationMs: 0 };
  const shown = (azure: ReturnType<typeof simulatedAzure>): unknown =>
    azure.get(webPath).body.identity.userAssignedIdentities[lowerGroupIdentity('a')];

  it('stays on its scale sets with its old ids', () => {
    const azure = simulatedAzure({ web });
    const before = shown(azure);

    azure.del(identity('a'), { version });

    expect(shown(azure)).toEqual(before);
  });

  it('stays on its scale sets with ids that are null, when told to', () => {
    const azure = simulatedAzure({ web, settings: { deletedIdentity: 'NullIds' } });

    azure.del(identity('a'), { version });

    expect(shown(azure)).toEqual({ principalId: null, clientId: null });
  });

  it('is not mended by being created again, nor by being attached again', () => {
    const azure = simulatedAzure({ web });
    const before = shown(azure);

    azure.control.recreateIdentity(identity('a'));
    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } });

    expect(shown(azure)).toEqual(before);
    expect(azure.control.scaleSet(webPath).userAssigned[0]?.orphaned).toBe(true);
  });

  it('is mended by being taken off and attached again', () => {
    const azure = simulatedAzure({ web });
    const recreated = azure.control.recreateIdentity(identity('a'));

    azure.patchIdentity({ type: 'None' });
    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [lowerGroupIdentity('a')]: {} } });

    expect(shown(azure)).toEqual({ principalId: recreated.principalId, clientId: recreated.clientId });
  });
});
