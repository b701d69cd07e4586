import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import { type Grants, grantsFor, isProtected, type PolicyRules, touches } from '../../../src/identity/permit.ts';
import { identityId, identityKey, scaleSetId, SUBSCRIPTION } from './builders.ts';

const WEB = armKey(scaleSetId('web'));
const ID = identityKey('shop-id');

/** Allows the namespace `shop` the identities `shop-*` on every scale set of the group. */
function policy(rest: Partial<PolicyRules> = {}): PolicyRules {
  return { namespaces: ['shop'], scaleSets: [scaleSetId('*')], userAssigned: [identityId('shop-*')], ...rest };
}

function grants(policies: readonly PolicyRules[], namespace = 'shop', scaleSet = WEB): Grants {
  return grantsFor(policies, namespace, scaleSet);
}

describe('without a policy', () => {
  it('nothing is allowed', () => {
    const none = grants([]);
    expect(none).toMatchObject({
      scaleSet: false,
      enableSystemAssigned: false,
      disableSystemAssigned: false,
      exclusive: false,
    });
    expect(none.identity(ID)).toBe(false);
    expect(none.adopt(ID)).toBe(false);
  });
});

describe('a policy', () => {
  it('allows a namespace an identity on a scale set', () => {
    const allowed = grants([policy()]);
    expect(allowed.scaleSet).toBe(true);
    expect(allowed.identity(ID)).toBe(true);
  });

  it('allows no other namespace anything', () => {
    const denied = grants([policy()], 'shops');
    expect(denied.scaleSet).toBe(false);
    expect(denied.identity(ID)).toBe(false);
  });

  it('allows nothing on another scale set', () => {
    const denied = grants([policy()], 'shop', armKey(scaleSetId('web', 'other-rg')));
    expect(denied.scaleSet).toBe(false);
    expect(denied.identity(ID)).toBe(false);
  });

  it('allows no other identity', () => {
    const partly = grants([policy()]);
    expect(partly.scaleSet).toBe(true);
    expect(partly.identity(identityKey('billing'))).toBe(false);
  });

  it('may name namespaces by a pattern', () => {
    expect(grants([policy({ namespaces: ['other', 'team-*'] })], 'team-a').scaleSet).toBe(true);
    expect(grants([policy({ namespaces: ['other', 'team-*'] })], 'teams').scaleSet).toBe(false);
  });

  it('that names no identities allows the scale set alone', () => {
    const { userAssigned: _, ...bare } = policy();
    const allowed = grants([bare]);
    expect(allowed.scaleSet).toBe(true);
    expect(allowed.identity(ID)).toBe(false);
    expect(allowed.adopt(ID)).toBe(false);
  });

  it('that names no namespace or no scale set allows nothing', () => {
    expect(grants([policy({ namespaces: [] })]).scaleSet).toBe(false);
    expect(grants([policy({ scaleSets: [] })]).scaleSet).toBe(false);
  });

  it('may allow a whole subscription, but never all of them', () => {
    const everywhere = {
      scaleSets: [`/subscriptions/${SUBSCRIPTION}/**`],
      userAssigned: [`/subscriptions/${SUBSCRIPTION}/**`],
    };
    expect(grants([policy(everywhere)]).identity(ID)).toBe(true);
    const beyond = policy({ scaleSets: ['/subscriptions/**', '/subscriptions/*/**'] });
    expect(grants([beyond]).scaleSet).toBe(false);
  });
});

