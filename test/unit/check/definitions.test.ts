import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { KINDS } from '../../../src/api/types.ts';
import { judgeDefinitions, type ServedKind } from '../../../src/check/definitions.ts';
import { fieldsInUse } from '../../../src/check/fields.ts';

const FOLDER = join(import.meta.dirname, '../../../crds');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** The fields that hold values, as `spec.userAssigned[].resourceId`; those that every object has are left out. */
function leavesOf(schema: Schema, path = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = path === '' ? name : `${path}.${name}`;
    if (['apiVersion', 'kind', 'metadata'].includes(own)) return [];
    if (field.properties !== undefined) return leavesOf(field, own);
    return field.items?.properties === undefined ? [own] : leavesOf(field.items, `${own}[]`);
  });
}

const defined = new Map(
  readdirSync(FOLDER).map((file) => {
    const { spec } = parse(readFileSync(join(FOLDER, file), 'utf8')) as Definition;
    return [spec.names.kind, leavesOf(spec.versions[0]!.schema.openAPIV3Schema)] as const;
  }),
);

/** All kinds as `crds/` has them, but for what is changed. */
function served(
  changes: Readonly<Record<string, Partial<ServedKind> | undefined>> = {},
): ReadonlyMap<string, ServedKind> {
  return new Map(
    KINDS.filter(({ plural }) => !(plural in changes) || changes[plural] !== undefined).map(({ kind, plural }) => [
      plural,
      { hasStatus: true, fields: new Set(defined.get(kind)), ...changes[plural] },
    ]),
  );
}

describe('the fields that the operator looks for in the definitions', () => {
  it.each(KINDS)('of $kind are all that crds/ has', (kind) => {
    expect(fieldsInUse.get(kind)?.toSorted()).toEqual(defined.get(kind.kind)?.toSorted());
  });
});

describe('the definitions', () => {
  it('are as they should be', () => {
    expect(judgeDefinitions(served()).map(({ verdict, says }) => `${verdict} ${says}`)).toEqual([
      'ok vmssidentitybindings.vmss-identity.dev serves v1alpha1, with every field in use',
      'ok vmssidentitypolicies.vmss-identity.dev serves v1alpha1, with every field in use',
      'ok vmssidentityledgers.vmss-identity.dev serves v1alpha1, with every field in use',
    ]);
  });

  it('are missing where one is not served', () => {
    expect(judgeDefinitions(served({ vmssidentityledgers: undefined })).at(-1)).toEqual({
      verdict: 'missing',
      check: 'definition',
      says: 'vmssidentityledgers.vmss-identity.dev is not installed, or does not serve v1alpha1',
      command: 'kubectl apply --server-side --filename crds',
    });
  });

  it('are too old where a field is missing, which the API server would drop', () => {
    const fields = new Set(defined.get('VmssIdentityLedger')?.filter((path) => !path.endsWith('.reattachedAt')));
    expect(judgeDefinitions(served({ vmssidentityledgers: { fields } })).at(-1)).toMatchObject({
      verdict: 'missing',
      says: 'vmssidentityledgers.vmss-identity.dev is older than this operator: it lacks spec.entries[].reattachedAt',
      command: 'kubectl apply --server-side --filename crds',
    });
  });

  it('are wrong where the status of bindings is no subresource', () => {
    const [bindings] = judgeDefinitions(served({ vmssidentitybindings: { hasStatus: false, fields: new Set() } }));
    expect(bindings?.says).toMatch(/: it lacks the subresource status, spec\.\S+, spec\.\S+ and \d+ more$/);
  });
});
