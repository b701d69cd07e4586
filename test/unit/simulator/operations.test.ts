import { describe, expect, it } from 'vitest';

import { armError, clientId, identity, lowerGroupIdentity, simulatedAzure, webPath } from './azure.ts';

const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const attachB = { type: 'UserAssigned', userAssignedIdentities: { [identity('b')]: {} } };
const link = 'azure-asyncoperation';

describe('a write to a scale set', () => {
  it('is answered with the target model, Updating, and a link to its operation', () => {
    const azure = simulatedAzure();

    const reply = azure.patchIdentity(attachA);

    expect(reply.status).toBe(200);
    expect(reply.headers['etag']).toBe('"2"');
    expect(reply.headers).not.toHaveProperty('location');
    expect(reply.body.properties['provisioningState']).toBe('Updating');
    expect(reply.body.identity).toEqual({ type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } });
  });

  it('shows the ids of a new identity only when it is done', () => {
    const azure = simulatedAzure();
    azure.patchIdentity(attachA);

    azure.wait(4_999);
    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('a')]).toEqual({});
    azure.wait(1);

    const { principalId, clientId: id } = azure.control.identity(identity('a'));
    const { body } = azure.get(webPath);
    expect(body.properties['provisioningState']).toBe('Succeeded');
    expect(body.identity.userAssignedIdentities[identity('a')]).toEqual({ principalId, clientId: id });
    expect(body).toHaveProperty('etag', '"2"');
  });

  it('has a signed link of about 3 kB on the host that was asked', () => {
    const url = new URL(simulatedAzure().patchIdentity(attachA).headers[link]!);

    expect(url.origin).toBe('https://azure.test');
    expect(url.pathname).toMatch(
      /^\/subscriptions\/[-\da-f]{36}\/providers\/Microsoft\.Compute\/locations\/westeurope\/operations\/[-\da-f]{36}$/,
    );
    expect([...url.searchParams.keys()]).toEqual(['p', 'api-version', 't', 'c', 's', 'h']);
    expect(url.href.length).toBeGreaterThan(3_000);
  });

  it('runs InProgress and then Succeeded behind its link', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;
    const name = new URL(poll).pathname.split('/').at(-1);

    expect(azure.get(poll).body).toEqual({
      startTime: '2026-05-07T07:32:41.0000000+00:00',
      status: 'InProgress',
      name,
    });
    azure.wait(9_000);
    expect(azure.get(poll).body).toEqual({
      startTime: '2026-05-07T07:32:41.0000000+00:00',
      endTime: '2026-05-07T07:32:46.0000000+00:00',
      status: 'Succeeded',
      name,
    });
  });

  it('is done at once, with no operation, when writes take no time', () => {
    const reply = simulatedAzure({ settings: { operationMs: 0 } }).patchIdentity(attachA);

    expect(reply.headers).not.toHaveProperty(link);
    expect(reply.body.properties['provisioningState']).toBe('Succeeded');
    expect(reply.body.identity.userAssignedIdentities[identity('a')]).toHaveProperty('clientId');
  });

  it('may take longer on one scale set than on others', () => {
    const azure = simulatedAzure({ web: { operationMs: 60_000 }, scaleSets: [{ name: 'api' }] });
    const apiPath = webPath.replace(/web$/, 'api');
    azure.patchIdentity(attachA);
    azure.patch(apiPath, { identity: attachA });

    azure.wait(5_000);

    expect(azure.get(apiPath).body.properties['provisioningState']).toBe('Succeeded');
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Updating');
  });

  it('shows what an identity was when the operation ended, however late it is looked at', () => {
    const azure = simulatedAzure();
    azure.patchIdentity(attachA);
    const { clientId: old } = azure.control.identity(identity('a'));

    azure.wait(6_000);
    azure.control.recreateIdentity(identity('a'));
    azure.wait(6_000);

    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('a')]).toHaveProperty('clientId', old);
  });
});

describe('the link of an operation', () => {
  it('answers 404 when its signature was cut off', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;

    const reply = azure.get(poll.replace(/&h=.*/, ''));

    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(armError('NotFound', 'The entity was not found in this Azure location.'));
  });

  it('wants a token', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;

    expect(azure.get(poll, { token: '' }).status).toBe(401);
  });
});

