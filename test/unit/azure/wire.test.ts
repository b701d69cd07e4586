import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readIdentity, readScaleSet, readUserAssignedIdentity } from '../../../src/azure/wire.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import type { LiveIdentity } from '../../../src/identity/scale-set.ts';
import { identityBody, identityPath, scaleSetBody, scaleSetPath } from './samples.ts';

function identity(wire: unknown): LiveIdentity {
  const read = readIdentity(wire);
  if (!read.readable) throw new Error(read.problem);
  return read.value;
}

const [one, two] = [identityPath('one'), identityPath('two')];

describe('a scale set', () => {
  it('is read with what the domain needs of it', () => {
    const body = scaleSetBody({ tags: { 'aks-managed-poolName': 'x', team: 'shop' } });
    expect(readScaleSet(body)).toEqual({
      readable: true,
      value: {
        resourceId: scaleSetPath(),
        key: armKey(scaleSetPath()),
        name: 'web',
        location: 'westeurope',
        orchestrationMode: 'Uniform',
        uniqueId: 'a7c5e1f2-0000-4000-8000-000000000001',
        etag: '"7"',
        provisioningState: 'Succeeded',
        tagNames: ['aks-managed-poolName', 'team'],
        identity: { userAssigned: new Map() },
      },
    });
  });

  it.each([
    ['absent', undefined, 'Uniform'],
    ['Flexible', 'Flexible', 'Flexible'],
    ['flexible in lower case', 'flexible', 'Flexible'],
  ])('has the orchestration mode that is %s', (_, orchestrationMode, expected) => {
    expect(readScaleSet(scaleSetBody({}, { orchestrationMode }))).toMatchObject({
      value: { orchestrationMode: expected },
    });
  });

  it('has the etag of the header when its body has none', () => {
    expect(readScaleSet(scaleSetBody({ etag: undefined }), '"8"')).toMatchObject({ value: { etag: '"8"' } });
  });

  it.each([undefined, '', '*', '"1"\r\nx: y'])('has no etag where it is %j', (etag) => {
    const read = readScaleSet(scaleSetBody({ etag }));
    expect(read.readable && read.value).not.toHaveProperty('etag');
  });

  it.each([
    ['null', null],
    ['a string', 'web'],
    ['a list', [scaleSetBody()]],
    ['without an id', scaleSetBody({ id: undefined })],
    ['with the id of something else', scaleSetBody({ id: one })],
    ['without properties', scaleSetBody({ properties: undefined })],
    ['without a provisioningState', scaleSetBody({}, { provisioningState: undefined })],
    ['with an identity that cannot be read', scaleSetBody({ identity: 'SystemAssigned' })],
  ])('is not read from what is %s', (_, body) => {
    expect(readScaleSet(body).readable).toBe(false);
  });
});

