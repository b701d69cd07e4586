import { describe, expect, it } from 'vitest';

import { identity, simulatedAzure, webPath } from './azure.ts';

const attach = (name: string) => ({ type: 'UserAssigned', userAssignedIdentities: { [identity(name)]: {} } });
const link = 'azure-asyncoperation';
const preempt = { concurrentWrites: 'Preempt' } as const;
const error = {
  code: 'OperationPreempted',
  message: 'Operation execution has been preempted by a more recent operation.',
};

describe('a write while an operation runs, where newer writes preempt', () => {
  it('is accepted, and ends the older operation as Canceled with OperationPreempted', () => {
    const azure = simulatedAzure({ settings: preempt });
    const older = azure.patchIdentity(attach('a')).headers[link]!;

    const reply = azure.patchIdentity(attach('b'));

    expect(reply.status).toBe(200);
    expect(reply.headers['etag']).toBe('"3"');
    expect(azure.get(older).body).toMatchObject({ status: 'Canceled', error });
    expect(azure.get(reply.headers[link]!).body.status).toBe('InProgress');
  });

  it('may end the older operation as Failed instead', () => {
    const azure = simulatedAzure({ settings: { ...preempt, preemptedStatus: 'Failed' } });
    const older = azure.patchIdentity(attach('a')).headers[link]!;

    azure.patchIdentity(attach('b'));

    expect(azure.get(older).body).toMatchObject({ status: 'Failed', error });
  });

  it('answers the location of the older one with 409', () => {
    const azure = simulatedAzure({ settings: { ...preempt, writeReply: 'AcceptedLocation' } });
    const older = azure.patchIdentity(attach('a')).headers['location']!;

    azure.patchIdentity(attach('b'));

    expect(azure.get(older)).toMatchObject({ status: 409, body: { error } });
  });

  it('keeps the scale set Updating until the newer operation is done', () => {
    const azure = simulatedAzure({ settings: preempt });
    azure.patchIdentity(attach('a'));
    azure.wait(3_000);
    azure.patchIdentity(attach('b'));

    azure.wait(4_999);
    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Updating');
    azure.wait(1);

    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Succeeded');
  });

  it('sees through what the older one had begun', () => {
    const azure = simulatedAzure({ settings: preempt });
    azure.patchIdentity(attach('a'));
    azure.patchIdentity(attach('b'));

    azure.wait(5_000);

    const shown = azure.get(webPath).body.identity.userAssignedIdentities;
    expect(shown[identity('a')]).toHaveProperty('clientId');
    expect(shown[identity('b')]).toHaveProperty('clientId');
  });

  it('leaves both undone when it fails itself', () => {
    const azure = simulatedAzure({ settings: preempt });
    azure.patchIdentity(attach('a'));
    azure.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'An internal error.' });
    azure.patchIdentity(attach('b'));

    azure.wait(5_000);

    expect(azure.get(webPath).body.identity.userAssignedIdentities).toEqual({
      [identity('a')]: {},
      [identity('b')]: {},
    });
  });

  it('preempts a stuck operation too', () => {
    const azure = simulatedAzure({ settings: preempt });
    azure.control.planOutcome({ kind: 'Stuck' });
    azure.patchIdentity(attach('a'));

    azure.patchIdentity(attach('b'));
    azure.wait(5_000);

    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Succeeded');
  });

  it('preempts nothing when it is refused', () => {
    const azure = simulatedAzure({ settings: preempt });
    const older = azure.patchIdentity(attach('a')).headers[link]!;

    expect(azure.patchIdentity(attach('none')).status).toBe(403);
    expect(azure.patchIdentity(attach('b'), { headers: { 'if-match': '"1"' } }).status).toBe(412);

    expect(azure.get(older).body.status).toBe('InProgress');
  });

  it('is still 409 OperationNotAllowed once the scale set is marked for deletion', () => {
    const azure = simulatedAzure({ settings: preempt });
    azure.del(webPath);

    const reply = azure.patchIdentity(attach('a'));

    expect(reply.status).toBe(409);
    expect(reply.body.error.code).toBe('OperationNotAllowed');
  });
});
