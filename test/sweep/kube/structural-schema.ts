/**
 * Structural schemas, as custom resource definitions hold them, and the two things that the API server does to an object
 * before it looks at it: it takes off what the schema does not know, and fills in defaults.
 */
import { isObject } from './api-object.ts';
import { compile } from './cel.ts';

export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly reason?: string;
}

export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

const UNDERSTOOD = new Set([
  ...['type', 'properties', 'required', 'items', 'default', 'nullable', 'enum', 'format', 'pattern', 'description'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations'],
]);

/** @throws Error about a keyword or a rule that would otherwise be passed over in silence */
export const understood = (schema: Schema, at = ''): Schema => {
  for (const keyword of Object.keys(schema)) {
    if (!UNDERSTOOD.has(keyword)) throw new Error(`the API server in memory does not know ${keyword} (${at})`);
  }
  for (const { rule } of schema['x-kubernetes-validations'] ?? []) compile(rule);
  for (const [name, property] of Object.entries(schema.properties ?? {})) understood(property, `${at}.${name}`);
  if (schema.items !== undefined) understood(schema.items, `${at}[]`);
  return schema;
};

/** The value without unknown fields, and with defaults. Metadata, whose schema is empty, stays as it is. */
export const pruneAndDefault = (value: unknown, schema: Schema): unknown => {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => pruneAndDefault(item, items));
  }
  const { properties } = schema;
  if (!isObject(value) || properties === undefined) return value;
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const given = value[name];
    // A null where none may be is no value: the default takes its place.
    const isAbsent = given === undefined || (given === null && property.nullable !== true);
    const kept = isAbsent ? structuredClone(property.default) : given;
    if (kept !== undefined) result[name] = pruneAndDefault(kept, property);
  }
  return result;
};
