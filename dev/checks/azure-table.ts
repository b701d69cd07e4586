/** Reads the table of docs/azure.md: what Azure does, where that is known from, and the tests that hold us to it. */

export interface BehaviourRow {
  readonly behaviour: string;
  readonly source: string;
  readonly tests: readonly TestLink[];
}

/** A test or a group of tests by its title, or a whole file by its name; the file's path is from the root of the repository. */
export interface TestLink {
  readonly title: string;
  readonly path: string;
}

/** Every row of every table of four columns; heads and rules aside. */
export function parseBehaviours(markdown: string): readonly BehaviourRow[] {
  return markdown.split('\n').flatMap((line) => {
    const cells = cellsOf(line);
    const [behaviour = '', source = '', simulated = '', operator = ''] = cells;
    const isHead = behaviour === 'Behaviour' || /^:?-+:?$/.test(behaviour);
    if (cells.length !== 4 || isHead) return [];
    return [{ behaviour, source, tests: [...linksIn(simulated), ...linksIn(operator)] }];
  });
}

/** The cells of a table's line; a bar that is escaped is part of its cell. */
function cellsOf(line: string): readonly string[] {
  if (!line.startsWith('|') || !line.trimEnd().endsWith('|')) return [];
  return line
    .trimEnd()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

function linksIn(cell: string): readonly TestLink[] {
  return [...cell.matchAll(/\[((?:[^\]\\]|\\.)*)\]\(\.\.\/([^)]+)\)/g)].map(([, title = '', path = '']) => ({
    title: title.replaceAll(/\\([[\]|_*`<>])/g, '$1'),
    path,
  }));
}

/** What the tests of a file and their groups are called, as it is written there. */
export function titlesIn(source: string): ReadonlySet<string> {
  const quoted =
    /(?:\b(?:it|test|describe)(?:\.\w+)*|\))\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
  return new Set(
    [...source.matchAll(quoted)].map(([, a, b, c]) => (a ?? b ?? c ?? '').replaceAll(/\\(['"`\\])/g, '$1')),
  );
}
