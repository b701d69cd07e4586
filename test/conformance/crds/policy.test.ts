import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import { matchesResource } from '../../../src/identity/pattern.ts';
import { type Cluster, openCluster } from './cluster.ts';
import {
  identityId,
  type KubeObject,
  longIdentityId,
  longScaleSetId,
  policy,
  refusal,
  review,
  scaleSetId,
  SUBSCRIPTION,
  times,
  withStored,
} from './objects.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster.close());

const refused = async (subject: KubeObject): Promise<readonly string[]> => refusal(await review(cluster, subject));
const containing = (text: string): unknown => expect.arrayContaining([expect.stringContaining(text)]);

const IN_SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION}`;

describe('a new policy', () => {
  it('allows nothing that it does not say', async () => {
    expect((await review(cluster, policy())).body).toMatchObject({
      spec: { userAssigned: [], systemAssigned: 'Deny', exclusive: 'Deny', adopt: 'Deny', protected: [] },
    });
  });

  it('may protect identities without allowing anything', async () => {
    const reply = await review(cluster, policy({ scaleSets: undefined, protected: [identityId()] }));
    expect(reply).toMatchObject({ code: 201, body: { spec: { scaleSets: [], protected: [identityId()] } } });
  });

  it('is stored at its largest, within what the API server spends on its rules', async () => {
    const largest = policy({
      namespaces: times(150, (index) => `${'n'.repeat(59)}${String(index).padStart(4, '0')}`),
      scaleSets: times(150, longScaleSetId),
      userAssigned: times(150, longIdentityId),
      protected: times(150, longIdentityId),
    });
    await withStored(cluster, largest, async ({ code }) => {
      expect(code).toBe(201);
    });
  });

  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['no namespaces', { namespaces: undefined }, 'spec.namespaces: Required value'],
    ['an empty list of namespaces', { namespaces: [] }, 'should have at least 1 items'],
    ['nothing to allow or protect', { scaleSets: [] }, 'spec: Invalid value: this policy says nothing'],
    [
      'identities but no scale sets',
      { scaleSets: [], userAssigned: [identityId()] },
      'spec: Invalid value: `userAssigned` without `scaleSets` allows nothing',
    ],
    ['a pattern twice', { scaleSets: [scaleSetId(), scaleSetId()] }, 'spec.scaleSets[1]: Duplicate value'],
    ['more patterns than it holds', { scaleSets: times(151, longScaleSetId) }, 'spec.scaleSets: Too many: 151'],
    ['a switch that is none', { exclusive: true }, 'spec.exclusive'],
    ['a field that does not exist', { scaleSet: scaleSetId() }, 'unknown field "spec.scaleSet"'],
  ];
  it.each(cases)('is refused with %s', async (_, spec, message) => {
    expect(await refused(policy(spec))).toEqual(containing(message));
  });
});

describe('a pattern of namespaces', () => {
  it.each(['shop', 'team-*', '*', '*-prod', 'a*b*c', '1', 'n'.repeat(63)])('may be %s', async (namespace) => {
    expect(await refused(policy({ namespaces: [namespace] }))).toEqual([]);
  });

  it.each(['Shop', '-shop', 'shop-', 'shop.prod', 'shop_prod', 'team-?', 'team-[ab]', '\u212Aube'])(
    'may not be %s',
    async (namespace) => {
      expect(await refused(policy({ namespaces: [namespace] }))).toEqual(containing('must be the name of a namespace'));
    },
  );
});

describe('a pattern of scale sets', () => {
  const good: readonly (readonly [pattern: string, matches: string])[] = [
    [scaleSetId(), scaleSetId()],
    [scaleSetId().toUpperCase(), scaleSetId()],
    [scaleSetId('*'), scaleSetId('web')],
    [scaleSetId('web-*', 'shop-*'), scaleSetId('web-1', 'shop-eu')],
    [scaleSetId('a*b*', '*(x)'), scaleSetId('a1b2', 'shop(x)')],
    [`${IN_SUBSCRIPTION}/**`, scaleSetId()],
    [`${IN_SUBSCRIPTION}/resourceGroups/shop-*/**`, scaleSetId('web', 'shop-eu')],
  ];
  it.each(good)('may be %s, and matches', async (pattern, id) => {
    expect(await refused(policy({ scaleSets: [pattern] }))).toEqual([]);
    expect(matchesResource(pattern, armKey(id))).toBe(true);
  });

  const bad: readonly (readonly [string, string, string])[] = [
    ['any subscription', scaleSetId().replace(SUBSCRIPTION, '*'), "with the subscription's GUID written out"],
    ['part of a subscription', scaleSetId().replace('5555abcd', '*'), "with the subscription's GUID written out"],
    ['everything', '/**', "with the subscription's GUID written out"],
    [
      'a letter for the dot in the provider',
      scaleSetId().replace('Microsoft.', 'MicrosoftX'),
      'must be /subscriptions',
    ],
    ['a wildcard in a fixed part', scaleSetId().replace('Microsoft.Compute', '*'), '* only inside <group> and <name>'],
    ['a double wildcard in the middle', `${IN_SUBSCRIPTION}/**/web`, '* only inside <group> and <name>'],
    ['a double wildcard inside a group', scaleSetId('web', 'shop-**'), 'the resource group (fourth part)'],
    ['a double wildcard for a group', scaleSetId('web', '**'), 'the resource group (fourth part)'],
    ['a double wildcard inside a name', scaleSetId('web-**'), 'the name of the scale set (last part)'],
    ['a double wildcard for a name', scaleSetId('**'), 'the name of the scale set (last part)'],
    ['an identity', identityId(), 'virtualMachineScaleSets/<name>'],
    ['a group that ends in a period', scaleSetId('web', 'shop.'), 'the resource group (fourth part)'],
    ['a percent sign', scaleSetId('%2A'), 'the name of the scale set (last part)'],
    ['a look-alike letter', `${IN_SUBSCRIPTION}/re\u017FourceGroups/shop/**`, 'a letter outside ASCII'],
    ['a line break', `${scaleSetId()}\n`, 'a control character'],
    ['more characters than an id can have', scaleSetId('w'.repeat(64), 'g'.repeat(91)), 'may not be more than 274'],
  ];
  it.each(bad)('may not hold %s', async (_, pattern, message) => {
    expect(await refused(policy({ scaleSets: [pattern] }))).toEqual(containing(message));
  });
});

describe.each(['userAssigned', 'protected'])('a pattern of identities in %s', (list) => {
  const good: readonly (readonly [pattern: string, matches: string])[] = [
    [identityId(), identityId()],
    [identityId().toUpperCase(), identityId()],
    [identityId('*'), identityId('web-id')],
    [identityId('shop-*', 'ident*'), identityId('shop-web', 'identities')],
    [`${IN_SUBSCRIPTION}/**`, identityId()],
    [`${IN_SUBSCRIPTION}/resourceGroups/*/**`, identityId()],
  ];
  it.each(good)('may be %s, and matches', async (pattern, id) => {
    expect(await refused(policy({ [list]: [pattern] }))).toEqual([]);
    expect(matchesResource(pattern, armKey(id))).toBe(true);
  });

  const bad: readonly (readonly [string, string, string])[] = [
    ['any subscription', identityId().replace(SUBSCRIPTION, '*'), "with the subscription's GUID written out"],
    ['a double wildcard inside a name', identityId('shop-**'), 'the name of the identity (last part)'],
    ['a double wildcard inside a group', identityId('web', '**-x'), 'the resource group (fourth part)'],
    [
      'a letter for the dot in the provider',
      identityId().replace('Microsoft.', 'MicrosoftX'),
      'must be /subscriptions',
    ],
    ['a dot in the name', identityId('web.*'), 'the name of the identity (last part)'],
    ['a scale set', scaleSetId(), 'userAssignedIdentities/<name>'],
    ['a look-alike letter', identityId('\u212A8s'), 'a letter outside ASCII'],
    ['a control character', identityId('web\u0000id'), 'a control character'],
  ];
  it.each(bad)('may not hold %s', async (_, pattern, message) => {
    expect(await refused(policy({ [list]: [pattern] }))).toEqual(containing(message));
  });
});
