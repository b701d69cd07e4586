/**
 * Turns the schemas of the custom resource definitions into one JSON Schema of named definitions: the source that the
 * TypeScript types are generated from.
 */
import { isDeepStrictEqual } from 'node:util';

import type { JSONSchema } from 'json-schema-to-typescript';

/** What of a CustomResourceDefinition the generator reads. */
export interface CustomResourceDefinition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: JSONSchema };
    }[];
  };
}

/**
 * Names of the types inside a kind's spec and status, by the path of their schema. Two paths may share a name where
 * their schemas are the same; an object whose path has no name here stops the generator.
 */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['VmssIdentityBinding.spec', 'VmssIdentityBindingSpec'],
  ['VmssIdentityBinding.spec.scaleSet', 'ScaleSetReference'],
  ['VmssIdentityBinding.spec.userAssigned[]', 'DeclaredIdentity'],
  ['VmssIdentityBinding.status', 'VmssIdentityBindingStatus'],
  ['VmssIdentityBinding.status.conditions[]', 'Condition'],
  ['VmssIdentityBinding.status.scaleSet', 'ScaleSetStatus'],
  ['VmssIdentityBinding.status.systemAssigned', 'SystemAssignedStatus'],
  ['VmssIdentityBinding.status.userAssigned[]', 'IdentityStatus'],
  ['VmssIdentityBinding.status.plan', 'PlanStatus'],
  ['VmssIdentityPolicy.spec', 'VmssIdentityPolicySpec'],
  ['VmssIdentityLedger.spec', 'VmssIdentityLedgerSpec'],
  ['VmssIdentityLedger.spec.entries[]', 'LedgerEntry'],
  ['VmssIdentityLedger.spec.entries[].for[]', 'LedgerMember'],
  ['VmssIdentityLedger.spec.systemAssigned', 'LedgerSystemAssigned'],
  ['VmssIdentityLedger.spec.systemAssigned.for[]', 'LedgerMember'],
  ['VmssIdentityLedger.spec.operation', 'LedgerOperation'],
  ['VmssIdentityLedger.spec.operation.lastError', 'LedgerError'],
  ['VmssIdentityLedger.spec.exclusive', 'LedgerWait'],
]);

/**
 * The definitions of all objects inside the spec and status of the given kinds, as they are read from the API server:
 * a field with a default is always there.
 *
 * @throws Error when an object has no name, or one name stands for two different schemas.
 */
export function definitionsOf(crds: readonly CustomResourceDefinition[]): Record<string, JSONSchema> {
  const definitions: Record<string, JSONSchema> = {};
  for (const crd of crds) {
    const { kind } = crd.spec.names;
    const version = crd.spec.versions.find(({ storage }) => storage);
    const { spec, status } = version?.schema.openAPIV3Schema.properties ?? {};
    if (spec === undefined) throw new Error(`${kind}: no stored version with a schema for spec`);
    convert(spec, `${kind}.spec`, definitions);
    if (status !== undefined) convert(status, `${kind}.status`, definitions);
  }
  return definitions;
}

function convert(schema: JSONSchema, path: string, definitions: Record<string, JSONSchema>): JSONSchema {
  const { type, description } = schema;
  if (type === 'object') return define(schema, path, definitions);
  if (type === 'array') {
    const items = schema.items;
    if (items === undefined || Array.isArray(items)) throw new Error(`${path}: a list needs one schema for its items`);
    const { description: _, ...item } = convert(items, `${path}[]`, definitions);
    return { type, ...described(description), items: item };
  }
  return { ...(type && { type }), ...described(description), ...(schema.enum && { enum: schema.enum }) };
}

function define(schema: JSONSchema, path: string, definitions: Record<string, JSONSchema>): JSONSchema {
  const name = NAMES.get(path);
  if (name === undefined) throw new Error(`${path}: this object has no type name; give it one in NAMES`);
  const properties = Object.entries(schema.properties ?? {});
  const definition: JSONSchema = {
    type: 'object',
    ...described(schema.description),
    additionalProperties: false,
    required: properties.filter(([key, value]) => isPresent(schema, key, value)).map(([key]) => key),
    properties: Object.fromEntries(
      properties.map(([key, value]) => [key, convert(value, `${path}.${key}`, definitions)]),
    ),
  };
  const other = definitions[name];
  if (other !== undefined && !isDeepStrictEqual(other, definition)) {
    throw new Error(`${path}: its schema is not that of the other ${name}; make them the same, or name it otherwise`);
  }
  definitions[name] = definition;
  return { $ref: `#/definitions/${name}` };
}

function isPresent(parent: JSONSchema, key: string, property: JSONSchema): boolean {
  const isRequired = Array.isArray(parent.required) && parent.required.includes(key);
  return isRequired || property.default !== undefined;
}

function described(description: string | undefined): JSONSchema {
  return description === undefined ? {} : { description };
}
