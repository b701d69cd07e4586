import { type Fault, matches, type RequestHead, type Rule } from './fault.ts';

/** A rule that is in force. */
export interface Injected {
  /** How many requests it has happened to. */
  struck(): number;
  clear(): void;
}

/** The rules in force, in the order in which they came: the first that matches a request strikes it, and no other. */
export class Rules {
  readonly #rules = new Set<{ readonly rule: Rule; struck: number }>();

  add(rule: Rule): Injected {
    const entry = { rule, struck: 0 };
    this.#rules.add(entry);
    return { struck: () => entry.struck, clear: () => void this.#rules.delete(entry) };
  }

  clear(): void {
    this.#rules.clear();
  }

  /** What happens to this request; undefined: nothing. */
  strike(head: RequestHead): Fault | undefined {
    for (const entry of this.#rules) {
      const { match = {}, times = Infinity, fault } = entry.rule;
      if (entry.struck >= times || !matches(match, head)) continue;
      entry.struck += 1;
      return fault;
    }
    return undefined;
  }
}
