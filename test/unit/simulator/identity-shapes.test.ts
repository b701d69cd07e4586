import { describe, expect, it } from 'vitest';

import { armError, identity, lowerGroupIdentity, simulatedAzure, webPath } from './azure.ts';

const arrays = ['2017-12-01', '2018-04-01'];
const atOnce = { settings: { operationMs: 0 } };
const location = 'westeurope';

describe.each(arrays)('the array of %s', (version) => {
  it('shows what was written as a dictionary', () => {
    const azure = simulatedAzure(atOnce);
    const userAssignedIdentities = { [identity('a')]: {}, [identity('b')]: {} };
    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities }, { version: '2018-06-01' });

    expect(azure.get(webPath, { version }).body.identity).toEqual({
      type: 'UserAssigned',
      identityIds: [identity('a'), identity('b')],
    });
  });

  it('is shown as a dictionary from 2018-06-01 on', () => {
    const azure = simulatedAzure(atOnce);
    azure.patchIdentity({ type: 'UserAssigned', identityIds: [identity('a')] }, { version });
    const { principalId, clientId } = azure.control.identity(identity('a'));

    expect(azure.get(webPath, { version: '2018-06-01' }).body.identity).toEqual({
      type: 'UserAssigned',
      userAssignedIdentities: { [identity('a')]: { principalId, clientId } },
    });
  });

  it('shows a system-assigned identity alone without a list', () => {
    const azure = simulatedAzure(atOnce);
    azure.patchIdentity({ type: 'SystemAssigned' }, { version });

    const shown = azure.get(webPath, { version }).body.identity;
    expect(Object.keys(shown)).toEqual(['type', 'principalId', 'tenantId']);
  });

  it.each([
    ['in one spelling', identity('a')],
    ['in two casings', identity('a').toUpperCase()],
  ])('refuses one id twice, %s', (_how, again) => {
    const reply = simulatedAzure().patchIdentity(
      { type: 'UserAssigned', identityIds: [identity('a'), again] },
      { version },
    );

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidParameter',
        `ResourceIdentity identityId '${again}' cannot be duplicated in the provided identityIds list.`,
        'resourceIdentity.identityIds',
      ),
    );
  });

  it('needs a type', () => {
    const reply = simulatedAzure().patchIdentity({ identityIds: [identity('a')] }, { version });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidRequestContent');
    expect(reply.body.error.message).toContain("Required property 'type' not found in JSON. Path 'identity'");
  });

  it('does not belong to the type None, even when it is empty', () => {
    const reply = simulatedAzure().patchIdentity({ type: 'None', identityIds: [] }, { version });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidParameter');
  });

  it('takes no more than 150', () => {
    const names = Array.from({ length: 151 }, (_, index) => `id-${String(index)}`);
    const azure = simulatedAzure({ identities: names });

    const reply = azure.patchIdentity({ type: 'UserAssigned', identityIds: names.map(identity) }, { version });

    expect(reply.body.error.message).toContain("User Assigned Identities Number '151' Assign exceed limit '150'");
  });

  it('keeps the ids of those that stay', () => {
    const azure = simulatedAzure({ ...atOnce, web: { identity: { userAssigned: ['a'] } } });
    const before = azure.control.scaleSet(webPath).userAssigned[0];

    azure.patchIdentity({ type: 'UserAssigned', identityIds: [identity('b'), identity('a')] }, { version });

    expect(azure.control.scaleSet(webPath).userAssigned).toContainEqual(before);
  });
});

describe('a dictionary', () => {
  it('refuses one id twice in two casings, even when one of them is null', () => {
    const userAssignedIdentities = { [identity('a')]: {}, [identity('a').toUpperCase()]: null };

    const reply = simulatedAzure().patchIdentity({ type: 'UserAssigned', userAssignedIdentities });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidParameter');
  });

  it.each(['SystemAssigned', 'None'])('does not belong to the type %s in a PUT either', (type) => {
    const reply = simulatedAzure().put(webPath, { location, identity: { type, userAssignedIdentities: {} } });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidParameter');
  });
});

