/**
 * Writes `src/api/generated.ts`, the TypeScript types of the kinds, from the schemas in `crds/`.
 *
 * `node dev/generate/api-types.ts` writes the file; with `--check` it writes nothing, and exits with 1 when the file is
 * not what the schemas say.
 */
import { readdir, readFile } from 'node:fs/promises';

import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';

import type { CustomResourceDefinition } from './crd-schemas.ts';
import { definitionsOf } from './crd-schemas.ts';
import { deeplyReadonly } from './deeply-readonly.ts';
import { layOut } from './doc-comments.ts';
import { hasText, writeOrCheck } from './generated-file.ts';

const CRDS = new URL('../../crds/', import.meta.url);
const TARGET = new URL('../../src/api/generated.ts', import.meta.url);

const BANNER = `/**
 * Spec and status of the kinds, as the API server returns them: fields with a default are always there.
 *
 * Generated from crds/ by \`node dev/generate/api-types.ts\`; do not edit.
 */
`;

/** The text that `src/api/generated.ts` should have. */
export async function generateApiTypes(): Promise<string> {
  const files = (await readdir(CRDS)).filter((name) => name.endsWith('.yaml')).toSorted();
  const crds = await Promise.all(
    files.map(async (name) => parse(await readFile(new URL(name, CRDS), 'utf8')) as CustomResourceDefinition),
  );
  const compiled = await compile({ definitions: definitionsOf(crds) }, 'Kinds', {
    bannerComment: '',
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    format: false,
  });
  const options = await resolveConfig(TARGET);
  return format(`${BANNER}\n${layOut(deeplyReadonly(withoutRoot(compiled)))}`, { ...options, parser: 'typescript' });
}

/** Whether `src/api/generated.ts` is what the schemas say. */
export async function isCurrent(): Promise<boolean> {
  return hasText(TARGET, await generateApiTypes());
}

/** The compiler emits an interface for the document itself, and a note on where it found each definition. */
function withoutRoot(compiled: string): string {
  return compiled
    .replace(/export interface Kinds \{[^}]*\}\n/, '')
    .replaceAll(/\n \* This interface was referenced by [^\n]*\n \* via the `definition` [^\n]*/g, '');
}

if (import.meta.main) {
  await writeOrCheck(TARGET, await generateApiTypes());
}
