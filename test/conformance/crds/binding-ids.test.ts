import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseIdentityId, parseScaleSetId } from '../../../src/identity/arm-id.ts';
import { type Cluster, openCluster } from './cluster.ts';
import {
  binding,
  bindingOf,
  identityId,
  type KubeObject,
  longIdentityId,
  longScaleSetId,
  refusal,
  review,
  scaleSetId,
  SUBSCRIPTION,
  times,
} from './objects.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster.close());

const refused = async (subject: KubeObject): Promise<readonly string[]> => refusal(await review(cluster, subject));
const like = (field: string, message: string): unknown =>
  expect.arrayContaining([
    expect.toSatisfy((cause: string) => cause.startsWith(`${field}: `) && cause.includes(message)),
  ]);

type Bad = readonly [what: string, id: string, message: string];

/** What is wrong with an id of either type, made from its right form. */
const bad = (id: (name?: string, group?: string) => string, form: string): readonly Bad[] => [
  ['a look-alike letter in the name (U+212A KELVIN SIGN for K)', id('\u212A8s'), 'a letter outside ASCII'],
  [
    'a look-alike letter in a fixed part (U+017F for s)',
    id().replace('resource', 're\u017Fource'),
    'a letter outside ASCII',
  ],
  ['a space', id('web id'), 'holds a space'],
  ['a line break at the end', `${id()}\n`, 'a control character'],
  ['a control character', id('web\u007Fid'), 'a control character'],
  ['a percent sign in the name', id('web%2Fid'), 'the name of the'],
  ['a percent sign in the group', id('web', 'shop%20'), 'the resource group'],
  ['one dot for a group', id('web', '.'), 'the resource group'],
  ['two dots for a group', id('web', '..'), 'the resource group'],
  ['two dots for a name', id('..'), 'the name of the'],
  ['a group that ends in a period', id('web', 'shop.'), 'the resource group'],
  ['a group of 91 letters', id('web', 'g'.repeat(91)), 'the resource group'],
  ['a child resource', `${id()}/child/one`, form],
  ['a missing name', id('').slice(0, -1), form],
  ['an empty name', id(''), form],
  ['an empty group', id('web', ''), form],
  ['a slash at the end', `${id()}/`, form],
  ['no slash at the start', id().slice(1), form],
  ['a subscription that is not a GUID', id().replace(SUBSCRIPTION, 'production'), form],
  ['another provider', id().replace('Microsoft.', 'Contoso.'), form],
  ['a letter for the dot in the provider', id().replace('Microsoft.', 'MicrosoftX'), form],
  ['a whole URL', `https://management.azure.com${id()}`, form],
];

describe('the id of the scale set', () => {
  const good: readonly (readonly [string, string])[] = [
    ['in the usual spelling', scaleSetId()],
    ['in lower case', scaleSetId().toLowerCase()],
    ['in upper case', scaleSetId().toUpperCase()],
    ['with every kind of character that Azure allows', scaleSetId('_Web-1.a', '(Shop)_1.2-x')],
    ['with a name of one letter', scaleSetId('w', 'g')],
    ['at its longest', longScaleSetId(0)],
  ];
  it.each(good)('is taken %s', async (_, resourceId) => {
    expect(await refused(binding({ scaleSet: { resourceId } }))).toEqual([]);
    expect(parseScaleSetId(resourceId)).toMatchObject({ ok: true });
  });

  const ofScaleSets: readonly Bad[] = [
    ...bad(scaleSetId, 'must be the id of a scale set'),
    ['a name that ends in a period', scaleSetId('web.'), 'the name of the scale set'],
    ['a name of 65 letters', scaleSetId('w'.repeat(65)), 'the name of the scale set'],
    ['an identity', identityId(), 'must be the id of a scale set'],
    ['more characters than an id can have', scaleSetId('w'.repeat(64), 'g'.repeat(91)), 'may not be more than 274'],
    ['nothing', '', 'at least 1 chars'],
  ];
  it.each(ofScaleSets)('is refused with %s', async (_, resourceId, message) => {
    expect(await refused(binding({ scaleSet: { resourceId } }))).toEqual(like('spec.scaleSet.resourceId', message));
  });
});

describe('the id of an identity', () => {
  const good: readonly (readonly [string, string])[] = [
    ['in the usual spelling', identityId()],
    ['in lower case', identityId().toLowerCase()],
    ['in upper case', identityId().toUpperCase()],
    ['with every kind of character that Azure allows', identityId('_Web-1', '(Shop)_1.2-x')],
    ['with a name of three letters', identityId('abc', 'g')],
    ['at its longest', longIdentityId(0)],
  ];
  it.each(good)('is taken %s', async (_, resourceId) => {
    expect(await refused(bindingOf(resourceId))).toEqual([]);
    expect(parseIdentityId(resourceId)).toMatchObject({ ok: true });
  });

  const ofIdentities: readonly Bad[] = [
    ...bad(identityId, 'must be the id of a user-assigned identity'),
    ['a name with a dot', identityId('web.id'), 'the name of the identity'],
    ['a name of two letters', identityId('ab'), 'the name of the identity'],
    ['a name of 129 letters', identityId('i'.repeat(129)), 'the name of the identity'],
    ['a scale set', scaleSetId(), 'must be the id of a user-assigned identity'],
    ['more characters than an id can have', identityId('i'.repeat(128), 'g'.repeat(91)), 'may not be more than 345'],
    ['nothing', '', 'at least 1 chars'],
  ];
  it.each(ofIdentities)('is refused with %s', async (_, resourceId, message) => {
    expect(await refused(bindingOf(resourceId))).toEqual(like('spec.userAssigned[0].resourceId', message));
  });
});

describe('the list of identities', () => {
  it('is taken with 64 identities whose ids are as long as can be and differ at their end only', async () => {
    expect(longIdentityId(0)).toHaveLength(345);
    expect(await refused(bindingOf(...times(64, longIdentityId)))).toEqual([]);
  });

  it('is refused with 65', async () => {
    expect(await refused(bindingOf(...times(65, longIdentityId)))).toEqual(
      like('spec.userAssigned', 'must have at most 64 items'),
    );
  });

  it('is refused with an identity twice in one spelling', async () => {
    expect(await refused(bindingOf(identityId(), identityId()))).toEqual(like('spec.userAssigned[1]', 'Duplicate'));
  });

  it('is refused with an identity twice in two spellings, and the message names it', async () => {
    const twice = bindingOf(identityId('first'), identityId('web-id'), identityId('WEB-ID', 'SHOP'));
    expect(await refused(twice)).toEqual(
      like('spec.userAssigned', `${identityId('web-id').toLowerCase()} is listed more than once`),
    );
  });

  it('is refused so at its largest too, within what the API server spends on a rule', async () => {
    const ids = times(64, (index) => (index === 63 ? longIdentityId(62).toUpperCase() : longIdentityId(index)));
    expect(await refused(bindingOf(...ids))).toEqual([
      `spec.userAssigned: Invalid value: ${longIdentityId(62).toLowerCase()} is listed more than once ` +
        '(Azure does not tell upper case from lower case): keep one of them',
    ]);
  });

  it('takes letters for the same that Azure takes for the same, and no others', async () => {
    // Two words of ASCII that fold to one only where i and I are not a pair, as in Turkish.
    expect(await refused(bindingOf(identityId('idi'), identityId('IDI')))).toHaveLength(1);
    expect(await refused(bindingOf(identityId('id-1'), identityId('id_1')))).toEqual([]);
  });
});
