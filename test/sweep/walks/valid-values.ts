/** Values that a schema takes, drawn property by property: one that is added later is walked as well, or missed aloud. */
import fc from 'fast-check';

import type { Schema } from '../kube/structural-schema.ts';

/** What is drawn where a schema alone does not tell what would mean something, by path. */
export type Leaves = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** The most items of a list. */
const MOST = 4;

/** @param path of the schema, as {@link below} writes it */
export function validValues(schema: Schema, leaves: Leaves, path = ''): fc.Arbitrary<unknown> {
  const leaf = leaves[path];
  if (leaf !== undefined) return leaf;
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'object':
      return objects(schema, leaves, path);
    case 'array':
      return lists(schema, leaves, path);
    default:
      throw new Error(`nobody knows what to draw for ${path}`);
  }
}

export const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** Most of what may be left out is left out: what is drawn then shows. */
function objects({ properties = {}, required = [] }: Schema, leaves: Leaves, path: string): fc.Arbitrary<object> {
  const drawn = Object.entries(properties).map(([name, property]) => {
    const value = validValues(property, leaves, below(path, name));
    const absent = { weight: 3, arbitrary: fc.constant(undefined) };
    return [name, required.includes(name) ? value : fc.oneof(absent, { weight: 2, arbitrary: value })] as const;
  });
  return fc.record(Object.fromEntries(drawn)).map(withoutAbsent);
}

function lists({ items, minItems = 0 }: Schema, leaves: Leaves, path: string): fc.Arbitrary<readonly unknown[]> {
  if (items === undefined) throw new Error(`the items of ${path} have no schema`);
  return fc.uniqueArray(validValues(items, leaves, `${path}[]`), {
    minLength: minItems,
    maxLength: Math.max(minItems, MOST),
    selector: identityOf,
  });
}

/** By what two items of a list would be the same one, whatever their case. */
function identityOf(item: unknown): string {
  const key = typeof item === 'object' && item !== null && 'resourceId' in item ? item.resourceId : item;
  return JSON.stringify(key).toLowerCase();
}

const withoutAbsent = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
