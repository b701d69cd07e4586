/** Walks, drawn: what people declare comes from the schemas of the kinds, what befalls Azure from the cast. */
import fc from 'fast-check';

import type { Schema } from '../kube/structural-schema.ts';
import { identityIdOf, scaleSetIdOf } from '../names.ts';
import {
  BINDINGS,
  EVERYTHING,
  IDENTITIES,
  identityPatterns,
  NAMESPACES,
  POLICIES,
  SCALE_SETS,
  scaleSetPatterns,
} from './cast.ts';
import { type Flaw, flawsOf } from './invalid-values.ts';
import type { Move, Spec, Walk } from './moves.ts';
import { bindingSpec, policySpec } from './schema.ts';
import { bindingSpoilers, policySpoilers } from './spoilers.ts';
import { type Leaves, validValues } from './valid-values.ts';

const SHORTEST = 8;
const LONGEST = 20;

const identity = fc.constantFrom(...IDENTITIES);
/** Most of it happens to one of them: who shares nothing meets nobody. */
const scaleSet = fc.constantFrom('web', 'web', ...SCALE_SETS);
const binding = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...BINDINGS.slice(0, 1), ...BINDINGS.slice(0, 2), ...BINDINGS),
});

/** Azure does not tell upper case from lower case. */
const inAnyCase = (id: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(id, fc.constantFrom('as it is', 'as it is', 'upper'))
    .map(([text, how]) => (how === 'upper' ? text.toUpperCase() : text));

const someOf = (patterns: readonly string[]): fc.Arbitrary<readonly string[]> =>
  fc.uniqueArray(fc.constantFrom(...patterns), { minLength: 1, maxLength: 2 });

const bindingLeaves: Leaves = {
  'scaleSet.resourceId': inAnyCase(scaleSet.map(scaleSetIdOf)),
  'userAssigned[].resourceId': inAnyCase(identity.map(identityIdOf)),
};
const policyLeaves: Leaves = {
  'namespaces[]': fc.constantFrom('*', 'shop', 'pay*', 's*p'),
  scaleSets: someOf(scaleSetPatterns),
  userAssigned: someOf(identityPatterns),
  'protected[]': fc.constantFrom(...identityPatterns.slice(1)),
};

/** What a walk is about is never left out. */
const always = (schema: Schema, ...names: readonly string[]): Schema => ({
  ...schema,
  required: [...(schema.required ?? []), ...names],
});
const spec = validValues(always(bindingSpec, 'userAssigned'), bindingLeaves) as fc.Arbitrary<Spec>;
const anyPolicy = validValues(always(policySpec, 'scaleSets', 'userAssigned'), policyLeaves) as fc.Arbitrary<Spec>;
const generous = fc.constant({
  ...{ namespaces: ['*'], scaleSets: [EVERYTHING], userAssigned: [EVERYTHING], protected: [] },
  ...{ systemAssigned: 'EnableAndDisable', exclusive: 'Allow', adopt: 'Allow' },
});
const policy = fc.record({
  kind: fc.constant('policy' as const),
  name: fc.constantFrom(...POLICIES),
  spec: fc.oneof({ weight: 1, arbitrary: generous }, { weight: 2, arbitrary: anyPolicy }),
});

const wholeBinding = {
  scaleSet: { resourceId: scaleSetIdOf('web') },
  userAssigned: [{ resourceId: identityIdOf('one'), adopt: true }],
  ...{ systemAssigned: 'Enabled', mode: 'Exclusive', deletionPolicy: 'Retain', managementPolicy: 'Manage' },
  ...{ staleIdentities: 'Report', suspend: false },
};
const wholePolicy = {
  ...{ namespaces: ['shop'], scaleSets: [scaleSetIdOf('web')], userAssigned: [identityIdOf('one')] },
  ...{ systemAssigned: 'Enable', exclusive: 'Allow', adopt: 'Deny', protected: [identityIdOf('theirs')] },
};
const flawOf = (flaws: readonly Flaw[]): fc.Arbitrary<Flaw> => fc.constantFrom(...flaws);

const of = <K extends Move['kind']>(kind: K): { readonly kind: fc.Arbitrary<K> } => ({ kind: fc.constant(kind) });
const ofAny = <K extends Move['kind']>(...kinds: K[]): { readonly kind: fc.Arbitrary<K> } => ({
  kind: fc.constantFrom(...kinds),
});

const bind = fc.record({ ...of('bind'), binding, spec });

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 10, arbitrary: bind },
  {
    weight: 3,
    arbitrary: fc.record({
      ...of('bind wrongly'),
      ...{ binding, whole: fc.constant(wholeBinding) },
      flaw: flawOf(flawsOf(bindingSpec, wholeBinding, bindingSpoilers)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...of('policy wrongly'),
      ...{ name: fc.constantFrom(...POLICIES), whole: fc.constant(wholePolicy) },
      flaw: flawOf(flawsOf(policySpec, wholePolicy, policySpoilers)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...of('move binding'), binding }) },
  { weight: 4, arbitrary: fc.record({ ...of('unbind'), binding }) },
  { weight: 2, arbitrary: fc.record({ ...ofAny('abandon', 'ask for a look', 'take off finalizer'), binding }) },
  { weight: 3, arbitrary: policy },
  { weight: 1, arbitrary: fc.record({ ...of('remove policy'), name: fc.constantFrom(...POLICIES) }) },
  { weight: 4, arbitrary: fc.record({ ...ofAny('attach', 'strip'), scaleSet, identity }) },
  { weight: 1, arbitrary: fc.record({ ...of('system-assigned'), scaleSet, on: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ ...ofAny('create or delete', 'recreate', 'grant or revoke'), identity }) },
  { weight: 2, arbitrary: fc.record({ ...ofAny('replace', 'remove or create', 'tag', 'busy'), scaleSet }) },
  { weight: 1, arbitrary: fc.record({ ...of('delete ledger'), scaleSet }) },
  { weight: 2, arbitrary: fc.record(ofAny('crash', 'restart')) },
  { weight: 5, arbitrary: fc.record({ ...of('steps'), count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 6, arbitrary: fc.record({ ...of('wait'), seconds: fc.constantFrom(1, 10, 90, 600, 3600) }) },
);

/** The first moves allow and declare something, or else little would be seen but refusals. */
export const walks: fc.Arbitrary<Walk> = fc.record({
  seed: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
  operationMs: fc.constantFrom(0, 5000, 40_000),
  deletedIdentity: fc.constantFrom('OldIds', 'NullIds', 'AbsentIds'),
  missingIdentity: fc.constantFrom('LinkedAuthorizationFailed', 'FailedIdentityOperation'),
  moves: fc
    .tuple(policy, bind, bind, fc.array(move, { minLength: SHORTEST - 3, maxLength: LONGEST - 3, size: 'max' }))
    .map(([first, one, another, rest]) => [first, one, another, ...rest]),
});
