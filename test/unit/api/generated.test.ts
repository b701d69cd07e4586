import { readdir, readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { generateApiTypes } from '../../../dev/generate/api-types.ts';
import type { CustomResourceDefinition } from '../../../dev/generate/crd-schemas.ts';
import { definitionsOf } from '../../../dev/generate/crd-schemas.ts';
import { MAX_CONDITION_MESSAGE_LENGTH } from '../../../src/api/conditions.ts';
import { KINDS, MAX_REQUESTED_AT_LENGTH } from '../../../src/api/types.ts';

const CRDS = new URL('../../../crds/', import.meta.url);

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, unknown>> } };
    }[];
  };
}

const readDefinition = async (plural: string): Promise<Definition> =>
  parse(await readFile(new URL(`${plural}.vmss-identity.dev.yaml`, CRDS), 'utf8')) as Definition;

describe('src/api/generated.ts', () => {
  it('is what crds/ says; if not, run `node dev/generate/api-types.ts`', async () => {
    const present = await readFile(new URL('../../../src/api/generated.ts', import.meta.url), 'utf8');
    expect(present).toBe(await generateApiTypes());
  });
});

describe('the generator', () => {
  const withSpec = (properties: Readonly<Record<string, object>>): CustomResourceDefinition => ({
    spec: {
      names: { kind: 'VmssIdentityPolicy' },
      versions: [
        { storage: true, schema: { openAPIV3Schema: { properties: { spec: { type: 'object', properties } } } } },
      ],
    },
  });

  it('takes a field with a default for one that is always there', () => {
    const definitions = definitionsOf([withSpec({ a: { type: 'string', default: 'x' }, b: { type: 'string' } })]);
    expect(definitions['VmssIdentityPolicySpec']?.required).toEqual(['a']);
  });

  it('stops at an object that has no name', () => {
    const nested = { nested: { type: 'object', properties: {} } };
    expect(() => definitionsOf([withSpec(nested)])).toThrow(
      'VmssIdentityPolicy.spec.nested: this object has no type name',
    );
  });

  it('stops where one name stands for two schemas', () => {
    const twice = [withSpec({ a: { type: 'string' } }), withSpec({ b: { type: 'string' } })];
    expect(() => definitionsOf(twice)).toThrow('its schema is not that of the other VmssIdentityPolicySpec');
  });
});

describe('the names in the code', () => {
  it('are those of all definitions', async () => {
    const files = await readdir(CRDS);
    expect(files.toSorted()).toEqual(KINDS.map(({ plural }) => `${plural}.vmss-identity.dev.yaml`).toSorted());
  });

  it.each(KINDS)('are those of the definition of $kind', async ({ group, version, plural, kind, namespaced }) => {
    const { spec } = await readDefinition(plural);
    expect({
      group: spec.group,
      version: spec.versions.map(({ name }) => name),
      plural: spec.names.plural,
      kind: spec.names.kind,
      namespaced: spec.scope === 'Namespaced',
    }).toEqual({ group, version: [version], plural, kind, namespaced });
  });

  it('bound texts as the definition of the binding does', async () => {
    const { spec } = await readDefinition('vmssidentitybindings');
    const status = spec.versions[0]?.schema.openAPIV3Schema.properties['status'];
    expect(status).toHaveProperty(
      ['properties', 'conditions', 'items', 'properties', 'message', 'maxLength'],
      MAX_CONDITION_MESSAGE_LENGTH,
    );
    expect(status).toHaveProperty(['properties', 'lastHandledReconcileAt', 'maxLength'], MAX_REQUESTED_AT_LENGTH);
  });
});
