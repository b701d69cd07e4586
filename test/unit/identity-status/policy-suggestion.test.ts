import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { MAX_CONDITION_MESSAGE_LENGTH } from '../../../src/api/conditions.ts';
import type { VmssIdentityPolicy } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { grantsFor, type PolicyRules } from '../../../src/identity/permit.ts';
import { policyFor } from '../../../src/identity/policy-suggestion.ts';
import { identityId, identityKey, SUBSCRIPTION } from '../identity/builders.ts';
import { ALLOW_ALL, allowAllBut, ASSIGNED, type BindingOptions, compose, readyOf, stored } from './builders.ts';

/** Of a binding that lacks nothing but the permission. */
function messageOf(options: BindingOptions): string {
  const verdicts = Object.fromEntries((options.userAssigned ?? ['a']).map((name) => [name, ASSIGNED]));
  return readyOf(compose(options, { live: {}, verdicts })).message;
}

/** The policy that a person would paste from the message, as the API server would read it. */
function suggested(options: BindingOptions): VmssIdentityPolicy {
  const message = messageOf(options);
  const yaml = message.slice(message.indexOf('apiVersion:'));
  return parse(yaml) as VmssIdentityPolicy;
}

/** Grants of the binding's namespace on its scale set with these policies. */
function grants(options: BindingOptions, policies: readonly PolicyRules[]) {
  const { metadata, spec } = stored(options);
  return grantsFor(policies, metadata.namespace, armKey(spec.scaleSet.resourceId));
}

