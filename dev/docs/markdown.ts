/** What the pages of the documentation hold, as far as tests and generators have to know: fences, headings, links, rows. */

/** A fenced block of code. */
export interface Fence {
  /** The word behind the opening fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
  /** The nearest heading above it; empty where there is none. */
  readonly heading: string;
  /** The HTML comment right above it, without its brackets; empty where there is none. */
  readonly comment: string;
}

export interface Heading {
  readonly level: number;
  readonly text: string;
  /** What a link to it has behind `#`, as GitHub makes it. */
  readonly anchor: string;
  /** Counted from 1. */
  readonly line: number;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*(\S*)/;
const HEADING = /^(#{1,6}) +(.+?)(?: +#+)?$/;
const COMMENT = /^<!-- (.+) -->$/;

interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
}

interface Cut {
  readonly fences: readonly Fence[];
  /** Lines outside all fences. */
  readonly prose: readonly Line[];
}

function cut(page: string): Cut {
  const fences: Fence[] = [];
  const prose: Line[] = [];
  let open:
    { readonly mark: string; readonly language: string; readonly line: number; readonly body: string[] } | undefined;
  let [heading, comment] = ['', ''];
  for (const [index, text] of page.split('\n').entries()) {
    if (open !== undefined) {
      if (text.trim() !== open.mark) open.body.push(text);
      else {
        const { language, line, body } = open;
        fences.push({ language, text: body.map((each) => `${each}\n`).join(''), line, heading, comment });
        [open, comment] = [undefined, ''];
      }
      continue;
    }
    const [, mark, language = ''] = FENCE.exec(text) ?? [];
    if (mark !== undefined) {
      open = { mark, language, line: index + 2, body: [] };
      continue;
    }
    prose.push({ text, number: index + 1 });
    heading = HEADING.exec(text)?.[2] ?? heading;
    if (text.trim() !== '') comment = COMMENT.exec(text)?.[1] ?? '';
  }
  if (open !== undefined) throw new Error(`the fence before line ${String(open.line)} has no end`);
  return { fences, prose };
}

export const fencesOf = (page: string): readonly Fence[] => cut(page).fences;

export function headingsOf(page: string): readonly Heading[] {
  const seen = new Map<string, number>();
  return cut(page).prose.flatMap(({ text, number }) => {
    const [, marks, title] = HEADING.exec(text) ?? [];
    if (marks === undefined || title === undefined) return [];
    const slug = slugOf(title);
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    const anchor = before === 0 ? slug : `${slug}-${String(before)}`;
    return [{ level: marks.length, text: title, anchor, line: number }];
  });
}

/** As GitHub does: lower case, no punctuation but `-` and `_`, a dash for each space; of a link its text. */
function slugOf(title: string): string {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

export interface Link {
  readonly target: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Targets of all links outside code. */
export function linksOf(page: string): readonly Link[] {
  return cut(page).prose.flatMap(({ text, number }) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
      target,
      line: number,
    })),
  );
}

/** First cells of the rows of all tables, heads left out. */
export function firstCellsOf(page: string): readonly string[] {
  const lines = cut(page).prose.map(({ text }) => text);
  const isRow = (text: string | undefined): boolean => text?.startsWith('|') === true;
  const isRule = (text: string | undefined): boolean => text !== undefined && /^\|[ :|-]+\|$/.test(text);
  return lines.flatMap((text, index) =>
    isRow(text) && !isRule(text) && !isRule(lines[index + 1]) ? [text.split(/(?<!\\)\|/)[1]?.trim() ?? ''] : [],
  );
}
