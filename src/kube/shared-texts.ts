/**
 * Texts that many objects share, such as ids of identities, names of teams and messages, kept once. Parsing JSON makes
 * each of them anew, and they are most of what a cache of thousands of objects takes.
 */

/** Shorter ones V8 shares by itself. */
const SHORTEST = 10;
/** Longer ones are seldom the same, and not worth comparing. In characters. */
const LONGEST = 512;
/** Texts that are remembered, at least; those that nobody asks for any more are forgotten after as many others. */
const GENERATION = 2048;

export class SharedTexts {
  #young = new Map<string, string>();
  #old: ReadonlyMap<string, string> = new Map();

  /** Has all texts within a value that came from JSON, names apart, be those that were seen before. */
  shareIn(value: object): void {
    const held = value as Record<string, unknown>;
    for (const name of Object.keys(held)) {
      const part = held[name];
      if (typeof part === 'string') held[name] = this.#shared(part);
      else if (typeof part === 'object' && part !== null) this.shareIn(part);
    }
  }

  #shared(text: string): string {
    if (text.length < SHORTEST || text.length > LONGEST) return text;
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const shared = this.#old.get(text) ?? text;
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(shared, shared);
    return shared;
  }
}