describe('the policy in the message of a binding that is not permitted', () => {
  it('is a policy of the group, with a name of its own', () => {
    expect(suggested({ policies: [] })).toMatchObject({
      apiVersion: 'vmss-identity.dev/v1alpha1',
      kind: 'VmssIdentityPolicy',
      metadata: { name: 'shop-web' },
    });
  });

  it('permits everything that the binding declares', () => {
    const options: BindingOptions = { policies: [], userAssigned: ['a', 'b'], spec: { systemAssigned: 'Disabled' } };
    const granted = grants(options, [suggested(options).spec]);

    expect(granted.scaleSet).toBe(true);
    expect(['a', 'b'].map((name) => granted.identity(identityKey(name)))).toEqual([true, true]);
    expect(granted.disableSystemAssigned).toBe(true);
  });

  it('permits nothing else', () => {
    const options: BindingOptions = { policies: [], userAssigned: ['a'] };
    const { spec } = suggested(options);
    const granted = grants(options, [spec]);

    expect(granted.identity(identityKey('b'))).toBe(false);
    expect(granted.enableSystemAssigned).toBe(false);
    expect(grantsFor([spec], 'other', armKey(stored().spec.scaleSet.resourceId)).scaleSet).toBe(false);
  });

  it('lets a binding turn the system-assigned identity on, but not off', () => {
    const options: BindingOptions = { policies: [], userAssigned: [], spec: { systemAssigned: 'Enabled' } };
    const granted = grants(options, [suggested(options).spec]);

    expect([granted.enableSystemAssigned, granted.disableSystemAssigned]).toEqual([true, false]);
  });

  it.each(['123', '1e3', 'null', 'true', 'on', '0x1f', '12-05'])('permits a namespace called %s', (namespace) => {
    const options: BindingOptions = { policies: [], namespace };

    expect(grants(options, [suggested(options).spec]).scaleSet).toBe(true);
    expect(suggested(options).metadata.name).toBe(`${namespace}-web`);
  });

  it('has a name that the API server takes, however long those of the binding are', () => {
    const { name } = suggested({
      policies: [],
      namespace: 'n'.repeat(63),
      name: `${'b'.repeat(188)}-.${'c'.repeat(40)}`,
    }).metadata;

    expect(name.length).toBeLessThanOrEqual(253);
    expect(name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
  });
});

describe('the policy in the message of a binding that may not have everything', () => {
  it('permits the identities that were denied, however many are permitted already', () => {
    const names = ['a', 'b', 'c', 'd', ...Array.from({ length: 8 }, (_, index) => `more-${String(index)}`)];
    const more = {
      ...allowAllBut('d'),
      userAssigned: names.filter((name) => name !== 'd').map((name) => identityId(name)),
    };
    const options: BindingOptions = { policies: [more], userAssigned: names };
    const granted = grants(options, [more, suggested(options).spec]);

    expect(names.filter((name) => !granted.identity(identityKey(name)))).toEqual([]);
  });

  it('asks for no more than what is denied', () => {
    const options: BindingOptions = {
      policies: [allowAllBut('b')],
      userAssigned: ['a', 'b'],
      spec: { systemAssigned: 'Disabled' },
    };
    const { spec } = suggested(options);

    expect(spec.userAssigned).toEqual([identityId('b')]);
    expect(spec).not.toHaveProperty('systemAssigned');
  });

  it('permits the system-assigned identity alone, where that is what is denied', () => {
    const denying = { ...allowAllBut(), systemAssigned: 'Enable' } as const;
    const options: BindingOptions = { policies: [denying], userAssigned: ['a'], spec: { systemAssigned: 'Disabled' } };
    const { spec } = suggested(options);

    expect(spec).not.toHaveProperty('userAssigned');
    expect(grants(options, [denying, spec]).disableSystemAssigned).toBe(true);
  });

  it('names three identities in its sentence, and counts the rest', () => {
    const names = ['v', 'w', 'x', 'y', 'z'];
    const message = messageOf({ policies: [allowAllBut()], userAssigned: names });

    expect(message).toContain('identity v, identity w, identity x, 2 more.');
  });
});

describe('the length of the policy', () => {
  const group = `g${'r'.repeat(88)}p`;
  const long = (index: number): string =>
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${'i'.repeat(120)}${String(index).padStart(8, '0')}`;
  const ids = Array.from({ length: 64 }, (_, index) => long(index));

  it.each([
    ['at all', []],
    ['in part', [{ ...allowAllBut(), userAssigned: [] }]],
  ])('fits into the message of a binding that is not permitted %s', (_what, policies) => {
    const options: BindingOptions = { policies, userAssigned: ids, namespace: 'n'.repeat(63), name: 'b'.repeat(253) };
    const message = messageOf(options);
    const { spec } = suggested(options);

    expect(message.length).toBeLessThanOrEqual(MAX_CONDITION_MESSAGE_LENGTH);
    expect(message).not.toContain('…');
    expect(message).toContain(`# and ${String(64 - spec.userAssigned.length)} more`);
    expect(spec.userAssigned.length).toBeGreaterThanOrEqual(5);
  });

  it('has room for many identities of a usual length', () => {
    const names = Array.from({ length: 20 }, (_, index) => `shop-${String(index)}`);

    expect(suggested({ policies: [], userAssigned: names }).spec.userAssigned).toHaveLength(20);
  });

  it('is that of a policy without identities where there is no room for any', () => {
    const wanted = {
      identities: [identityId('a')],
      systemAssigned: 'Unmanaged',
      exclusive: false,
      adopt: false,
    } as const;

    expect(parse(policyFor(stored(), wanted, 10))).toMatchObject({ spec: { namespaces: ['shop'] } });
  });

  it('allows mode: Exclusive where that is what is missing, and nothing else', () => {
    const policies = [{ ...ALLOW_ALL, exclusive: 'Deny' as const }];

    expect(suggested({ policies, spec: { mode: 'Exclusive' } }).spec).toMatchObject({ exclusive: 'Allow' });
    expect(suggested({ policies, spec: { mode: 'Exclusive' } }).spec).not.toHaveProperty('adopt');
  });

  it('allows to adopt the identities that may be bound but not taken over', () => {
    const policies = [{ ...ALLOW_ALL, adopt: 'Deny' as const }];

    expect(suggested({ policies, adopt: true }).spec).toMatchObject({
      adopt: 'Allow',
      userAssigned: [identityId('a')],
    });
  });
});
