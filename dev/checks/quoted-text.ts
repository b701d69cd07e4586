/** Which words of a text are quoted, and which are left. */
import type { Span } from './design-text.ts';

export class QuotedText {
  readonly #text: string;
  readonly #optional: readonly Span[];
  readonly #taken: Span[] = [];

  /** @param optional what may be quoted, and need not be */
  constructor(text: string, optional: readonly Span[]) {
    this.#text = text;
    this.#optional = optional;
  }

  /** Takes the words of a quotation; false where the text does not have them, or others have taken them. */
  take(quote: string): boolean {
    const free = this.#occurrences(quote).find((one) => !this.#taken.some((other) => overlap(one, other)));
    if (free !== undefined) this.#taken.push(free);
    return free !== undefined;
  }

  /** The words that nobody has taken, those that follow one another together. */
  rest(): readonly string[] {
    const rest: string[] = [];
    let end = 0;
    for (const span of [...this.#optional, ...this.#taken].toSorted((a, b) => a.start - b.start)) {
      rest.push(this.#text.slice(end, Math.max(end, span.start)));
      end = Math.max(end, span.end);
    }
    return [...rest, this.#text.slice(end)].map((words) => words.trim()).filter((words) => /[\p{L}\p{N}]/u.test(words));
  }

  /** Where a quotation stands, in whole words. */
  #occurrences(quote: string): readonly Span[] {
    const spans: Span[] = [];
    const next = (from: number): number => (quote === '' ? -1 : this.#text.indexOf(quote, from));
    for (let start = next(0); start >= 0; start = next(start + 1)) {
      const end = start + quote.length;
      if (!this.#isInWord(start) && !this.#isInWord(end)) spans.push({ start, end });
    }
    return spans;
  }

  /** Whether a place lies between two letters or digits. */
  #isInWord(place: number): boolean {
    return /^[\p{L}\p{N}]{2}$/u.test(this.#text.slice(Math.max(0, place - 1), place + 1));
  }
}

function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}
