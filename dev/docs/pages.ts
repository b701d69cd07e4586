/** The pages of the documentation, by their paths from the root of the repository. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Page {
  readonly path: string;
  readonly text: string;
}

const FILES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** Everything of `docs/`, the READMEs of `deploy/` and `dev/`, and the pages at the root. */
export async function allPages(): Promise<readonly Page[]> {
  const inFolder = async (folder: string): Promise<readonly string[]> =>
    (await readdir(join(ROOT, folder), { recursive: true }))
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file));
  const inFolders = await Promise.all(['deploy', 'dev', 'docs'].map(inFolder));
  const paths = [...FILES, ...inFolders.flat()].toSorted();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** Those under a folder. */
export const pagesIn = async (folder: string): Promise<readonly Page[]> =>
  (await allPages()).filter(({ path }) => path.startsWith(`${folder}/`));

/** The page of a flow of the how-to, by its number. */
export async function flowPage(number: number): Promise<Page> {
  const start = `docs/how-to/${String(number).padStart(2, '0')}-`;
  const found = (await allPages()).find(({ path }) => path.startsWith(start));
  if (found === undefined) throw new Error(`flow ${String(number)} has no page`);
  return found;
}
