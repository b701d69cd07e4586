/** Reads the tables of docs/security.md: what may be tried, what holds against it, the tests that show it, and what remains. */
import { cellsOf, isRuler, linksIn, type TestLink } from './test-links.ts';

export interface ThreatRow {
  /** The heading that it stands under. */
  readonly subject: string;
  readonly threat: string;
  readonly defence: string;
  readonly tests: readonly TestLink[];
  readonly remains: string;
}

/** Every row of every table of four columns; heads and rules aside. */
export function parseThreats(markdown: string): readonly ThreatRow[] {
  let subject = '';
  return markdown.split('\n').flatMap((line) => {
    if (line.startsWith('#')) subject = line.replace(/^#+/, '').trim();
    const cells = cellsOf(line);
    const [threat = '', defence = '', held = '', remains = ''] = cells;
    if (cells.length !== 4 || threat === 'Threat' || isRuler(cells)) return [];
    return [{ subject, threat, defence, tests: linksIn(held), remains }];
  });
}