describe('an operation that fails', () => {
  const failure = { kind: 'Fail', code: 'FailedIdentityOperation', message: 'Retry after 20 seconds' } as const;

  it('leaves the target in the model, without ids, and the scale set Failed', () => {
    const azure = simulatedAzure();
    azure.control.planOutcome(failure);
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.wait(5_000);

    expect(azure.get(poll).body).toMatchObject({
      status: 'Failed',
      error: { code: 'FailedIdentityOperation', message: 'Retry after 20 seconds' },
    });
    const { body } = azure.get(webPath);
    expect(body.properties['provisioningState']).toBe('Failed');
    expect(body.identity.userAssignedIdentities).toEqual({ [identity('a')]: {} });
  });

  it('may be canceled instead, and leaves the target in the model all the same', () => {
    const azure = simulatedAzure();
    azure.control.planOutcome({ ...failure, code: 'OperationPreempted', status: 'Canceled' });
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.wait(5_000);

    expect(azure.get(poll).body.status).toBe('Canceled');
    expect(azure.get(webPath).body.identity.userAssignedIdentities).toEqual({ [identity('a')]: {} });
  });

  it('leaves what it was to detach detached', () => {
    const azure = simulatedAzure({ web: { identity: { systemAssigned: true, userAssigned: ['a', 'b'] } } });
    azure.control.planOutcome(failure);
    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: null } });

    azure.wait(5_000);

    const { identity: shown, properties } = azure.get(webPath).body;
    expect(properties['provisioningState']).toBe('Failed');
    expect(shown.type).toBe('UserAssigned');
    expect(Object.keys(shown.userAssignedIdentities)).toEqual([lowerGroupIdentity('b')]);
  });

  it('is mended by naming the identity again, and by nothing less', () => {
    const azure = simulatedAzure({ web: { operationMs: 1_000 } });
    azure.control.planOutcome(failure);
    azure.patchIdentity(attachA);
    azure.wait(1_000);

    azure.patchIdentity(attachB);
    azure.wait(1_000);
    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('a')]).toEqual({});

    azure.patchIdentity(attachA);
    azure.wait(1_000);
    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('a')]).toHaveProperty('clientId');
  });

  it('fails on one scale set only, when it is planned for that one', () => {
    const azure = simulatedAzure({ scaleSets: [{ name: 'api' }] });
    const apiPath = webPath.replace(/web$/, 'api');
    azure.control.planOutcome(failure, { scaleSetId: apiPath.toUpperCase() });

    azure.patchIdentity(attachA);
    azure.patch(apiPath, { identity: attachA });
    azure.wait(5_000);

    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Succeeded');
    expect(azure.control.scaleSet(apiPath).provisioningState).toBe('Failed');
  });

  it('fails as often as it is planned', () => {
    const azure = simulatedAzure({ web: { operationMs: 1_000 } });
    azure.control.planOutcome(failure, { count: 2 });
    const outcomes = [1, 2, 3].map(() => {
      azure.patchIdentity(attachA);
      azure.wait(1_000);
      return azure.control.scaleSet(webPath).provisioningState;
    });

    expect(outcomes).toEqual(['Failed', 'Failed', 'Succeeded']);
  });
});

describe('an operation that is stuck', () => {
  it('stays InProgress until it is ended by hand', () => {
    const azure = simulatedAzure();
    azure.control.planOutcome({ kind: 'Stuck' });
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.wait(24 * 60 * 60 * 1_000 - 1);
    expect(azure.get(poll).body.status).toBe('InProgress');
    expect(azure.patchIdentity(attachB).status).toBe(409);

    azure.control.finishOperations(webPath);
    expect(azure.get(poll).body.status).toBe('Succeeded');
    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Succeeded');
  });
});

describe('concurrent writes', () => {
  const conflict = armError(
    'Conflict',
    'The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog to get more details on the conflicting requests.',
  );

  it('conflict while an operation runs', () => {
    const azure = simulatedAzure();
    azure.patchIdentity(attachA);

    const reply = azure.patchIdentity(attachB);

    expect(reply.status).toBe(409);
    expect(reply.body).toEqual(conflict);
    expect(azure.control.scaleSet(webPath).userAssigned).toHaveLength(1);
  });

  it('conflict while someone else updates', () => {
    const azure = simulatedAzure();
    azure.control.drift(webPath, { kind: 'ProvisioningState', state: 'Updating' });

    expect(azure.patchIdentity(attachA).body).toEqual(conflict);
  });

  it('are preempted by a deletion', () => {
    const azure = simulatedAzure();
    const poll = azure.patchIdentity(attachA).headers[link]!;

    azure.del(webPath);

    expect(azure.get(poll).body).toMatchObject({
      status: 'Canceled',
      error: {
        code: 'OperationPreempted',
        message: 'Operation execution has been preempted by a more recent operation.',
      },
    });
  });
});

describe('If-Match', () => {
  const ifMatch = (etag: string) => ({ headers: { 'if-match': etag } });

  it('lets a write through whose etag is that of the resource, or *', () => {
    const azure = simulatedAzure({ settings: { operationMs: 0 } });

    expect(azure.patchIdentity(attachA, ifMatch('"1"')).status).toBe(200);
    expect(azure.patchIdentity(attachB, ifMatch('*')).headers['etag']).toBe('"3"');
  });

  it('stops one whose etag is old', () => {
    const azure = simulatedAzure();
    azure.control.drift(webPath, { kind: 'Scale', capacity: 9 });
    azure.control.drift(webPath, { kind: 'Scale', capacity: 8 });

    const reply = azure.patchIdentity(attachA, ifMatch('"2"'));

    expect(reply.status).toBe(412);
    expect(reply.body).toEqual(
      armError('PreconditionFailed', 'Etag provided in if-match header "2" does not match etag "3" of resource.'),
    );
    expect(azure.control.scaleSet(webPath).etag).toBe(3);
  });

  it('is ignored before 2023-09-01', () => {
    const reply = simulatedAzure().patchIdentity(attachA, { ...ifMatch('"7"'), version: '2023-07-01' });

    expect(reply.status).toBe(200);
  });

  it('has a counterpart, If-None-Match, that keeps a PUT from replacing what is there', () => {
    const headers = { 'if-none-match': '*' };
    const reply = simulatedAzure().put(webPath, { location: 'westeurope' }, { headers });

    expect(reply.status).toBe(412);
    expect(reply.body.error.code).toBe('PreconditionFailed');
  });

  it('is told by the log', () => {
    const azure = simulatedAzure();

    azure.patchIdentity(attachA, ifMatch('"1"'));

    expect(azure.control.requests().at(-1)).toMatchObject({ method: 'PATCH', ifMatch: '"1"', principal: clientId });
  });
});

describe('two runs with the same seed', () => {
  it('give the same answers, and a copied state goes on alike', () => {
    const one = simulatedAzure();
    const other = simulatedAzure();

    expect(one.patchIdentity({ type: 'SystemAssigned' })).toEqual(other.patchIdentity({ type: 'SystemAssigned' }));
    expect(structuredClone(one.state)).toEqual(other.state);
    expect(lowerGroupIdentity('a')).toBe(other.control.identity(identity('a')).id);
  });
});
