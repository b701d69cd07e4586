import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** So many links in a row are a circle, to Linux too. */
const MOST_LINKS = 40;

/**
 * Where a path of a container lies on the host: links are followed as they would be in the container, in which nothing
 * leads out of its root. What is not there is taken as it is written.
 */
export function withinRoot(root: string, path: string): string {
  let links = 0;
  let found: readonly string[] = [];
  let rest = path.split('/');
  while (rest.length > 0) {
    const [part = '', ...others] = rest;
    rest = others;
    if (part === '..') found = found.slice(0, -1);
    if (part === '' || part === '.' || part === '..') continue;
    const target = linkAt(join(root, ...found, part));
    if (target === undefined) {
      found = [...found, part];
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw new Error(`${path} is a circle of links`);
    if (target.startsWith('/')) found = [];
    rest = [...target.split('/'), ...rest];
  }
  return join(root, ...found);
}

function linkAt(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
