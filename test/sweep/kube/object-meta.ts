/** The rules of metadata (apiserver, `registry/rest/{create,update,delete}.go` and apimachinery's validation of it). */
import { isDeepStrictEqual } from 'node:util';

import { type ApiObjectMeta, type JsonObject, without } from './api-object.ts';
import type { Cause } from './api-status.ts';

/** What the server alone writes. */
const GIVEN_BY_SERVER = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'],
  ...['managedFields', 'selfLink'],
];

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const newMeta = (
  given: JsonObject,
  ref: { readonly namespace?: string | undefined; readonly name: string },
  server: { readonly uid: string; readonly creationTimestamp: string; readonly generation?: number },
): ApiObjectMeta =>
  withoutEmpty({
    ...without(given, ...GIVEN_BY_SERVER, 'namespace'),
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    name: ref.name,
    ...server,
    resourceVersion: '',
  }) as ApiObjectMeta;

/** What is given for an object that is there: the server's own fields stay as they are. */
export const changedMeta = (given: JsonObject, current: ApiObjectMeta): ApiObjectMeta =>
  withoutEmpty({
    ...without(given, ...GIVEN_BY_SERVER),
    ...Object.fromEntries(
      GIVEN_BY_SERVER.filter((field) => current[field] !== undefined).map((field) => [field, current[field]]),
    ),
    name: current.name,
    ...(current.namespace === undefined ? {} : { namespace: current.namespace }),
  }) as ApiObjectMeta;

/** Empty lists and maps are not kept. */
const withoutEmpty = (meta: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(meta).filter(
      ([, value]) => value !== null && (typeof value !== 'object' || Object.keys(value).length > 0),
    ),
  );

export const newMetaCauses = ({ name }: ApiObjectMeta): readonly Cause[] =>
  NAME.test(name) && name.length <= 253
    ? []
    : [
        {
          reason: 'FieldValueInvalid',
          field: 'metadata.name',
          message: `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
        },
      ];

/** Whatever else is the server's is taken from the object as it is, and nobody is told. */
const immutableIn = ({ deletionTimestamp }: ApiObjectMeta): readonly string[] =>
  deletionTimestamp === undefined ? ['uid', 'deletionTimestamp'] : ['uid'];

/** @param given as it came, before {@link changedMeta} */
export const changedMetaCauses = (given: JsonObject, current: ApiObjectMeta): readonly Cause[] => [
  ...immutableIn(current)
    .filter((field) => (given[field] ?? undefined) !== undefined && !isDeepStrictEqual(given[field], current[field]))
    .map((field) => ({
      reason: 'FieldValueInvalid',
      field: `metadata.${field}`,
      message: `Invalid value: ${JSON.stringify(given[field])}: field is immutable`,
    })),
  ...newFinalizers(given, current),
];

function newFinalizers(given: JsonObject, current: ApiObjectMeta): readonly Cause[] {
  const finalizers = Array.isArray(given['finalizers']) ? (given['finalizers'] as readonly string[]) : [];
  const added = finalizers.filter((finalizer) => current.finalizers?.includes(finalizer) !== true);
  if (current.deletionTimestamp === undefined || added.length === 0) return [];
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
    },
  ];
}
