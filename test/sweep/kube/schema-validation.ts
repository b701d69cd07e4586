/** What the API server finds wrong with a value by its structural schema, rules in CEL included. */
import { isDeepStrictEqual } from 'node:util';

import { isObject } from './api-object.ts';
import type { Cause } from './api-status.ts';
import { holds } from './cel.ts';
import type { Schema } from './structural-schema.ts';

/** After these the rules are not looked at: the values may not have the shape that they are about. */
const BLOCKING = [
  'FieldValueRequired',
  'FieldValueTypeInvalid',
  'FieldValueNotSupported',
  'FieldValueTooLong',
  'FieldValueTooMany',
];

const RULES_NOT_CHECKED: Cause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
};

/** @param previous what stood in the place before; undefined where nothing did */
export const validate = (value: unknown, schema: Schema, previous?: unknown): readonly Cause[] => {
  const causes = [...structure(value, schema, '')];
  return causes.some(({ reason }) => BLOCKING.includes(reason))
    ? [...causes, RULES_NOT_CHECKED]
    : [...causes, ...rules(value, schema, '', previous)];
};

const cause = (reason: string, field: string, message: string): Cause => ({ reason, message, field });

function* structure(value: unknown, schema: Schema, field: string): Generator<Cause> {
  if (typeOf(value) !== schema.type) {
    yield cause('FieldValueTypeInvalid', field, `Invalid value: must be of type ${schema.type}: "${typeOf(value)}"`);
    return;
  }
  if (schema.enum?.includes(value) === false) {
    const supported = schema.enum.map((one) => JSON.stringify(one)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
    yield cause('FieldValueNotSupported', field, message);
  }
  if (typeof value === 'string') yield* text(value, schema, field);
  if (typeof value === 'number') yield* number(value, schema, field);
  if (Array.isArray(value)) yield* list(value, schema, field);
  if (isObject(value)) yield* fields(value, schema, field);
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
};

function* text(value: string, schema: Schema, field: string): Generator<Cause> {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  const { length } = Array.from(value);
  if (length > maxLength) yield cause('FieldValueTooLong', field, `Too long: may not be more than ${maxLength} bytes`);
  if (length < minLength) {
    yield cause('FieldValueInvalid', field, `Invalid value: should be at least ${minLength} chars long`);
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    yield cause('FieldValueInvalid', field, `Invalid value: should match '${pattern}'`);
  }
  if (format === 'date-time' && !isDateTime(value)) {
    yield cause('FieldValueTypeInvalid', field, 'Invalid value: must be of type date-time');
  }
}

/** RFC 3339, and a day that there is. */
const isDateTime = (value: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value)) return false;
  const day = value.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  return (
    !Number.isNaN(Date.parse(value)) && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
  );
};

function* number(value: number, { minimum = -Infinity, maximum = Infinity }: Schema, field: string): Generator<Cause> {
  if (value < minimum) yield cause('FieldValueInvalid', field, `should be greater than or equal to ${minimum}`);
  if (value > maximum) yield cause('FieldValueInvalid', field, `should be less than or equal to ${maximum}`);
}

function* list(value: readonly unknown[], schema: Schema, field: string): Generator<Cause> {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  if (value.length > maxItems) yield cause('FieldValueTooMany', field, `must have at most ${maxItems} items`);
  if (value.length < minItems) yield cause('FieldValueInvalid', field, `should have at least ${minItems} items`);
  if (items !== undefined) {
    for (const [index, item] of value.entries()) yield* structure(item, items, `${field}[${index}]`);
  }
  const ids = value.map((item) => identityIn(item, schema));
  for (const [index, id] of ids.entries()) {
    const isRepeated = id !== undefined && ids.slice(0, index).some((earlier) => isDeepStrictEqual(earlier, id));
    if (isRepeated) yield cause('FieldValueDuplicate', `${field}[${index}]`, `Duplicate value: ${JSON.stringify(id)}`);
  }
}

/** By what an item is told from its neighbours; undefined in lists that may repeat. */
const identityIn = (item: unknown, schema: Schema): unknown => {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return item;
  if (type !== 'map' || !isObject(item)) return undefined;
  return Object.fromEntries((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => [key, item[key]]));
};

function* fields(value: Readonly<Record<string, unknown>>, schema: Schema, field: string): Generator<Cause> {
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) yield cause('FieldValueRequired', below(field, name), 'Required value');
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (value[name] !== undefined) yield* structure(value[name], property, below(field, name));
  }
}

const below = (field: string, name: string): string => (field === '' ? name : `${field}.${name}`);

/** Rules that compare with what stood there before are passed over where nothing did. */
function* rules(value: unknown, schema: Schema, field: string, previous: unknown): Generator<Cause> {
  for (const { rule, message, reason = 'FieldValueInvalid' } of schema['x-kubernetes-validations'] ?? []) {
    const isSkipped = rule.includes('oldSelf') && previous === undefined;
    if (!isSkipped && !holds(rule, value, previous)) {
      yield cause(
        reason,
        field,
        `${reason === 'FieldValueForbidden' ? 'Forbidden' : 'Invalid value'}: ${message ?? rule}`,
      );
    }
  }
  if (Array.isArray(value) && schema.items !== undefined) {
    for (const [index, item] of value.entries()) {
      yield* rules(item, schema.items, `${field}[${index}]`, counterpart(item, schema, previous));
    }
  }
  if (!isObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const before = isObject(previous) ? previous[name] : undefined;
    if (value[name] !== undefined) yield* rules(value[name], property, below(field, name), before);
  }
}

/** The item of the list before that is the same one by its keys; lists without keys have none. */
const counterpart = (item: unknown, schema: Schema, previous: unknown): unknown =>
  schema['x-kubernetes-list-type'] === 'map' && Array.isArray(previous)
    ? previous.find((earlier) => isDeepStrictEqual(identityIn(earlier, schema), identityIn(item, schema)))
    : undefined;
