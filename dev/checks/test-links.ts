/** Tables of the documentation that name tests: their cells, the links in them, and whether the tests are there. */
import { basename } from 'node:path';

/** A test or a group of tests by its title, or a whole file by its name; the file's path is from the root of the repository. */
export interface TestLink {
  readonly title: string;
  readonly path: string;
}

/** The text of a file, by its path from the root of the repository; undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

/** The cells of a table's line; a bar that is escaped is part of its cell. */
export function cellsOf(line: string): readonly string[] {
  if (!line.startsWith('|') || !line.trimEnd().endsWith('|')) return [];
  return line
    .trimEnd()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** Whether all of a table's line is the rule below its head. */
export function isRuler(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^:?-+:?$/.test(cell));
}

/** The tests that a cell names: `[title](../test/….test.ts)`. */
export function linksIn(cell: string): readonly TestLink[] {
  return [...cell.matchAll(/\[((?:[^\]\\]|\\.)*)\]\(\.\.\/([^)]+)\)/g)].map(([, title = '', path = '']) => ({
    title: title.replaceAll(/\\([[\]|_*`<>])/g, '$1'),
    path,
  }));
}

/** What the tests of a file and their groups are called, as it is written there: `says: '…'` in a table of them, too. */
export function titlesIn(source: string): ReadonlySet<string> {
  const quoted =
    /(?:(?:\b(?:it|test|describe)(?:\.\w+)*|\))\(|\bsays:)\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
  return new Set(
    [...source.matchAll(quoted)].map(([, a, b, c]) => (a ?? b ?? c ?? '').replaceAll(/\\(['"`\\])/g, '$1')),
  );
}

/** Whether a file of that path has a test or a group of that title, or is called so itself. */
export function isThere({ title, path }: TestLink, read: ReadFile): boolean {
  const source = read(path);
  return source !== undefined && (title === basename(path) || titlesIn(source).has(title));
}
