import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { identityArray, readIdentityArray, readScaleSetArray } from '../../../src/azure/wire-array.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { planPatch } from '../../../src/identity/patch.ts';
import type { LiveIdentity, LiveScaleSet } from '../../../src/identity/scale-set.ts';
import { identityPath, scaleSetBody } from './samples.ts';

const [one, two, three] = [identityPath('one'), identityPath('two'), identityPath('three')];

function identity(wire: unknown): LiveIdentity {
  const read = readIdentityArray(wire);
  if (!read.readable) throw new Error(read.problem);
  return read.value;
}

function scaleSet(identityBody: unknown, properties: object = {}): LiveScaleSet {
  const read = readScaleSetArray(scaleSetBody({ etag: undefined, identity: identityBody }, properties));
  if (!read.readable) throw new Error(read.problem);
  return read.value;
}

const names = ({ userAssigned }: LiveIdentity): readonly string[] =>
  [...userAssigned.values()].map(({ resourceId }) => resourceId);

describe("a scale set's identity in the array shape", () => {
  it.each([
    ['absent', undefined],
    ['null', null],
    ['None', { type: 'None' }],
    ['none with null for a list', { type: 'none', identityIds: null }],
    ['None with an empty list', { type: 'None', identityIds: [] }],
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
    expect(identity({ type, principalId: 'p', identityIds: [one, two] })).toEqual({
      systemAssigned: { principalId: 'p' },
      userAssigned: new Map([
        [armKey(one), { resourceId: one }],
        [armKey(two), { resourceId: two }],
      ]),
    });
  });

  it('names an identity once when it stands there in two cases, as it stands there first', () => {
    const wire = { type: 'UserAssigned', identityIds: [one, two.toUpperCase(), one.toUpperCase(), two] };
    expect(names(identity(wire))).toEqual([one, two.toUpperCase()]);
  });

  it.each([
    ['a string', 'UserAssigned'],
    ['without a type', { identityIds: [one] }],
    ['of an unknown type', { type: 'UserAssigned, Other', identityIds: [one] }],
    ['user-assigned without a list', { type: 'UserAssigned' }],
    ['user-assigned with null for a list', { type: 'SystemAssigned, UserAssigned', identityIds: null }],
    ['user-assigned with an empty list', { type: 'UserAssigned', identityIds: [] }],
    ['system-assigned with a list', { type: 'SystemAssigned', identityIds: [one] }],
    ['None with a list', { type: 'None', identityIds: [one] }],
    ['with a list that is a string', { type: 'UserAssigned', identityIds: one }],
    ['with a list that is a dictionary', { type: 'UserAssigned', identityIds: { [one]: {} } }],
    ['with null in its list', { type: 'UserAssigned', identityIds: [one, null] }],
    ['with an empty name in its list', { type: 'UserAssigned', identityIds: [one, ''] }],
    ['with an object in its list', { type: 'UserAssigned', identityIds: [{ id: one }] }],
    ['in the other shape', { type: 'UserAssigned', userAssignedIdentities: { [one]: {} } }],
    ['in both shapes', { type: 'UserAssigned', identityIds: [one], userAssignedIdentities: { [one]: {} } }],
  ])('is not read when it is %s: half of it would be taken for all', (_, wire) => {
    expect(readIdentityArray(wire).readable).toBe(false);
    expect(readScaleSetArray(scaleSetBody({ identity: wire })).readable).toBe(false);
  });

  it('is read or not, whatever it is, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (type, identityIds) => {
        expect(typeof readIdentityArray({ type, identityIds }).readable).toBe('boolean');
      }),
    );
  });
});

