/** Objects as people and the operator may write them: every field of the schemas, and ids of every form that Azure allows. */
import fc from 'fast-check';

import type { Schema } from '../../sweep/kube/structural-schema.ts';
import { bindingSpec, ledgerSpec, policySpec } from '../../sweep/walks/schema.ts';
import { validValues } from '../../sweep/walks/valid-values.ts';
import { binding, type KubeObject, ledger, policy } from '../crds/objects.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** @param ends what the last character may be besides */
const names = (more: string, ends: string, minLength: number, maxLength: number): fc.Arbitrary<string> => {
  const of = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...Array.from(characters));
  const start = fc.string({ unit: of(LETTERS + more), minLength: minLength - 1, maxLength: maxLength - 1 });
  return fc.tuple(start, of(LETTERS + ends)).map((parts) => parts.join(''));
};

const group = names('_-.()', '_-()', 1, 90);
const inAnyCase = (text: string): fc.Arbitrary<string> => fc.constantFrom(text, text.toLowerCase(), text.toUpperCase());

const idOf = (type: string, name: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(inAnyCase('/subscriptions/'), fc.uuid(), inAnyCase('/resourceGroups/'), group, inAnyCase(type), name)
    .map((parts) => parts.join(''));

export const scaleSetIds = idOf('/providers/Microsoft.Compute/virtualMachineScaleSets/', names('_-.', '_-', 1, 64));
const identityIds = idOf('/providers/Microsoft.ManagedIdentity/userAssignedIdentities/', names('_-', '_-', 3, 128));
const wide = fc.uuid().map((subscription) => `/subscriptions/${subscription}/**`);

const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const text = fc.string({ maxLength: 64, unit: 'grapheme-ascii' });
const dnsName = fc.constantFrom('shop', 'web', 'a-b');

const specs = (schema: Schema, leaves: Parameters<typeof validValues>[1]): fc.Arbitrary<KubeObject['spec']> =>
  validValues(schema, leaves) as fc.Arbitrary<KubeObject['spec']>;

/** What no binding or policy leaves out here, though it may: of ids there cannot be enough. */
const always = (schema: Schema, ...fields: readonly string[]): Schema => ({
  ...schema,
  required: [...(schema.required ?? []), ...fields],
});

export const bindings: fc.Arbitrary<KubeObject> = specs(always(bindingSpec, 'userAssigned'), {
  'scaleSet.resourceId': scaleSetIds,
  'userAssigned[].resourceId': identityIds,
}).map(binding);

export const policies: fc.Arbitrary<KubeObject> = specs(always(policySpec, 'userAssigned'), {
  'namespaces[]': fc.constantFrom('*', 'shop', 'team-*', '*-a'),
  scaleSets: fc.uniqueArray(fc.oneof(scaleSetIds, wide), { minLength: 1, maxLength: 4 }),
  'userAssigned[]': fc.oneof(identityIds, wide),
  'protected[]': fc.oneof(identityIds, wide),
}).map(policy);

const members = Object.fromEntries(
  ['entries[].for[]', 'systemAssigned.for[]'].flatMap((path) => [
    [`${path}.namespace`, dnsName],
    [`${path}.name`, dnsName],
    [`${path}.uid`, fc.uuid()],
  ]),
);

/** As the operator writes them. */
export const ledgers: fc.Arbitrary<KubeObject> = specs(always(ledgerSpec, 'entries'), {
  ...members,
  scaleSetId: scaleSetIds,
  uniqueId: fc.uuid(),
  'entries[].resourceId': identityIds,
  'entries[].since': time,
  'entries[].reattachedAt': time,
  'systemAssigned.since': time,
  'operation.startedAt': time,
  'operation.lastError.code': text,
  'operation.lastError.message': text,
  'exclusive.detach[]': identityIds,
  'exclusive.since': time,
  'exclusive.bindings[]': fc.uuid().map((uid) => `${uid}/1`),
  'foreign[]': identityIds,
}).map(ledger);
