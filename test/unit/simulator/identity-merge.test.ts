import { describe, expect, it } from 'vitest';

import { armError, identity, lowerGroupIdentity, type SimulatedAzure, simulatedAzure, webPath } from './azure.ts';

const both = { systemAssigned: true, userAssigned: ['a', 'b'] };
const asSeeded = lowerGroupIdentity;

/** Names, in the order of the dictionary. */
function assigned(azure: SimulatedAzure): readonly string[] {
  return azure.control.scaleSet(webPath).userAssigned.map(({ id }) => id.split('/').at(-1)!);
}

function type(azure: SimulatedAzure): string {
  return azure.get(webPath).body.identity.type;
}

describe('a PATCH with a dictionary (2018-06-01 and later)', () => {
  it('merges: what it does not mention stays', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.patchIdentity({ type: 'SystemAssigned, UserAssigned', userAssignedIdentities: { [identity('c')]: {} } });

    expect(assigned(azure)).toEqual(['a', 'b', 'c']);
  });

  it('takes off what is null, in any casing', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    const userAssignedIdentities = { [identity('a').toUpperCase()]: null };
    azure.patchIdentity({ type: 'SystemAssigned,UserAssigned', userAssignedIdentities });

    expect(assigned(azure)).toEqual(['b']);
    expect(type(azure)).toBe('SystemAssigned, UserAssigned');
  });

  it.each([
    ['SystemAssigned,UserAssigned', 'SystemAssigned, UserAssigned'],
    ['userassigned ,  systemassigned', 'SystemAssigned, UserAssigned'],
    ['userAssigned', 'UserAssigned'],
  ])('takes the type %s for %s', (sent, shown) => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.patchIdentity({ type: sent });

    expect(type(azure)).toBe(shown);
  });

  it('with the type SystemAssigned drops every user-assigned identity and keeps the principal', () => {
    const azure = simulatedAzure({ web: { identity: both } });
    const before = azure.control.scaleSet(webPath).systemAssigned;

    azure.patchIdentity({ type: 'SystemAssigned' });

    expect(assigned(azure)).toEqual([]);
    expect(azure.control.scaleSet(webPath).systemAssigned).toEqual(before);
    expect(azure.get(webPath).body.identity).not.toHaveProperty('userAssignedIdentities');
  });

  it('with the type None drops everything', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.patchIdentity({ type: 'None' });

    expect(azure.get(webPath).body).not.toHaveProperty('identity');
  });

  it('with the type UserAssigned and no dictionary turns system-assigned off and keeps the rest', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.patchIdentity({ type: 'UserAssigned' });

    expect(assigned(azure)).toEqual(['a', 'b']);
    expect(azure.get(webPath).body.identity).not.toHaveProperty('principalId');
  });

  it('gives another system-assigned principal each time it is turned on', () => {
    const azure = simulatedAzure({ web: { identity: both, operationMs: 0 } });
    const before = azure.control.scaleSet(webPath).systemAssigned?.principalId;

    azure.patchIdentity({ type: 'UserAssigned' });
    azure.patchIdentity({ type: 'SystemAssigned, UserAssigned' });

    expect(azure.control.scaleSet(webPath).systemAssigned?.principalId).not.toBe(before);
  });

  it('keeps the spelling of a key that was there, and takes that of a new one as it is sent', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a'] }, operationMs: 0 } });
    const odd = identity('b').replace('shop', 'SHOP');

    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {}, [odd]: {} } });

    const keys = Object.keys(azure.get(webPath).body.identity.userAssignedIdentities);
    expect(keys).toEqual([asSeeded('a'), odd]);
  });

  it('with identity null leaves it alone', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.patch(webPath, { identity: null });

    expect(type(azure)).toBe('SystemAssigned, UserAssigned');
  });

  it('refuses to end with the type UserAssigned and none', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a'] } } });

    const reply = azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: null } });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'FailedIdentityOperation',
        `Identity operation for resource '${webPath}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"The identity ids must not be null or empty for 'UserAssigned' identity type."}}'.'.`,
      ),
    );
    expect(assigned(azure)).toEqual(['a']);
  });

  it('accepts null for one that is not assigned', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    const userAssignedIdentities = { [identity('c')]: null };
    const reply = azure.patchIdentity({ type: 'SystemAssigned, UserAssigned', userAssignedIdentities });

    expect(reply.status).toBe(200);
  });

  it('refuses null for one that is not assigned, when told to', () => {
    const azure = simulatedAzure({ web: { identity: both }, settings: { nullForUnassigned: 'Refused' } });

    const userAssignedIdentities = { [identity('c')]: null };
    const reply = azure.patchIdentity({ type: 'SystemAssigned, UserAssigned', userAssignedIdentities });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('FailedIdentityOperation');
    expect(reply.body.error.message).toContain(`The identity '${identity('c')}' is not assigned to the resource.`);
  });
});

describe('an array (2017-12-01 and 2018-04-01)', () => {
  const version = '2017-12-01';

  it('is shown as identityIds', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    expect(azure.get(webPath, { version }).body.identity).toEqual({
      type: 'SystemAssigned, UserAssigned',
      principalId: azure.control.scaleSet(webPath).systemAssigned?.principalId,
      tenantId: '22222222-2222-4222-8222-222222222222',
      identityIds: [asSeeded('a'), asSeeded('b')],
    });
  });

  it('is the whole list', () => {
    const azure = simulatedAzure({ web: { identity: both } });
    const identityIds = [identity('b'), identity('c')];

    azure.patchIdentity({ type: 'SystemAssigned, UserAssigned', identityIds }, { version: '2018-04-01' });

    expect(assigned(azure)).toEqual(['b', 'c']);
  });

  it('does not belong to the type SystemAssigned', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    const reply = azure.patchIdentity({ type: 'SystemAssigned', identityIds: [identity('a')] }, { version });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidParameter',
        'ResourceIdentity identityIds should not be provided if the type is "SystemAssigned".',
        'resourceIdentity.identityIds',
      ),
    );
  });

  it('takes no dictionary', () => {
    const reply = simulatedAzure().patchIdentity(
      { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } },
      { version },
    );

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidRequestContent');
  });

  it('is deprecated where there is a dictionary', () => {
    const reply = simulatedAzure().patchIdentity({ type: 'UserAssigned', identityIds: [identity('a')] });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidParameter',
        'ResourceIdentity property identityIds is deprecated. The userAssignedIdentities property should be used instead.',
        'resourceIdentity.identityIds',
      ),
    );
  });
});

