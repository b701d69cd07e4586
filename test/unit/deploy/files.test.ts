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

/** The tests and what they are made of: the files of `dev/` and `test/` that they import, one by the other. */
async function sourcesOfTests(): Promise<readonly string[]> {
  const all = (await Promise.all(['dev', 'test'].map((folder) => filesBelow(folder, /\.ts$/)))).flat();
  const left = new Set(all.filter((path) => path !== 'test/unit/deploy/files.test.ts'));
  const follow = async (path: string): Promise<readonly string[]> => {
    if (!left.delete(path)) return [];
    const text = await read(path);
    const imported = [...text.matchAll(/^(?:import|export|\}) .*from '(\..+)';$/gm)].map(([, target = '']) => target);
    const below = await Promise.all(imported.map((target) => follow(join(dirname(path), target))));
    return [text, ...below.flat()];
  };
  return (await Promise.all(all.filter((path) => path.endsWith('.test.ts')).map(follow))).flat();
}

/** What a source names in `deploy/` outside its comments: files, and folders other than those that hold nothing but folders. */
function namedIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const paths = code.match(/(?:deploy\/|(?<=['`])(?=(?:components|overlays|recipes)\/))[\w./-]+/g) ?? [];
  return paths
    .map((path) => normalize(path.startsWith('deploy/') ? path : join('deploy', path)).replace(/\/$/, ''))
    .filter((path) => !/^deploy(?:\/(?:base|components|overlays|recipes))?$/.test(path));
}

/** The files that no kustomization and no test knows of. */
async function untouched(
  files: readonly string[],
  texts: readonly string[],
  readText: ReadFile,
): Promise<readonly string[]> {
  const named = [...new Set(texts.flatMap(namedIn))];
  const overlays = files.filter((file) => /^deploy\/overlays\/[^/]+\/kustomization\.yaml$/.test(file)).map(dirname);
  const folders = ['deploy/base', ...overlays, ...named];
  const reached = (await Promise.all(folders.map((folder) => reachedFrom(folder, files, readText)))).flat();
  const isNamed = (file: string): boolean => named.some((path) => file === path || file.startsWith(`${path}/`));
  return files.filter((file) => !reached.includes(file) && !isNamed(file));
}

describe('every file of deploy/', () => {
  it('is part of what tests apply, or is named by a test', async () => {
    const files = await filesBelow('deploy', /./);
    expect(files).toContain('deploy/base/deployment.yaml');
    expect(await untouched(files, await sourcesOfTests(), read)).toEqual([]);
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
    const tests = [
      "const ALL = ['components/tested'];",
      "join(ROOT, 'deploy/azure')",
      "describe('the rights of deploy/base', () => {});",
      '/** See deploy/README.md. */\n  // And deploy/components/forgotten.',
    ];
    expect(await untouched(files, tests, (path) => Promise.resolve(texts[path] ?? ''))).toEqual([
      'deploy/components/forgotten/kustomization.yaml',
      'deploy/base/forgotten.yaml',
      'deploy/components/forgotten/part.yaml',
      'deploy/README.md',
    ]);
  });
});
