/** Nothing lies in `deploy/` that nobody looks at: every file is part of a kustomization that tests apply, or is named by one. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { ROOT } from '../../../dev/docs/pages.ts';

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly path?: string }[];
  readonly configMapGenerator?: readonly { readonly files?: readonly string[] }[];
}

type ReadFile = (path: string) => Promise<string>;

const KUSTOMIZATION = 'kustomization.yaml';
const read: ReadFile = (path) => readFile(join(ROOT, path), 'utf8');

async function filesBelow(folder: string, ending: RegExp): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && ending.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)).toSorted();
}

/** The files that a kustomization names, itself and those of others that it builds on. */
async function reachedFrom(folder: string, files: readonly string[], readText: ReadFile): Promise<readonly string[]> {
  const own = join(folder, KUSTOMIZATION);
  if (!files.includes(own)) return [];
  const { resources = [], components = [], patches = [], ...rest } = parse(await readText(own)) as Kustomization;
  const generated = (rest.configMapGenerator ?? []).flatMap((each) => each.files ?? []);
  const parts = [...resources, ...components, ...patches.flatMap(({ path = [] }) => path)];
  const paths = [...parts, ...generated.map((file) => file.replace(/^[^=]*=/, ''))].map((part) => join(folder, part));
  const below = await Promise.all(paths.map((path) => reachedFrom(path, files, readText)));
  return [own, ...paths.filter((path) => files.includes(path)), ...below.flat()];
}

/** What tests name in `deploy/`: files, and folders other than those that hold nothing but folders. */
function namedIn(texts: readonly string[]): readonly string[] {
  const paths = texts.flatMap(
    (text) => text.match(/(?:deploy\/|(?<=['`])(?=components\/|overlays\/|recipes\/))[\w./-]+/g) ?? [],
  );
  const whole = paths.map((path) =>
    normalize(path.startsWith('deploy/') ? path : join('deploy', path)).replace(/\/$/, ''),
  );
  return [...new Set(whole)].filter((path) => !/^deploy(?:\/(?:base|components|overlays|recipes))?$/.test(path));
}

/** The files that no kustomization and no test knows of. */
async function untouched(
  files: readonly string[],
  texts: readonly string[],
  readText: ReadFile,
): Promise<readonly string[]> {
  const named = namedIn(texts);
  const overlays = files.filter((file) => /^deploy\/overlays\/[^/]+\/kustomization\.yaml$/.test(file)).map(dirname);
  const folders = ['deploy/base', ...overlays, ...named];
  const reached = (await Promise.all(folders.map((folder) => reachedFrom(folder, files, readText)))).flat();
  const isNamed = (file: string): boolean => named.some((path) => file === path || file.startsWith(`${path}/`));
  return files.filter((file) => !reached.includes(file) && !isNamed(file));
}

describe('every file of deploy/', () => {
  it('is part of what tests apply, or is named by a test', async () => {
    const files = await filesBelow('deploy', /./);
    const tests = (await filesBelow('test', /\.ts$/)).filter((path) => !path.startsWith('test/unit/deploy/'));
    expect(files).toContain('deploy/base/deployment.yaml');
    expect(await untouched(files, await Promise.all(tests.map(read)), read)).toEqual([]);
  });

  it('that is neither is found', async () => {
    const texts: Readonly<Record<string, string>> = {
      'deploy/base/kustomization.yaml': 'resources: [used.yaml]\npatches: [{ path: patch.yaml }]',
      'deploy/overlays/one/kustomization.yaml': 'resources: [../../base]\ncomponents: [../../components/built-on]',
      'deploy/components/built-on/kustomization.yaml': 'resources: [part.yaml]',
      'deploy/components/tested/kustomization.yaml': 'resources: [part.yaml]',
      'deploy/components/forgotten/kustomization.yaml': 'resources: [part.yaml]',
    };
    const files = [
      ...Object.keys(texts),
      ...['used.yaml', 'patch.yaml', 'forgotten.yaml'].map((file) => `deploy/base/${file}`),
      ...['built-on', 'tested', 'forgotten'].map((component) => `deploy/components/${component}/part.yaml`),
      'deploy/azure/role.json',
      'deploy/README.md',
    ];
    const tests = ["const ALL = ['components/tested'];", "join(ROOT, 'deploy/azure')", 'The rights of deploy/base.'];
    expect(await untouched(files, tests, (path) => Promise.resolve(texts[path] ?? ''))).toEqual([
      'deploy/components/forgotten/kustomization.yaml',
      'deploy/base/forgotten.yaml',
      'deploy/components/forgotten/part.yaml',
      'deploy/README.md',
    ]);
  });
});
