/**
 * `deploy/install.yaml`: everything that an installation needs in one file, for who has no kustomize.
 *
 * `node dev/deploy/render.ts` writes it; with `--check` it writes nothing, and exits with 1 when the file is not what crds/
 * and deploy/base make.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { ensureBinaries } from '../control-plane/index.ts';
import { writeOrCheck } from '../generate/generated-file.ts';
import { DEPLOY, kustomize } from './kustomize.ts';

export const INSTALL = join(DEPLOY, 'install.yaml');
const CRDS = join(DEPLOY, '../crds');

const HEAD = `# Made by \`node dev/deploy/render.ts\` from crds/ and deploy/base: change those.
#
# kubectl apply --server-side -f deploy/install.yaml
# To uninstall, delete the bindings and wait until they are gone before anything of this: the definitions take every binding
# with them, and without the operator nobody takes back what was attached.
`;

/** What is to stand in the file. The definitions come first: nothing of theirs can be said before. */
export async function renderInstall(kubectl: string): Promise<string> {
  const files = (await readdir(CRDS)).filter((file) => file.endsWith('.yaml')).toSorted();
  const definitions = await Promise.all(files.map((file) => readFile(join(CRDS, file), 'utf8')));
  const objects = [...definitions, await kustomize(kubectl, join(DEPLOY, 'base'))];
  const text = `${HEAD}---\n${objects.map(withoutMarks).join('\n---\n')}\n`;
  return format(text, { ...(await resolveConfig(INSTALL)), parser: 'yaml' });
}

function withoutMarks(document: string): string {
  return document.replace(/^---\n/, '').trimEnd();
}

if (import.meta.main) {
  const { kubectl } = await ensureBinaries(['kubectl']);
  await writeOrCheck(INSTALL, await renderInstall(kubectl), 'npm run generate:install');
}
