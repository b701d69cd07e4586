import { type Document, isNode, LineCounter, parseDocument } from 'yaml';

import { type Seed, SeedError, type SeedProblem } from './seed.ts';
import { checkSeed } from './seed-check.ts';

/**
 * Reads a seed from YAML or JSON.
 * @param name what to call the text in messages, usually the file's name
 * @throws SeedError with every problem, each with its line
 */
export function parseSeed(text: string, name: string): Seed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({ path: [], message: error.message }));
    const [first] = document.errors;
    throw new SeedError(problems, () => `${name}:${String(lines.linePos(first?.pos[0] ?? 0).line)}: `);
  }
  const value: unknown = document.toJS() ?? {};
  const problems = checkSeed(value);
  if (problems.length > 0) throw new SeedError(problems, (problem) => `${name}:${lineOf(document, lines, problem)}: `);
  return value as Seed;
}

/** The line of the value, or of the closest thing around it that is in the file. */
function lineOf(document: Document, lines: LineCounter, problem: SeedProblem): string {
  for (let length = problem.path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(problem.path.slice(0, length), true);
    if (isNode(node) && node.range) return String(lines.linePos(node.range[0]).line);
  }
  return '1';
}
