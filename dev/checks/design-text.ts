/** The words of a part of docs/design.md, without the marks of Markdown: what docs/rules.md has to quote. */
import { cellsOf, isRuler } from './test-links.ts';

/** What stands below one heading, up to the next. */
export interface DesignSection {
  readonly heading: string;
  readonly text: string;
  /** Where in `text` there is structure of an example rather than words: it may be quoted, and need not be. */
  readonly structure: readonly Span[];
}

/** From the first character to the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Piece {
  readonly text: string;
  readonly isStructure: boolean;
}

/**
 * The words as a reader sees them: without the marks of code, emphasis, escapes and cells, and with one space wherever
 * there is any. A star or an underscore is a mark unless it stands in code.
 */
export function plain(markdown: string): string {
  return markdown
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part.slice(1, -1) : part.replaceAll(/[*_`]/g, '')))
    .join('')
    .replaceAll('|', ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The sections of the chapters of these numbers, in their order. */
export function sectionsOf(design: string, chapters: readonly number[]): readonly DesignSection[] {
  return design
    .split(/^(?=## )/m)
    .filter((chapter) => chapters.some((number) => chapter.startsWith(`## ${String(number)}. `)))
    .flatMap((chapter) => chapter.split(/^(?=##+ )/m))
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return { heading: plain(heading.replace(/^#+/, '')), ...joined(piecesOf(lines)) };
    });
}

/** The lines one after another; of an example in YAML the comments are words, and the rest is structure. */
function piecesOf(lines: readonly string[]): readonly Piece[] {
  let fence: string | undefined;
  return lines.flatMap((line, index) => {
    const mark = /^```(\w*)/.exec(line);
    if (mark) {
      fence = fence === undefined ? mark[1] : undefined;
      return [];
    }
    if (fence === 'yaml') return piecesOfExample(line);
    return isHeadOfTable(line, lines[index + 1] ?? '') ? [] : [words(line.replace(/^\s*- /, ''))];
  });
}

function piecesOfExample(line: string): readonly Piece[] {
  const comment = /(?:^|\s)#\s/.exec(line);
  if (!comment) return [structure(line)];
  return [structure(line.slice(0, comment.index)), words(line.slice(comment.index))];
}

/** The names of columns, and the rule below them. */
function isHeadOfTable(line: string, next: string): boolean {
  return [line, next].map(cellsOf).some(isRuler);
}

function words(markdown: string): Piece {
  return { text: plain(markdown), isStructure: false };
}

function structure(markdown: string): Piece {
  return { text: plain(markdown), isStructure: true };
}

function joined(pieces: readonly Piece[]): Pick<DesignSection, 'text' | 'structure'> {
  let text = '';
  const spans: Span[] = [];
  for (const piece of pieces.filter((each) => each.text !== '')) {
    if (text !== '') text += ' ';
    if (piece.isStructure) spans.push({ start: text.length, end: text.length + piece.text.length });
    text += piece.text;
  }
  return { text, structure: spans };
}
