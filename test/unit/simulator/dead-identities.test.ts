import { describe, expect, it } from 'vitest';

import type { Settings } from '../../../dev/simulator/settings.ts';
import { armError, clientId, identity, lowerGroupIdentity, objectId, simulatedAzure, webPath } from './azure.ts';

const both = { identity: { systemAssigned: true, userAssigned: ['a', 'b'] }, operationMs: 0 };
const attach = (...names: readonly string[]) => ({
  type: 'SystemAssigned, UserAssigned',
  userAssignedIdentities: Object.fromEntries(names.map((name) => [identity(name), {}])),
});
const notFound = (id: string): unknown =>
  armError(
    'FailedIdentityOperation',
    `Identity operation for resource '${webPath}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${id}' was not found."}}'.'.`,
  );
const linked = (...ids: readonly string[]): unknown =>
  armError(
    'LinkedAuthorizationFailed',
    `The client '${clientId}' with object id '${objectId}' has permission to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${webPath}'; however, it does not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '${ids.join(',')}' or the linked scope(s) are invalid.`,
  );

/** `web` has `a`, which is dead, and `b`. */
function withDeadA(deadIdentityBlocksWrites: Settings['deadIdentityBlocksWrites'], settings: Partial<Settings> = {}) {
  const azure = simulatedAzure({ web: both, settings: { deadIdentityBlocksWrites, ...settings } });
  azure.control.deleteIdentity(identity('a'));
  return azure;
}

describe('a dead identity', () => {
  it('blocks nothing by default', () => {
    expect(withDeadA('Never').patchIdentity(attach('c')).status).toBe(200);
  });

  it('may be shown without any ids', () => {
    const azure = withDeadA('Never', { deletedIdentity: 'AbsentIds' });

    expect(azure.get(webPath).body.identity.userAssignedIdentities[lowerGroupIdentity('a')]).toEqual({});
  });

  it.each(['NullIds', 'AbsentIds'] as const)('may be echoed as it is shown: %s', (deletedIdentity) => {
    const azure = withDeadA('Never', { deletedIdentity });
    azure.control.createIdentity(identity('a'));

    expect(azure.patchIdentity(azure.get(webPath).body.identity).status).toBe(200);
  });

  it('stays dead when it is recreated and named again in an array', () => {
    const azure = withDeadA('Never', { deletedIdentity: 'NullIds' });
    azure.control.createIdentity(identity('a'));
    const identityIds = [identity('a'), identity('b')];

    azure.patchIdentity({ type: 'UserAssigned', identityIds }, { version: '2017-12-01' });

    expect(azure.control.scaleSet(webPath).userAssigned.map(({ orphaned }) => orphaned)).toEqual([true, false]);
  });

  it('is mended by one array without it and one with it', () => {
    const azure = withDeadA('Never');
    const recreated = azure.control.createIdentity(identity('a'));
    const write = (...identityIds: readonly string[]) =>
      azure.patchIdentity({ type: 'UserAssigned', identityIds }, { version: '2018-04-01' });

    write(identity('b'));
    write(identity('a'), identity('b'));

    expect(azure.control.scaleSet(webPath).userAssigned).toMatchObject([
      { clientId: recreated.clientId, orphaned: false },
      { orphaned: false },
    ]);
  });
});

describe('a dead identity that blocks writes by FailedIdentityOperation', () => {
  it('is named by the refusal of a write that does not name it', () => {
    const azure = withDeadA('FailedIdentityOperation');

    const reply = azure.patchIdentity(attach('c'));

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(notFound(lowerGroupIdentity('a')));
    expect(azure.control.scaleSet(webPath)).toMatchObject({ etag: 1 });
  });

  it('blocks when it was recreated under the same name too', () => {
    const azure = withDeadA('FailedIdentityOperation');
    azure.control.createIdentity(identity('a'));

    expect(azure.patchIdentity(attach('c')).body).toEqual(notFound(lowerGroupIdentity('a')));
    expect(azure.patchIdentity(attach('a')).body).toEqual(notFound(lowerGroupIdentity('a')));
  });

  it('blocks what only detaches another', () => {
    const azure = withDeadA('FailedIdentityOperation');
    const userAssignedIdentities = { [identity('b')]: null };

    const reply = azure.patchIdentity({ type: 'SystemAssigned, UserAssigned', userAssignedIdentities });

    expect(reply.body).toEqual(notFound(lowerGroupIdentity('a')));
  });

  it('blocks an array that keeps it', () => {
    const azure = withDeadA('FailedIdentityOperation');
    azure.control.createIdentity(identity('a'));

    const identityIds = [identity('a'), identity('c')];
    const reply = azure.patchIdentity({ type: 'UserAssigned', identityIds }, { version: '2017-12-01' });

    expect(reply.body).toEqual(notFound(lowerGroupIdentity('a')));
  });

  it.each([
    ['a null', { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: null, [identity('c')]: {} } }],
    ['the type SystemAssigned', { type: 'SystemAssigned' }],
    ['the type None', { type: 'None' }],
  ])('lets a write through that takes it off by %s', (_way, change) => {
    expect(withDeadA('FailedIdentityOperation').patchIdentity(change).status).toBe(200);
  });

  it('lets an array through that leaves it out', () => {
    const azure = withDeadA('FailedIdentityOperation');

    const reply = azure.patchIdentity(
      { type: 'UserAssigned', identityIds: [identity('c')] },
      { version: '2017-12-01' },
    );

    expect(reply.status).toBe(200);
  });

  it('lets a PUT through whose dictionary leaves it out', () => {
    const azure = withDeadA('FailedIdentityOperation');

    expect(azure.put(webPath, { location: 'westeurope', identity: attach('c') }).status).toBe(200);
  });

  it('lets writes through that leave the identities alone', () => {
    expect(withDeadA('FailedIdentityOperation').patch(webPath, { sku: { capacity: 9 } }).status).toBe(200);
  });

  it('is named one at a time, where there are several', () => {
    const azure = withDeadA('FailedIdentityOperation');
    azure.control.deleteIdentity(identity('b'));

    expect(azure.patchIdentity(attach('c')).body).toEqual(notFound(lowerGroupIdentity('a')));
    const withoutA = { ...attach('c').userAssignedIdentities, [identity('a')]: null };
    const reply = azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: withoutA });

    expect(reply.body).toEqual(notFound(lowerGroupIdentity('b')));
  });
});

describe('a dead identity that blocks writes by LinkedAuthorizationFailed', () => {
  it('is listed with all others that are dead', () => {
    const azure = withDeadA('LinkedAuthorizationFailed');
    azure.control.deleteIdentity(identity('b'));

    const reply = azure.patchIdentity(attach('c'));

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(linked(lowerGroupIdentity('a'), lowerGroupIdentity('b')));
  });

  it('is listed with those of the request that are refused, and once', () => {
    const azure = withDeadA('LinkedAuthorizationFailed');

    const reply = azure.patchIdentity(attach('a', 'none'));

    expect(reply.body).toEqual(linked(identity('a'), identity('none')));
  });

  it('lets a write through that takes it off', () => {
    const azure = withDeadA('LinkedAuthorizationFailed');
    const userAssignedIdentities = { [identity('a')]: null, [identity('c')]: {} };

    expect(azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities }).status).toBe(200);
  });
});