describe('several policies', () => {
  it('allow a triple only when one of them allows it whole', () => {
    const otherNamespace = policy({ namespaces: ['billing'], userAssigned: [identityId('billing-*')] });
    const otherScaleSet = policy({
      scaleSets: [scaleSetId('*', 'billing-rg')],
      userAssigned: [identityId('billing-*')],
    });
    const combined = grants([policy(), otherNamespace, otherScaleSet]);
    expect(combined.identity(ID)).toBe(true);
    expect(combined.identity(identityKey('billing-id'))).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('never add up to a triple of which each matches a part (%i)', (parts) => {
    const matching = (bit: number): boolean => (parts & bit) !== 0;
    const part = policy({
      namespaces: [matching(1) ? 'shop' : 'other'],
      scaleSets: [matching(2) ? scaleSetId('web') : scaleSetId('other')],
      userAssigned: [matching(4) ? identityId('shop-id') : identityId('other')],
    });
    const rest = policy({
      namespaces: [matching(1) ? 'other' : 'shop'],
      scaleSets: [matching(2) ? scaleSetId('other') : scaleSetId('web')],
      userAssigned: [matching(4) ? identityId('other') : identityId('shop-id')],
    });
    const isWhole = parts === 0 || parts === 7;
    expect(grants([part, rest]).identity(ID)).toBe(isWhole);
    expect(grants([rest, part]).identity(ID)).toBe(isWhole);
  });

  it('each count by themselves when they allow different identities', () => {
    const both = grants([policy({ userAssigned: [identityId('a-*')] }), policy({ userAssigned: [identityId('b-*')] })]);
    expect(both.identity(identityKey('a-1'))).toBe(true);
    expect(both.identity(identityKey('b-1'))).toBe(true);
    expect(both.identity(identityKey('c-1'))).toBe(false);
  });
});

describe('a switch', () => {
  it('is off unless a policy turns it on', () => {
    const off = grants([policy()]);
    expect(off).toMatchObject({ enableSystemAssigned: false, disableSystemAssigned: false, exclusive: false });
    expect(off.adopt(ID)).toBe(false);
    const denied = grants([policy({ systemAssigned: 'Deny', exclusive: 'Deny', adopt: 'Deny' })]);
    expect(denied).toMatchObject({ enableSystemAssigned: false, disableSystemAssigned: false, exclusive: false });
    expect(denied.adopt(ID)).toBe(false);
  });

  it('may allow the system-assigned identity to be turned on, or on and off', () => {
    const enable = grants([policy({ systemAssigned: 'Enable' })]);
    expect(enable).toMatchObject({ enableSystemAssigned: true, disableSystemAssigned: false });
    const both = grants([policy({ systemAssigned: 'EnableAndDisable' })]);
    expect(both).toMatchObject({ enableSystemAssigned: true, disableSystemAssigned: true });
  });

  it('counts only from a policy that names the namespace and the scale set', () => {
    const generous = { systemAssigned: 'EnableAndDisable', exclusive: 'Allow', adopt: 'Allow' } as const;
    const elsewhere = grants([
      policy(),
      policy({ ...generous, namespaces: ['other'] }),
      policy({ ...generous, scaleSets: [scaleSetId('*', 'other-rg')] }),
    ]);
    expect(elsewhere).toMatchObject({ enableSystemAssigned: false, disableSystemAssigned: false, exclusive: false });
    expect(elsewhere.adopt(ID)).toBe(false);
  });

  it('counts from a policy that names the namespace and the scale set and none of the identities', () => {
    const allowed = grants([policy(), policy({ userAssigned: [], systemAssigned: 'Enable', exclusive: 'Allow' })]);
    expect(allowed).toMatchObject({ enableSystemAssigned: true, exclusive: true });
  });

  it('to adopt counts only from a policy that names the identity too', () => {
    const split = grants([policy(), policy({ userAssigned: [identityId('other')], adopt: 'Allow' })]);
    expect(split.identity(ID)).toBe(true);
    expect(split.adopt(ID)).toBe(false);
    expect(split.adopt(identityKey('other'))).toBe(true);
    expect(grants([policy({ adopt: 'Allow' })]).adopt(ID)).toBe(true);
  });
});

describe('a protected identity', () => {
  it('is one that any policy protects, whatever its namespaces and scale sets', () => {
    const far = policy({ namespaces: ['other'], scaleSets: [], protected: [identityId('monitor-*')] });
    expect(isProtected([policy(), far], identityKey('Monitor-1'))).toBe(true);
    expect(isProtected([policy({ protected: [identityId('a')] }), far], identityKey('monitor-1'))).toBe(true);
    expect(isProtected([policy(), far], ID)).toBe(false);
  });

  it('is none without a policy that says so', () => {
    expect(isProtected([], ID)).toBe(false);
    expect(isProtected([policy(), policy({ protected: [] })], ID)).toBe(false);
  });
});

describe('a policy that changes', () => {
  it('concerns a scale set that it names together with a namespace that binds it', () => {
    expect(touches(policy(), ['other', 'shop'], WEB)).toBe(true);
    expect(touches(policy(), ['other'], WEB)).toBe(false);
    expect(touches(policy(), [], WEB)).toBe(false);
    expect(touches(policy(), ['shop'], armKey(scaleSetId('web', 'other-rg')))).toBe(false);
  });

  it('concerns every scale set when it protects identities', () => {
    expect(touches(policy({ namespaces: [], protected: [identityId('x')] }), [], WEB)).toBe(true);
    expect(touches(policy({ protected: [] }), [], WEB)).toBe(false);
  });
});