describe('2017-03-30', () => {
  it('knows the system-assigned identity only', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    const { body } = azure.get(webPath, { version: '2017-03-30' });

    expect(Object.keys(body.identity)).toEqual(['type', 'principalId', 'tenantId']);
    expect(azure.get(webPath, { version: '2016-03-30' }).body).not.toHaveProperty('identity');
  });
});

describe('the identity part of a body is refused', () => {
  it('without a type', () => {
    const reply = simulatedAzure().patch(webPath, '{"identity":{"userAssignedIdentities":{}}}');

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidRequestContent',
        "The request content was invalid and could not be deserialized: 'Required property 'type' not found in JSON. Path 'identity', line 1, position 41.'.",
      ),
    );
  });

  it.each([
    ['an identity that is no object', { identity: 'SystemAssigned' }, '2026-04-01', 'InvalidRequestContent'],
    [
      'identityIds that is no list',
      { identity: { type: 'UserAssigned', identityIds: 'a' } },
      '2017-12-01',
      'InvalidRequestContent',
    ],
    [
      'an id that is no text',
      { identity: { type: 'UserAssigned', identityIds: [1] } },
      '2017-12-01',
      'LinkedInvalidPropertyId',
    ],
    [
      'a value that is no object',
      { identity: { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: 'x' } } },
      '2026-04-01',
      'InvalidIdentityValues',
    ],
  ])('with %s', (_name, body, version, code) => {
    const reply = simulatedAzure().patch(webPath, body, { version });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe(code);
  });

  it('with a type that there is not', () => {
    const reply = simulatedAzure().patchIdentity({ type: 'None, UserAssigned' });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidRequestContent');
  });

  it.each(['SystemAssigned', 'None'])('with a dictionary, even an empty one, and the type %s', (sent) => {
    const reply = simulatedAzure().patchIdentity({ type: sent, userAssignedIdentities: {} });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidParameter',
        `ResourceIdentity userAssignedIdentities should not be provided if the type is "${sent}".`,
        'resourceIdentity.userAssignedIdentities',
      ),
    );
  });

  it('with one id twice, in two casings', () => {
    const twice = identity('a').toLowerCase();
    const reply = simulatedAzure().patchIdentity({
      type: 'UserAssigned',
      userAssignedIdentities: { [identity('a')]: {}, [twice]: {} },
    });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidParameter',
        `ResourceIdentity identityId '${twice}' cannot be duplicated in the provided identityIds list.`,
        'resourceIdentity.identityIds',
      ),
    );
  });

  it('with values that are not those that stand there', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a'] } } });

    const userAssignedIdentities = { [identity('a')]: { principalId: 'stale', clientId: 'stale' } };
    const reply = azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidIdentityValues',
        `Invalid value for the identities '${identity('a')}'. The 'UserAssignedIdentities' property keys should only be empty json objects, null or the resource existing property.`,
      ),
    );
  });

  it('but not with the very values that stand there', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a'] } } });

    expect(azure.patchIdentity(azure.get(webPath).body.identity).status).toBe(200);
  });

  it('with an id that is none', () => {
    const reply = simulatedAzure().patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { web: {} } });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'LinkedInvalidPropertyId',
        "Property id 'web' at path 'identity.userAssignedIdentities' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
      ),
    );
  });

  it('with more than 150 ids, attached and detached together', () => {
    const names = Array.from({ length: 151 }, (_, index) => `id-${index}`);
    const azure = simulatedAzure({ identities: names, web: { identity: { userAssigned: names.slice(0, 2) } } });
    const values = names.map((name, index): [string, object | null] => [identity(name), index === 0 ? null : {}]);

    const reply = azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(values) });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'FailedIdentityOperation',
        `Identity operation for resource '${webPath}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"User Assigned Identities Number '151' Assign exceed limit '150' in one request."}}'.'.`,
      ),
    );
  });

  it('but 150 are accepted', () => {
    const names = Array.from({ length: 150 }, (_, index) => `id-${index}`);
    const azure = simulatedAzure({ identities: names });
    const userAssignedIdentities = Object.fromEntries(names.map((name) => [identity(name), {}]));

    expect(azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities }).status).toBe(200);
  });
});

describe('Flexible orchestration', () => {
  const azure = () => simulatedAzure({ web: { orchestrationMode: 'Flexible', identity: { userAssigned: ['a'] } } });

  it.each(['SystemAssigned', 'SystemAssigned, UserAssigned'])('refuses the type %s', (sent) => {
    const reply = azure().patchIdentity({ type: sent.replace(', ', ',') });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'InvalidParameter',
        `The value '${sent}' of parameter 'identity' is not allowed. Allowed values are: UserAssigned, None.`,
        'identity',
      ),
    );
  });

  it('takes user-assigned identities', () => {
    const reply = azure().patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity('b')]: {} } });

    expect(reply.status).toBe(200);
  });
});
