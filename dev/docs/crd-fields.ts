/** The fields of the custom resource definitions, as the documentation names them: `.spec.userAssigned[].adopt`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'yaml';

import { GROUP, type KindDescriptor } from '../../src/api/types.ts';

export interface FieldSchema {
  readonly type: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
}

export interface Field {
  readonly path: string;
  readonly schema: FieldSchema;
  readonly required: boolean;
}

interface Definition {
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: FieldSchema } }] };
}

const CRDS = join(import.meta.dirname, '../../crds');

/** Every field below the spec and the status of a kind, in the order of its definition. */
export async function fieldsOf({ plural }: Pick<KindDescriptor, 'plural'>): Promise<readonly Field[]> {
  const definition = parse(await readFile(join(CRDS, `${plural}.${GROUP}.yaml`), 'utf8')) as Definition;
  const { spec, status } = definition.spec.versions[0].schema.openAPIV3Schema.properties ?? {};
  return [...below(spec, '.spec'), ...below(status, '.status')];
}

function* below(schema: FieldSchema | undefined, path: string): Generator<Field> {
  for (const [name, field] of Object.entries(schema?.properties ?? {})) {
    const fieldPath = `${path}.${name}`;
    yield { path: fieldPath, schema: field, required: schema?.required?.includes(name) === true };
    yield* field.items === undefined ? below(field, fieldPath) : below(field.items, `${fieldPath}[]`);
  }
}