describe('null in a PUT', () => {
  const web = { identity: { userAssigned: ['a', 'b'] } };
  const withNull = {
    location,
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: null, [identity('b')]: {} } },
  };

  it('takes the identity off', () => {
    const azure = simulatedAzure({ web });

    expect(azure.put(webPath, withNull).status).toBe(200);
    expect(azure.control.scaleSet(webPath).userAssigned).toMatchObject([{ id: lowerGroupIdentity('b') }]);
  });

  it('is refused, when told to, in the words of other providers', () => {
    const azure = simulatedAzure({ web, settings: { nullInPut: 'Refused' } });

    const reply = azure.put(webPath, withNull);

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidIdentityValues',
        `Invalid value for the identities '${identity('a')}'. The 'UserAssignedIdentities' property keys should only be empty null during PATCH requests.`,
      ),
    );
  });

  it('says nothing about null in a PATCH', () => {
    const azure = simulatedAzure({ web, settings: { nullInPut: 'Refused' } });

    expect(azure.patchIdentity(withNull.identity).status).toBe(200);
  });

  it('beside properties on a Flexible scale set can be refused by a fault', () => {
    const azure = simulatedAzure({ web: { ...web, orchestrationMode: 'Flexible' } });
    azure.control.addFault({
      match: { method: 'PATCH', body: 'null.*"properties"' },
      effect: { kind: 'status', status: 400, code: 'BadRequest', message: 'Unknown.' },
      count: null,
    });

    expect(azure.patch(webPath, { identity: withNull.identity, properties: {} }).status).toBe(400);
    expect(azure.patch(webPath, { identity: withNull.identity }).status).toBe(200);
  });
});

describe('turning system-assigned off and on', () => {
  it.each([
    ['None', 'SystemAssigned'],
    ['UserAssigned', 'SystemAssigned, UserAssigned'],
  ])('by %s and %s gives another principal, and no other while it stays on', (off, on) => {
    const azure = simulatedAzure({ ...atOnce, web: { identity: { systemAssigned: true, userAssigned: ['a'] } } });
    const principal = () => azure.get(webPath).body.identity.principalId;
    const before = principal();

    azure.patchIdentity({ type: off });
    expect(principalIdOf(azure.get(webPath).body.identity)).toBeUndefined();
    azure.patchIdentity(
      on === 'SystemAssigned' ? { type: on } : { type: on, userAssignedIdentities: { [identity('a')]: {} } },
    );
    const after = principal();
    azure.patchIdentity({ type: 'SystemAssigned' });

    expect(after).not.toBe(before);
    expect(principal()).toBe(after);
  });
});

function principalIdOf(shown: { readonly principalId?: string } | undefined): string | undefined {
  return shown?.principalId;
}

describe('several identities that do not exist', () => {
  const attach = (...names: readonly string[]) => ({
    type: 'UserAssigned',
    userAssignedIdentities: Object.fromEntries(names.map((name) => [identity(name), {}])),
  });

  it('come to light one after the other, where the identity service refuses them', () => {
    const azure = simulatedAzure({ settings: { missingIdentity: 'FailedIdentityOperation' } });
    const named = (...names: readonly string[]) => {
      const { message } = azure.patchIdentity(attach(...names)).body.error;
      return ['x', 'y', 'z'].filter((name) => message.includes(`'${identity(name)}' was not found`));
    };

    expect([named('x', 'a', 'y', 'z'), named('a', 'y', 'z'), named('a', 'z')]).toEqual([['x'], ['y'], ['z']]);
  });

  it('come to light all at once, where ARM refuses them', () => {
    const { message } = simulatedAzure().patchIdentity(attach('x', 'a', 'y', 'z')).body.error;

    expect(message).toContain(`linked scope(s) '${['x', 'y', 'z'].map(identity).join(',')}' or`);
  });
});
