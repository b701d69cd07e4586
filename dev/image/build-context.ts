/** What a builder is given of the repository: all that `.dockerignore` does not keep from it. */
import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Whether a path from the root of the repository is in the context: of the lines that it fits, the last one says. */
export function isInContext(path: string, ignore: string): boolean {
  const above = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  let isIn = true;
  for (const line of ignore.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    if (above.some((each) => fits(each, pattern))) isIn = line.startsWith('!');
  }
  return isIn;
}

/** As Docker matches: `*` is anything within a name, a dot at its beginning as well, `**` any number of names. */
function fits(path: string, pattern: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+|\?/g, (wildcard) => (wildcard === '**' ? '.*' : wildcard === '*' ? '[^/]*' : '[^/]'));
  return new RegExp(`^${expression}$`).test(path);
}

/** The files below a path, or the file that it is, by their paths from the root. */
export async function filesBelow(root: string, path: string): Promise<readonly string[]> {
  if (!(await stat(join(root, path))).isDirectory()) return [path];
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

export interface CopyTask {
  readonly root: string;
  readonly sources: readonly string[];
  /** Absolute; one that ends with a slash is a folder. */
  readonly target: string;
  /** Told of each file, whether it may be copied. Default: all may. */
  readonly isThere?: (path: string) => boolean;
}

/**
 * As COPY does: of a folder its contents, several things into a folder.
 * @throws Error for a source of which nothing is there
 */
export async function copyInto({ root, sources, target, isThere = () => true }: CopyTask): Promise<void> {
  for (const source of sources) {
    const isFolder = (await stat(join(root, source))).isDirectory();
    const files = (await filesBelow(root, source)).filter(isThere);
    if (files.length === 0) throw new Error(`COPY finds no ${source}`);
    for (const file of files) {
      const within = isFolder ? file.slice(source.length + 1) : basename(file);
      const to = isFolder || target.endsWith('/') ? join(target, within) : target;
      await mkdir(dirname(to), { recursive: true });
      await cp(join(root, file), to);
    }
  }
}
