/** The schemas of the kinds, as `crds/` has them. */
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { BINDING, LEDGER, POLICY } from '../../../src/api/types.ts';
import type { ResourceDescriptor } from '../../../src/kube/object.ts';
import type { Schema } from '../kube/structural-schema.ts';

interface Definition {
  readonly spec: {
    readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Schema } }];
  };
}

export const bindingSpec = specOf(BINDING);
export const policySpec = specOf(POLICY);
export const ledgerSpec = specOf(LEDGER);

function specOf({ plural, group }: ResourceDescriptor): Schema {
  const file = new URL(`../../../crds/${plural}.${group}.yaml`, import.meta.url);
  const [{ schema }] = (parse(readFileSync(file, 'utf8')) as Definition).spec.versions;
  const { spec } = schema.openAPIV3Schema.properties ?? {};
  if (spec === undefined) throw new Error(`${plural} has no spec`);
  return spec;
}
