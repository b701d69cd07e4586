/** Which packages the bundle is made of: those that esbuild took code from, not those that are installed. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** Absolute path of the folder that it is installed in. */
  readonly folder: string;
  /** Of the packages that it asks for, those that are in the bundle too, by their folders. */
  readonly dependencies: readonly string[];
}

/** What is read of a package.json. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const INSTALLED = /^(?:[\w-]+:)?(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * @param inputs paths of the files that are in the bundle, as esbuild writes them
 * @param root absolute path that they are relative to
 * @returns by name and version
 * @throws Error for a package that does not say its licence
 */
export async function bundledPackages(inputs: readonly string[], root: string): Promise<readonly BundledPackage[]> {
  const folders = new Set(
    inputs.flatMap((input) => {
      const [, folder] = INSTALLED.exec(input) ?? [];
      return folder === undefined ? [] : [join(root, folder)];
    }),
  );
  const packages = await Promise.all([...folders].map((folder) => read(folder, folders)));
  return packages.toSorted((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** The texts that a package asks to be passed on with it: its licence and notices, in the order of their files' names. */
export async function licenceTexts({ name, folder }: BundledPackage): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file));
  if (files.length === 0) throw new Error(`${name} comes without the text of its licence`);
  return Promise.all(files.toSorted().map(async (file) => (await readFile(join(folder, file), 'utf8')).trim()));
}

/** What of the packages the product itself asks for, by their folders. */
export async function directDependencies(
  root: string,
  packages: readonly BundledPackage[],
): Promise<readonly string[]> {
  const manifest = await manifestOf(root);
  const direct = Object.keys(manifest.dependencies ?? {});
  return packages
    .filter(
      ({ name, folder }) => direct.includes(name) && !folder.slice(0, -name.length - 1).includes('/node_modules/'),
    )
    .map(({ folder }) => folder);
}

async function read(folder: string, bundled: ReadonlySet<string>): Promise<BundledPackage> {
  const { name, version, license, ...asked } = await manifestOf(folder);
  if (license === undefined) throw new Error(`${name}@${version} does not say its licence`);
  const names = [asked.dependencies, asked.optionalDependencies, asked.peerDependencies].flatMap((each) =>
    Object.keys(each ?? {}),
  );
  const found = new Set(names.map((each) => nearest(each, folder, bundled)).filter((each) => each !== undefined));
  return { name, version, licence: license, folder, dependencies: [...found].toSorted() };
}

/** Where Node finds a package, looking from another one's folder upwards; undefined where it is not in the bundle. */
function nearest(name: string, from: string, bundled: ReadonlySet<string>): string | undefined {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (bundled.has(candidate)) return candidate;
  }
  return undefined;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** By code points: the order must not depend on whose machine it is. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