describe("a scale set's identity", () => {
  it.each([
    ['absent', undefined],
    ['null', null],
    ['None', { type: 'None' }],
    ['none with an empty dictionary', { type: 'none', userAssignedIdentities: null }],
  ])('is nothing when it is %s', (_, wire) => {
    expect(identity(wire)).toEqual({ userAssigned: new Map() });
  });

  it('is system-assigned with its principal', () => {
    expect(identity({ type: 'SystemAssigned', principalId: 'p', tenantId: 't' })).toEqual({
      systemAssigned: { principalId: 'p', tenantId: 't' },
      userAssigned: new Map(),
    });
  });

  it.each(['SystemAssigned, UserAssigned', 'userassigned,SYSTEMASSIGNED'])('is both when its type is %s', (type) => {
    const both = identity({ type, userAssignedIdentities: { [one]: { principalId: 'p', clientId: 'c' } } });
    expect(both).toEqual({
      systemAssigned: {},
      userAssigned: new Map([[armKey(one), { resourceId: one, principalId: 'p', clientId: 'c' }]]),
    });
  });

  it.each([
    ['null', null],
    ['empty', {}],
    ['null ids', { principalId: null, clientId: null }],
  ])('names an identity without ids when its value is %s', (_, value) => {
    const live = identity({ type: 'UserAssigned', userAssignedIdentities: { [one]: value } });
    expect(live.userAssigned.get(armKey(one))).toEqual({ resourceId: one });
  });

  it('names an identity once when it stands there in two cases', () => {
    const wire = { [one]: {}, [one.toUpperCase()]: { principalId: 'p', clientId: 'c' }, [two]: {} };
    const live = identity({ type: 'UserAssigned', userAssignedIdentities: wire });
    expect([...live.userAssigned.values()]).toEqual([
      { resourceId: one, principalId: 'p', clientId: 'c' },
      { resourceId: two },
    ]);
  });

  it('keeps an identity whose id this operator would not accept itself', () => {
    const odd = '/subscriptions/x/resourceGroups/größe/providers/Microsoft.ManagedIdentity/userAssignedIdentities/y';
    const live = identity({ type: 'UserAssigned', userAssignedIdentities: { [odd]: {} } });
    expect([...live.userAssigned.values()]).toEqual([{ resourceId: odd }]);
  });

  it.each([
    ['a string', 'SystemAssigned'],
    ['a list', []],
    ['without a type', {}],
    ['of an unknown type', { type: 'SystemAssigned, Borrowed' }],
    ['of a type that is no string', { type: 7 }],
    ['user-assigned without a dictionary', { type: 'UserAssigned' }],
    ['user-assigned with null for a dictionary', { type: 'UserAssigned', userAssignedIdentities: null }],
    ['user-assigned with a list for a dictionary', { type: 'UserAssigned', userAssignedIdentities: [one] }],
    ['user-assigned with a string for an identity', { type: 'UserAssigned', userAssignedIdentities: { [one]: 'x' } }],
    ['system-assigned with user-assigned ones', { type: 'SystemAssigned', userAssignedIdentities: { [one]: {} } }],
    ['None with user-assigned ones', { type: 'None', userAssignedIdentities: { [one]: {} } }],
  ])('is unreadable when it is %s, for half an identity must not be acted on', (_, wire) => {
    expect(readIdentity(wire).readable).toBe(false);
  });

  it('is read or unreadable, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (wire, dictionary) => {
        expect(typeof readScaleSet(scaleSetBody({ identity: wire })).readable).toBe('boolean');
        expect(typeof readScaleSet(wire).readable).toBe('boolean');
        expect(typeof readIdentity({ type: 'UserAssigned', userAssignedIdentities: dictionary }).readable).toBe(
          'boolean',
        );
      }),
    );
  });
});

describe('a user-assigned identity', () => {
  it('is read in the spelling of Microsoft.ManagedIdentity', () => {
    expect(readUserAssignedIdentity(identityBody('one'))).toMatchObject({
      readable: true,
      value: { key: armKey(one), principalId: 'one-principal', clientId: 'one-client', tenantId: 'tenant' },
    });
  });

  it('is read with where it may be assigned', () => {
    const properties = { principalId: 'p', clientId: 'c' };
    const read = (more: object) =>
      readUserAssignedIdentity({ id: one, location: 'westeurope', properties: { ...properties, ...more } });
    expect(
      read({ isolationScope: 'regional', assignmentRestrictions: { providers: ['Microsoft.Web', 7] } }),
    ).toMatchObject({
      value: { location: 'westeurope', isRegional: true, allowedProviders: ['Microsoft.Web'] },
    });
    const free = read({ isolationScope: 'None', assignmentRestrictions: { providers: [] } });
    expect(free).toMatchObject({ readable: true });
    expect(free.readable && Object.keys(free.value)).toEqual([
      'resourceId',
      'key',
      'principalId',
      'clientId',
      'location',
    ]);
  });

  it.each([
    null,
    {},
    { id: one },
    { id: one, properties: { principalId: 'p' } },
    { id: scaleSetPath(), properties: { principalId: 'p', clientId: 'c' } },
  ])('is not read from %j', (body) => {
    expect(readUserAssignedIdentity(body).readable).toBe(false);
  });
});