describe('a scale set in the array shape', () => {
  it('shows names only, and no orchestration mode', () => {
    const live = scaleSet({ type: 'UserAssigned', identityIds: [one] }, { orchestrationMode: undefined });
    expect(live.namesOnly).toBe(true);
    expect(live).not.toHaveProperty('orchestrationMode');
  });

  const both = { type: 'SystemAssigned, UserAssigned', principalId: 'p', identityIds: [one, two] };

  it.each([
    ['the order of the list', { ...both, identityIds: [two, one] }],
    [
      'the spelling of ids and type',
      { ...both, type: 'userassigned,systemassigned', identityIds: [one.toUpperCase(), two] },
    ],
    ['a name that stands there twice', { ...both, identityIds: [one, two, one.toLowerCase()] }],
  ])('has the same version whatever %s', (_, wire) => {
    expect(scaleSet(wire).etag).toBe(scaleSet(both).etag);
  });

  it.each([
    ['an identity more', { ...both, identityIds: [one, two, three] }],
    ['an identity less', { ...both, identityIds: [one] }],
    ['another identity', { ...both, identityIds: [one, three] }],
    ['another principal', { ...both, principalId: 'q' }],
    ['no system-assigned identity', { type: 'UserAssigned', identityIds: [one, two] }],
    ['no identity', undefined],
  ])('has another version with %s', (_, wire) => {
    expect(scaleSet(wire).etag).not.toBe(scaleSet(both).etag);
  });

  it('has another version when it is another scale set of the same name', () => {
    expect(scaleSet(both, { uniqueId: 'other' }).etag).not.toBe(scaleSet(both).etag);
  });

  it('has a version of its own making, whatever etag Azure shows', () => {
    const read = readScaleSetArray(scaleSetBody({ etag: '"7"', identity: both }), '"8"');
    expect(read).toMatchObject({ value: { etag: scaleSet(both).etag } });
  });
});

describe('the identity that is written in the array shape', () => {
  const live = (system: boolean, ...ids: readonly string[]): LiveIdentity => ({
    ...(system ? { systemAssigned: { principalId: 'p' } } : {}),
    userAssigned: new Map(ids.map((resourceId) => [armKey(resourceId), { resourceId }])),
  });

  it('names all that stay, spelled as they were read, and what is attached after them', () => {
    const patch = { type: 'UserAssigned', userAssignedIdentities: { [three]: {} } } as const;
    expect(identityArray(live(false, one.toUpperCase(), two), patch)).toEqual({
      type: 'UserAssigned',
      identityIds: [one.toUpperCase(), two, three],
    });
  });

  it('leaves out what is detached, however it is spelled', () => {
    const patch = { type: 'UserAssigned', userAssignedIdentities: { [one.toLowerCase()]: null } } as const;
    expect(identityArray(live(false, one, two), patch)).toEqual({ type: 'UserAssigned', identityIds: [two] });
  });

  it('names none twice that is attached again', () => {
    const patch = { type: 'UserAssigned', userAssignedIdentities: { [one.toLowerCase()]: {} } } as const;
    expect(identityArray(live(false, one), patch)).toEqual({ type: 'UserAssigned', identityIds: [one] });
  });

  it('names all when only the system-assigned identity changes', () => {
    expect(identityArray(live(false, one, two), { type: 'SystemAssigned, UserAssigned' })).toEqual({
      type: 'SystemAssigned, UserAssigned',
      identityIds: [one, two],
    });
  });

  it.each(['None', 'SystemAssigned'] as const)('has no list when its type is %s', (type) => {
    expect(identityArray(live(true, one), { type })).toEqual({ type });
  });

  const some = fc.subarray([one, two, three, identityPath('four')]);

  it('is, read again, what was there with the delta applied, whatever the delta', () => {
    fc.assert(
      fc.property(fc.boolean(), some, some, fc.constantFrom('on', 'off', 'asLive'), (on, before, changed, system) => {
        const state = live(on, ...before);
        const refs = changed.map((resourceId) => ({ key: armKey(resourceId), resourceId }));
        const attach = refs.filter(({ key }) => !state.userAssigned.has(key));
        const detach = refs.filter(({ key }) => state.userAssigned.has(key));
        const patch = planPatch(state, { attach, detach, systemAssigned: system });
        if (patch === undefined) return;
        const after = identity(identityArray(state, patch.body));
        const expected = [...before, ...changed].filter((id) => before.includes(id) !== changed.includes(id));
        expect([...after.userAssigned.keys()].toSorted()).toEqual(expected.map(armKey).toSorted());
        expect(after.systemAssigned !== undefined).toBe(system === 'asLive' ? on : system === 'on');
      }),
    );
  });
});
