/** What the rules of the schemas forbid: values that break one, each made of a right one. */
import { identityIdOf } from '../names.ts';
import type { Spoilers } from './invalid-values.ts';

const LONGEST_GROUP = 90;
/** Folded by most languages to `k`, and by Azure to nothing. */
const KELVIN = '\u212a';

/** Of a resource id. */
const ids = (right: unknown): readonly string[] => {
  const id = right as string;
  const [, subscriptions, subscription, groups, group, ...rest] = id.split('/');
  const inGroup = (name: string): string => ['', subscriptions, subscription, groups, name, ...rest].join('/');
  return [
    ...[` ${id}`, `${id} `, `${id}\n`, `${id}/`, `${id}/extra`, id.slice(1), `${id}${KELVIN}`, `${id}%2f`, `${id}.`],
    id.replace('Microsoft.', 'Contoso.'),
    id.replace(`/${String(subscription)}/`, '/not-a-guid/'),
    id.replace(`/${String(groups)}/${String(group)}`, ''),
    ...['', '.', '..', 'shop.', 'sh op', 'g'.repeat(LONGEST_GROUP + 1)].map(inGroup),
    id.replace(/[^/]+$/, '..'),
  ];
};

/** Of an id with wildcards. */
const patterns = (right: unknown): readonly string[] => {
  const id = right as string;
  return [
    ...['*', '**', '/subscriptions/*/**', '/subscriptions/**'],
    id.replace(/[^/]+$/, 'a**'),
    id.replace(/providers.*$/, '*/**'),
    ...ids(right),
  ];
};

/** Of ids and patterns of scale sets and identities the names differ: a period at the end is wrong in both. */
export const bindingSpoilers: Spoilers = {
  'scaleSet.resourceId': ids,
  'userAssigned[].resourceId': ids,
  userAssigned: () => [
    [
      { resourceId: identityIdOf('one') },
      { resourceId: identityIdOf('ONE').replace('resourceGroups', 'resourcegroups') },
    ],
    [{ resourceId: identityIdOf('no') }],
  ],
};

export const policySpoilers: Spoilers = {
  'scaleSets[]': patterns,
  'userAssigned[]': patterns,
  'protected[]': patterns,
  'namespaces[]': () => ['Shop', '-shop', 'shop-', 'sh op', 'shop/web', 'shop?', KELVIN],
  '': (right) => [
    { ...(right as object), scaleSets: [], userAssigned: [], protected: [] },
    { ...(right as object), scaleSets: [] },
  ],
};
