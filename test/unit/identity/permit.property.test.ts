import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { armKey, parseIdentityId } from '../../../src/identity/arm-id.ts';
import { type Grants, grantsFor, type PolicyRules } from '../../../src/identity/permit.ts';
import { identityId, scaleSetId } from './builders.ts';

const NAMESPACES = ['shop', 'team-a', 'team-b'];
const SETS = [scaleSetId('web'), scaleSetId('api'), scaleSetId('web', 'other-rg')];
const IDENTITIES = [identityId('shop-web'), identityId('shop-api'), identityId('web', 'other-ids')];

const some = (patterns: readonly string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...patterns), { maxLength: 3 });
const policies: fc.Arbitrary<PolicyRules[]> = fc.array(
  fc.record({
    namespaces: some([...NAMESPACES, 'team-*', '*']),
    scaleSets: some([...SETS, scaleSetId('*'), scaleSetId('w*', '*')]),
    userAssigned: some([...IDENTITIES, identityId('shop-*'), identityId('*', 'other-*')]),
    systemAssigned: fc.constantFrom('Deny' as const, 'Enable' as const, 'EnableAndDisable' as const),
    exclusive: fc.constantFrom('Deny' as const, 'Allow' as const),
    adopt: fc.constantFrom('Deny' as const, 'Allow' as const),
  }),
  { maxLength: 5 },
);

/** Every yes or no that the grants hold. */
function answersOf(grants: Grants): readonly boolean[] {
  const { scaleSet, enableSystemAssigned, disableSystemAssigned, exclusive } = grants;
  const keys = IDENTITIES.map((id) => armKey(id));
  return [
    scaleSet,
    enableSystemAssigned,
    disableSystemAssigned,
    exclusive,
    ...keys.map((key) => grants.identity(key)),
    ...keys.map((key) => grants.adopt(key)),
  ];
}

describe('what several policies allow', () => {
  it('is what one of them allows by itself, and never more', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(...NAMESPACES), fc.constantFrom(...SETS), (list, namespace, set) => {
        const together = answersOf(grantsFor(list, namespace, armKey(set)));
        const alone = list.map((policy) => answersOf(grantsFor([policy], namespace, armKey(set))));
        expect(together).toEqual(together.map((_, index) => alone.some((answers) => answers[index])));
      }),
      { numRuns: 3000 },
    );
  });

  it('allows nothing at all to whom no policy names with the scale set', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(...NAMESPACES), fc.constantFrom(...SETS), (list, namespace, set) => {
        const grants = grantsFor(list, namespace, armKey(set));
        if (!grants.scaleSet) expect(answersOf(grants)).not.toContain(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('an id that is spelled to get out of what is allowed', () => {
  const rules: PolicyRules = { namespaces: ['shop'], scaleSets: [scaleSetId()], userAssigned: [identityId('k-*')] };
  const allowed = grantsFor([rules], 'shop', armKey(scaleSetId()));

  it.each([
    ['a step up', identityId('k-a/../secret')],
    ['a step to itself', identityId('k-a/./b')],
    ['an encoded step up', identityId('k-%2e%2e')],
    ['an encoded slash', identityId('k-a%2fb')],
    ['a double encoding', identityId('k-%252e')],
    ['a trailing slash', `${identityId('k-a')}/`],
    ['a double slash', identityId('k-a').replace('/resourceGroups', '//resourceGroups')],
    ['no slash at its start', identityId('k-a').slice(1)],
    ['the Kelvin sign', identityId('\u212A-a')],
    ['a long s', identityId('k-a').replace('identities', 'identitie\u017F')],
    ['a full-width letter', identityId('\uFF4B-a')],
    ['a slash that is none', identityId('k-a\u2215b')],
    ['a wildcard for the subscription', identityId('k-a').replace(/[0-9a-f-]{36}/, '*')],
    ['a wildcard for the provider', identityId('k-a').replace('Microsoft.ManagedIdentity', '*')],
    ['a wildcard of its own', identityId('k-*')],
    ['a backslash', identityId('k-a\\..\\secret')],
    ['a line break', identityId('k-a\n')],
    ['a query', identityId('k-a?x=1')],
    ['a fragment', identityId('k-a#x')],
  ])('by %s is no id, or is not allowed', (_what, text) => {
    const parsed = parseIdentityId(text);
    expect(parsed.ok && allowed.identity(parsed.id.key)).toBe(false);
  });

  it.each([
    ['capitals', identityId('K-A').toUpperCase()],
    ['odd casing', identityId('k-A').replace('resourceGroups', 'RESOURCEgroups')],
  ])('with %s is the same id, and allowed', (_what, text) => {
    const parsed = parseIdentityId(text);
    expect(parsed.ok && allowed.identity(parsed.id.key)).toBe(true);
  });
});
