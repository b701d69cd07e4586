/** What goes with a bundle: its bill of materials and the notices of those whose work is in it. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { type BundledPackage, bundledPackages, directDependencies } from './bundled-packages.ts';
import { notices } from './notices.ts';
import { type Locked, type Product, sbom } from './sbom.ts';

/** What is known of a bundle by who made it. */
export interface Ingredients {
  /** Absolute path of the bundle. */
  readonly path: string;
  /** The files whose code is in it, as esbuild names them: relative to the root of the repository, sorted. */
  readonly inputs: readonly string[];
  /** Of the sources: whose they are. They are not in the bundle. */
  readonly legalComments: string;
}

export interface Accompaniment {
  readonly packages: readonly BundledPackage[];
  readonly sbomPath: string;
  readonly noticesPath: string;
}

interface Lockfile {
  readonly packages: Readonly<Record<string, Locked>>;
}

/**
 * Writes `sbom.cdx.json` and `THIRD-PARTY-NOTICES.txt` beside the bundle.
 * @param root absolute path of the repository
 */
export async function accompany({ path, inputs, legalComments }: Ingredients, root: string): Promise<Accompaniment> {
  const packages = await bundledPackages(inputs, root);
  const product = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Product;
  const lockfile = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const lockedOf = ({ folder }: BundledPackage): Locked | undefined => lockfile.packages[keyOf(folder, root)];
  const direct = await directDependencies(root, packages);
  const sbomPath = join(dirname(path), 'sbom.cdx.json');
  const noticesPath = join(dirname(path), 'THIRD-PARTY-NOTICES.txt');
  await writeFile(sbomPath, sbom({ product, packages, direct, lockedOf }));
  await writeFile(noticesPath, await notices(packages, legalComments));
  return { packages, sbomPath, noticesPath };
}

/** As package-lock.json names it; wherever the folder with all packages really lies. */
function keyOf(folder: string, root: string): string {
  const path = relative(root, folder);
  return path.slice(path.indexOf('node_modules/'));
}
