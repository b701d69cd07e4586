import { describe, expect, it } from 'vitest';

import type { Rule } from '../../../dev/deploy/account.ts';
import { type AskedFor, compareRights, rightsGiven } from '../../../dev/deploy/rights.ts';

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' };
const LEDGERS = { group: 'vmss-identity.dev', resource: 'vmssidentityledgers' };

const rule = (changes: Partial<Rule> = {}): Rule => ({
  apiGroups: ['vmss-identity.dev'],
  resources: ['vmssidentityledgers'],
  verbs: ['get'],
  ...changes,
});

const asked = (changes: Partial<AskedFor> = {}): AskedFor => ({
  verb: 'get',
  ...LEDGERS,
  name: 'web',
  isAllowed: true,
  ...changes,
});

describe('the rights that roles give', () => {
  it('are each verb on each resource, and on each name where there are names', () => {
    const leases = rule({
      apiGroups: [LEASES.group],
      resources: ['leases'],
      resourceNames: ['a', 'b'],
      verbs: ['get'],
    });
    const ledgers = rule({ resources: ['vmssidentityledgers', 'vmssidentitypolicies'], verbs: ['list', 'watch'] });
    expect(rightsGiven([{ rules: [leases, ledgers] }])).toEqual([
      { verb: 'get', ...LEASES, name: 'a' },
      { verb: 'get', ...LEASES, name: 'b' },
      { verb: 'list', ...LEDGERS },
      { verb: 'watch', ...LEDGERS },
      { verb: 'list', group: LEDGERS.group, resource: 'vmssidentitypolicies' },
      { verb: 'watch', group: LEDGERS.group, resource: 'vmssidentitypolicies' },
    ]);
  });

  it('are counted once, however many roles give them', () => {
    expect(rightsGiven([{ rules: [rule()] }, { rules: [rule(), rule()] }])).toEqual([{ verb: 'get', ...LEDGERS }]);
  });
});

describe('rights that are compared with what was asked for', () => {
  const given = rightsGiven([{ rules: [rule({ verbs: ['get', 'delete'] })] }]);

  it('are neither too few nor too many where each was asked for and granted', () => {
    const both = [asked(), asked({ verb: 'delete' })];
    expect(compareRights(given, both)).toEqual({ missing: [], unused: [] });
  });

  it('lack what was refused, which is told once', () => {
    const refused = asked({ verb: 'update', isAllowed: false, namespace: 'shop' });
    expect(compareRights(given, [asked(), asked({ verb: 'delete' }), refused, refused])).toEqual({
      missing: ['update vmssidentityledgers.vmss-identity.dev web in shop'],
      unused: [],
    });
  });

  it('have one too many where nobody asked for it', () => {
    expect(compareRights(given, [asked()]).unused).toEqual(['delete vmssidentityledgers.vmss-identity.dev']);
  });

  it.each([
    ['another verb', { verb: 'list' }],
    ['another group', { group: 'apps' }],
    ['another resource', { resource: 'vmssidentitypolicies' }],
    ['its subresource', { resource: 'vmssidentityledgers/status' }],
    ['what was refused', { isAllowed: false }],
  ])('do not take %s for theirs', (_, other) => {
    expect(compareRights(rightsGiven([{ rules: [rule()] }]), [asked(other)]).unused).toHaveLength(1);
  });

  it('on one name do not take another for theirs', () => {
    const named = rightsGiven([{ rules: [rule({ resourceNames: ['web', 'api'] })] }]);
    expect(compareRights(named, [asked()]).unused).toEqual(['get vmssidentityledgers.vmss-identity.dev api']);
  });
});
