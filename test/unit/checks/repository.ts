import { existsSync, readFileSync } from 'node:fs';

/** The text of a file of this repository, by its path from the root; undefined where there is none. */
export function readRepositoryFile(path: string): string | undefined {
  const url = new URL(`../../../${path}`, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}
