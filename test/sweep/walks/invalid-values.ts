/** Everything about an object that its schema forbids, each by itself: one thing wrong, and the rest of it right. */
import type { Schema } from '../kube/structural-schema.ts';
import { below } from './valid-values.ts';

export interface Flaw {
  /** As a sentence, for people. */
  readonly what: string;
  /** Where it is: names of properties and places in lists. */
  readonly at: readonly (string | number)[];
  /** What stands there instead; null: nothing. */
  readonly value: unknown;
}

/** What rules in CEL forbid, by path: values that break one, made of a right one. */
export type Spoilers = Readonly<Record<string, (right: unknown) => readonly unknown[]>>;

const OF_ANOTHER_TYPE = { object: 'text', array: {}, string: 7, integer: '1', boolean: 'true' } as const;

interface Place {
  readonly schema: Schema;
  readonly path: string;
  readonly at: readonly (string | number)[];
  /** A right one, with every property and an item in every list. */
  readonly right: unknown;
}

/** @param whole an object that the schema takes, in which nothing is left out */
export function flawsOf(schema: Schema, whole: unknown, spoilers: Spoilers): readonly Flaw[] {
  return [...flaws({ schema, path: '', at: [], right: whole }, spoilers)];
}

/** An object with one thing wrong. */
export function withFlaw(whole: unknown, { at, value }: Pick<Flaw, 'at' | 'value'>): unknown {
  const [step, ...rest] = at;
  if (step === undefined) return value;
  const copy = (Array.isArray(whole) ? [...(whole as unknown[])] : { ...(whole as object) }) as Record<string, unknown>;
  copy[step] = withFlaw(copy[step], { at: rest, value });
  return copy;
}

function* flaws(place: Place, spoilers: Spoilers): Generator<Flaw> {
  const { schema, path, at, right } = place;
  const flaw = (what: string, value: unknown): Flaw => ({ what: `${path === '' ? 'spec' : path} ${what}`, at, value });
  yield flaw(`is not of type ${schema.type}`, OF_ANOTHER_TYPE[schema.type]);
  for (const value of spoilers[path]?.(right) ?? []) yield flaw('breaks a rule', value);
  switch (schema.type) {
    case 'string':
      yield* texts(schema, flaw);
      return;
    case 'array':
      yield* lists(place, flaw, spoilers);
      return;
    case 'object':
      yield* objects(place, spoilers);
      return;
    case 'integer':
      if (schema.minimum !== undefined) yield flaw('is too small', schema.minimum - 1);
      if (schema.maximum !== undefined) yield flaw('is too large', schema.maximum + 1);
      return;
    case 'boolean':
  }
}

function* texts(schema: Schema, flaw: (what: string, value: unknown) => Flaw): Generator<Flaw> {
  for (const word of schema.enum ?? []) {
    yield flaw('is none of the words', String(word).toLowerCase());
    yield flaw('is none of the words', `${String(word)} `);
  }
  if ((schema.minLength ?? 0) > 0) yield flaw('is empty', '');
  if (schema.maxLength !== undefined) yield flaw('is too long', 'x'.repeat(schema.maxLength + 1));
}

function* lists(
  { schema, path, at, right }: Place,
  flaw: (what: string, value: unknown) => Flaw,
  spoilers: Spoilers,
): Generator<Flaw> {
  const [item] = right as readonly unknown[];
  if (item === undefined || schema.items === undefined) throw new Error(`${path} has no item to spoil`);
  if ((schema.minItems ?? 0) > 0) yield flaw('has too few items', []);
  if (schema.maxItems !== undefined) {
    const many = Array.from({ length: schema.maxItems + 1 }, (_, index) => numbered(item, index));
    yield flaw('has too many items', many);
  }
  if (schema['x-kubernetes-list-type'] !== undefined) yield flaw('has an item twice', [item, item]);
  yield* flaws({ schema: schema.items, path: `${path}[]`, at: [...at, 0], right: item }, spoilers);
}

function* objects({ schema, path, at, right }: Place, spoilers: Spoilers): Generator<Flaw> {
  for (const name of schema.required ?? []) {
    yield { what: `${below(path, name)} is left out`, at: [...at, name], value: null };
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = (right as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) throw new Error(`${below(path, name)} is left out of what is to be spoilt`);
    yield* flaws({ schema: property, path: below(path, name), at: [...at, name], right: value }, spoilers);
  }
}

/** Many that differ, and are right each by itself. */
const numbered = (item: unknown, index: number): unknown =>
  typeof item === 'string' ? `${item}${index}` : { ...(item as object), resourceId: `${resourceIdOf(item)}${index}` };

const resourceIdOf = (item: unknown): string => (item as { readonly resourceId: string }).resourceId;
