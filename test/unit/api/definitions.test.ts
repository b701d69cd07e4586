import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Rule {
  readonly rule: string;
  readonly message?: string;
}

interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly Rule[];
}

interface Definition {
  readonly spec: {
    readonly names: {
      readonly kind: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly versions: readonly [
      { readonly subresources?: unknown; readonly schema: { readonly openAPIV3Schema: Schema } },
    ];
  };
}

const CRDS = new URL('../../../crds/', import.meta.url);
const definitions = readdirSync(CRDS).map((name) => parse(readFileSync(new URL(name, CRDS), 'utf8')) as Definition);

/** Every schema below spec and status, the items of lists among them, with its path. */
function* schemasOf(schema: Schema, path: string): Generator<readonly [path: string, schema: Schema]> {
  yield [path, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* schemasOf(field, `${path}.${name}`);
  if (schema.items) yield* schemasOf(schema.items, `${path}[]`);
}

const all = definitions.flatMap(({ spec }) => {
  const { spec: wanted, status } = spec.versions[0].schema.openAPIV3Schema.properties ?? {};
  return [
    ...schemasOf(wanted!, `${spec.names.kind}.spec`),
    ...(status ? schemasOf(status, `${spec.names.kind}.status`) : []),
  ];
});
const pathsWhere = (holds: (schema: Schema) => boolean): readonly string[] =>
  all.filter(([, schema]) => holds(schema)).map(([path]) => path);

describe('the definitions of the kinds', () => {
  it('describe every field', () => {
    expect(all.length).toBeGreaterThan(80);
    expect(pathsWhere(({ description }) => !description?.endsWith('.'))).toEqual([]);
  });

  it('bound every string', () => {
    expect(pathsWhere((schema) => schema.type === 'string' && !schema.enum && !schema.maxLength)).toEqual([]);
  });

  it('bound every list, and say how it is merged', () => {
    expect(pathsWhere((schema) => schema.type === 'array' && !schema.maxItems)).toEqual([]);
    expect(pathsWhere((schema) => schema.type === 'array' && !schema['x-kubernetes-list-type'])).toEqual([]);
  });

  it('give every rule a message', () => {
    const rules = all.flatMap(([path, schema]) =>
      (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ path, rule })),
    );
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ rule }) => !rule.message)).toEqual([]);
  });

  it('keep the status of bindings apart from their spec, and of them alone', () => {
    const apart = definitions.filter(({ spec }) => spec.versions[0].subresources !== undefined);
    expect(apart.map(({ spec }) => spec.names.kind)).toEqual(['VmssIdentityBinding']);
  });

  it('have the short names vib, vil and vip, and a category of their own', () => {
    expect(definitions.flatMap(({ spec }) => spec.names.shortNames).toSorted()).toEqual(['vib', 'vil', 'vip']);
    expect(definitions.flatMap(({ spec }) => spec.names.categories)).toEqual(Array(3).fill('vmss-identity'));
  });
});
