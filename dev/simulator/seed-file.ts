import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

import { type Seed, SeedError, type SeedProblem } from './seed.ts';
import { checkSeed } from './seed-check.ts';
import { findInconsistencies } from './seed-consistency.ts';
import { createState } from './state.ts';

/**
 * Reads the seed that an Azure begins with, from YAML or JSON.
 * @param name what to call the text in messages, usually the file's name
 * @throws SeedError with every problem, each with its line
 */
export function parseSeed(text: string, name: string): Seed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => `${name}:${String(lines.linePos(offset).line)}: `;
  const refuse = (problems: readonly SeedProblem[]): void => {
    if (problems.length > 0) throw new SeedError(problems, ({ path }) => at(offsetOf(document, path)));
  };
  if (document.errors.length > 0) {
    const offsets = new Map<SeedProblem, number>(
      document.errors.map(({ message, pos: [offset] }) => [{ path: [], message }, offset]),
    );
    throw new SeedError([...offsets.keys()], (problem) => at(offsets.get(problem) ?? 0));
  }
  const value = plainValue(document, refuse);
  refuse(checkSeed(value));
  refuse(findInconsistencies(value as Seed, createState({})));
  return value as Seed;
}

/** An alias without its anchor, or too many of them, show only now. */
function plainValue(document: Document, refuse: (problems: readonly SeedProblem[]) => void): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    refuse([{ path: [], message: error instanceof Error ? error.message : String(error) }]);
    return {};
  }
}

/** Where the member or the entry begins, or the closest thing around it that is in the file. */
function offsetOf(document: Document, path: SeedProblem['path']): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const offset = offsetIn(parent, path[length - 1]);
    if (offset !== undefined) return offset;
  }
  return document.contents?.range?.[0] ?? 0;
}

function offsetIn(parent: unknown, name: string | number | undefined): number | undefined {
  const member = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)?.key
    : isSeq(parent) && typeof name === 'number'
      ? parent.items[name]
      : undefined;
  return isNode(member) ? member.range?.[0] : undefined;
}
