import { describe, expect, it } from 'vitest';

import {
  armError,
  clientId,
  identity,
  lowerGroupIdentity,
  objectId,
  otherSubscriptionId,
  simulatedAzure,
  subscriptionId,
  tenantId,
  webPath,
} from './azure.ts';

const assign = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const linked = (...ids: readonly string[]): unknown =>
  armError(
    'LinkedAuthorizationFailed',
    `The client '${clientId}' with object id '${objectId}' has permission to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${webPath}'; however, it does not have permission to perform action '${assign}' on the linked scope(s) '${ids.join(',')}' or the linked scope(s) are invalid.`,
  );
const attach = (...names: readonly string[]) => ({
  type: 'UserAssigned',
  userAssignedIdentities: Object.fromEntries(names.map((name) => [identity(name), {}])),
});

describe('attaching identities that do not exist', () => {
  it('is refused for all of them at once, good ones included in the refusal but not in the list', () => {
    const azure = simulatedAzure();

    const reply = azure.patchIdentity(attach('x', 'a', 'y'));

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(linked(identity('x'), identity('y')));
    expect(azure.control.scaleSet(webPath)).toMatchObject({ etag: 1, userAssigned: [] });
  });

  it('may be refused by the identity service instead, one at a time', () => {
    const azure = simulatedAzure({ settings: { missingIdentity: 'FailedIdentityOperation' } });

    const reply = azure.patchIdentity(attach('a', 'x', 'y'));

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'FailedIdentityOperation',
        `Identity operation for resource '${webPath}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${identity('x')}' was not found."}}'.'.`,
      ),
    );
  });
});

describe('attaching identities that may not be assigned', () => {
  const denials = [{ scope: identity('a'), actions: [assign] }];

  it('is refused', () => {
    const reply = simulatedAzure({ principal: { denials } }).patchIdentity(attach('a', 'b'));

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(linked(identity('a')));
  });

  it('is refused even where missing ones are left to the identity service', () => {
    const settings = { missingIdentity: 'FailedIdentityOperation' } as const;
    const reply = simulatedAzure({ principal: { denials }, settings }).patchIdentity(attach('a', 'x'));

    expect(reply.body).toEqual(linked(identity('a')));
  });

  it('is checked again for one that is assigned already, if the body names it', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a'] } }, principal: { denials } });

    expect(azure.patchIdentity(attach('a', 'b')).body).toEqual(linked(identity('a')));
  });

  it('is not checked for those that stay unmentioned or are taken off', () => {
    const azure = simulatedAzure({
      web: { identity: { userAssigned: ['a', 'c'] }, operationMs: 0 },
      principal: { denials },
    });

    expect(azure.patchIdentity(attach('b')).status).toBe(200);
    const detach = { type: 'UserAssigned', userAssignedIdentities: { [lowerGroupIdentity('a')]: null } };
    expect(azure.patchIdentity(detach).status).toBe(200);
  });
});

describe('attaching identities of another tenant', () => {
  it('is refused for the subscription as a whole', () => {
    const foreign = identity('a').replace(subscriptionId, otherSubscriptionId);

    const reply = simulatedAzure().patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [foreign]: {} } });

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(
      armError(
        'LinkedAuthorizationFailed',
        `The client has permission to perform action '${assign}' on scope '${webPath}', however the current tenant '${tenantId}' is not authorized to access linked subscription '${otherSubscriptionId}'.`,
      ),
    );
  });
});
