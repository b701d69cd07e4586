/** The kinds of the operator, as `crds/` defines them. */
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { KINDS } from '../../../src/api/types.ts';
import type { ResourceDescriptor } from '../../../src/kube/object.ts';
import { type JsonObject, without } from './api-object.ts';
import { validate } from './schema-validation.ts';
import type { ServedKind } from './served-kind.ts';
import { pruneAndDefault, type Schema, understood } from './structural-schema.ts';

interface Definition {
  readonly spec: {
    readonly versions: readonly [
      { readonly schema: { readonly openAPIV3Schema: Schema }; readonly subresources?: { readonly status?: object } },
    ];
  };
}

const customKind = (descriptor: ResourceDescriptor): ServedKind => {
  const file = new URL(`../../../crds/${descriptor.plural}.${descriptor.group}.yaml`, import.meta.url);
  const { versions } = (parse(readFileSync(file, 'utf8')) as Definition).spec;
  const [{ schema, subresources }] = versions;
  const root = understood(schema.openAPIV3Schema);
  return {
    ...descriptor,
    isCustom: true,
    hasStatus: subresources?.status !== undefined,
    countsGenerations: true,
    createsOnUpdate: false,
    normalise: (object) => pruneAndDefault(object, root) as JsonObject,
    validate: (next, previous) => validate(withoutMeta(next), root, previous && withoutMeta(previous)),
  };
};

const withoutMeta = (object: JsonObject): JsonObject => without(object, 'metadata');

export const customKinds: readonly ServedKind[] = KINDS.map(customKind);
