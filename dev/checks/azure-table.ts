/** Reads the table of docs/azure.md: what Azure does, where that is known from, and the tests that hold us to it. */
import { cellsOf, isRuler, linksIn, type TestLink } from './test-links.ts';

export interface BehaviourRow {
  readonly behaviour: string;
  readonly source: string;
  readonly tests: readonly TestLink[];
}

/** Every row of every table of four columns; heads and rules aside. */
export function parseBehaviours(markdown: string): readonly BehaviourRow[] {
  return markdown.split('\n').flatMap((line) => {
    const cells = cellsOf(line);
    const [behaviour = '', source = '', simulated = '', operator = ''] = cells;
    if (cells.length !== 4 || behaviour === 'Behaviour' || isRuler(cells)) return [];
    return [{ behaviour, source, tests: [...linksIn(simulated), ...linksIn(operator)] }];
  });
}
