/** Holds docs/rules.md to docs/design.md: every word of its §§2–4 belongs to one rule, and every rule names its tests. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type DesignSection, plain, sectionsOf } from './design-text.ts';
import { QuotedText } from './quoted-text.ts';
import { cellsOf, isRuler, isThere, linksIn, type ReadFile, type TestLink } from './test-links.ts';

/** The chapters of the design in which every sentence is held by a test. */
const CHAPTERS = [2, 3, 4];

/** Sections of docs/rules.md that name no tests, but say why not, and quote from anywhere. */
const NOT_RULES = 'Not rules';
const NOT_HELD_YET = 'Not held yet';
const hasTests = (heading: string): boolean => heading !== NOT_RULES && heading !== NOT_HELD_YET;

export interface RulesReport {
  readonly rules: number;
  /** Different tests that are named. */
  readonly tests: number;
  readonly notRules: number;
  readonly notHeldYet: number;
  /** What is wrong, each with where. */
  readonly findings: readonly string[];
}

/** A line of a table of docs/rules.md: a quotation, and what it is followed by. */
interface Row {
  readonly line: number;
  readonly heading: string;
  readonly quote: string;
  readonly rest: string;
  readonly tests: readonly TestLink[];
}

/** What docs/rules.md lacks, and what it has too much, as `read` shows it, the design and the tests. */
export function checkRules(read: ReadFile): RulesReport {
  const sections = sectionsOf(read('docs/design.md') ?? '', CHAPTERS);
  const rows = rowsOf(read('docs/rules.md') ?? '');
  const rules = rows.filter(({ heading }) => hasTests(heading));
  return {
    rules: rules.length,
    tests: new Set(rules.flatMap(({ tests }) => tests.map(({ title, path }) => `${path} ${title}`))).size,
    notRules: rows.filter(({ heading }) => heading === NOT_RULES).length,
    notHeldYet: rows.filter(({ heading }) => heading === NOT_HELD_YET).length,
    findings: [
      ...(sections.length === 0 ? ['docs/design.md has no chapters 2 to 4'] : []),
      ...rows.flatMap((row) => unfounded(row, read)),
      ...misquotations(rows, sections),
    ],
  };
}

function rowsOf(rules: string): readonly Row[] {
  let heading = '';
  return rules.split('\n').flatMap((text, index, lines) => {
    if (text.startsWith('#')) heading = plain(text.replace(/^#+/, ''));
    const cells = cellsOf(text);
    const isHead = isRuler(cells) || isRuler(cellsOf(lines[index + 1] ?? ''));
    if (cells.length !== 2 || isHead) return [];
    const [quote = '', rest = ''] = cells;
    return [{ line: index + 1, heading, quote: plain(quote), rest, tests: linksIn(rest) }];
  });
}

/** A rule that names no test, or one that is not there; one without tests that does not say why. */
function unfounded({ line, heading, quote, rest, tests }: Row, read: ReadFile): readonly string[] {
  const at = `docs/rules.md:${String(line)}`;
  if (!hasTests(heading)) return rest === '' ? [`${at} does not say why: ${quote}`] : [];
  if (tests.length === 0) return [`${at} names no test: ${quote}`];
  return tests
    .filter((test) => !isThere(test, read))
    .map(({ title, path }) => `${at} names a test that ${path} does not have: ${title}`);
}

/** Quotations that the design does not have, or not that often, and words of it that none quotes. */
function misquotations(rows: readonly Row[], sections: readonly DesignSection[]): readonly string[] {
  const texts = sections.map((section) => ({ section, text: new QuotedText(section.text, section.structure) }));
  const isQuoted = ({ heading, quote }: Row): boolean =>
    texts.some(({ section, text }) => (!hasTests(heading) || section.heading === heading) && text.take(quote));
  // The longest first, so that a short one does not take the words of a longer one that holds them too.
  const lost = rows.toSorted((a, b) => b.quote.length - a.quote.length).filter((row) => !isQuoted(row));
  return [
    ...lost
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, heading, quote }) => {
        const where = hasTests(heading) ? ` under "${heading}"` : '';
        return `docs/rules.md:${String(line)} quotes what docs/design.md does not say${where}, or not once more: ${quote}`;
      }),
    ...texts.flatMap(({ section, text }) =>
      text.rest().map((words) => `docs/design.md, "${section.heading}": no line of docs/rules.md quotes: ${words}`),
    ),
  ];
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..');
  const { rules, tests, notRules, notHeldYet, findings } = checkRules((path) => {
    const file = join(root, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  });
  for (const finding of findings) process.stderr.write(`${finding}\n`);
  process.stdout.write(
    `${rules} rules, held by ${tests} tests; ${notHeldYet} not held yet, ${notRules} sentences that are no rules; ${findings.length} findings\n`,
  );
  if (findings.length > 0) process.exitCode = 1;
}
