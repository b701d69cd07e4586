/** Who and what takes part in a walk. */
import { identityIdOf, NAMESPACE, scaleSetIdOf, SUBSCRIPTION } from '../names.ts';
import { beginningOf } from '../world.ts';

export const NAMESPACES = [NAMESPACE, 'payments'] as const;
export const BINDINGS = ['first', 'second', 'third'] as const;
export const SCALE_SETS = ['web', 'db'] as const;
export const IDENTITIES = ['one', 'two', 'three', 'four', 'theirs'] as const;
export const POLICIES = ['everything', 'narrow'] as const;

export type ScaleSetName = (typeof SCALE_SETS)[number];
export type IdentityName = (typeof IDENTITIES)[number];

export const EVERYTHING = `/subscriptions/${SUBSCRIPTION}/**`;

/** Patterns of policies that match some of it. */
export const scaleSetPatterns = [EVERYTHING, scaleSetIdOf('web'), scaleSetIdOf('*b'), scaleSetIdOf('d*').toUpperCase()];
export const identityPatterns = [
  EVERYTHING,
  identityIdOf('one'),
  identityIdOf('t*'),
  identityIdOf('*o*').toUpperCase(),
  identityIdOf('f*r'),
];

export const beginning = beginningOf({
  namespaces: NAMESPACES.slice(1),
  identities: IDENTITIES,
  scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs', 'four'] } }, { name: 'db' }],
});
