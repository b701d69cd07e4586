/** The pages of the documentation, by their paths from the root of the repository. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Page {
  readonly path: string;
  readonly text: string;
}

const FILES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** Everything of `docs/`, the READMEs of `dev/`, and the pages at the root. */
export async function allPages(): Promise<readonly Page[]> {
  const inFolder = async (folder: string): Promise<readonly string[]> =>
    (await readdir(join(ROOT, folder), { recursive: true }))
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file));
  const paths = [...FILES, ...(await inFolder('docs')), ...(await inFolder('dev'))].toSorted();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** Those under a folder. */
export const pagesIn = async (folder: string): Promise<readonly Page[]> =>
  (await allPages()).filter(({ path }) => path.startsWith(`${folder}/`));
