import type { Term } from './leader-election.ts';

/** Leads as soon as it starts and until it stops, without asking anybody: for who sees to it that there is no other. */
export class SoleLeader {
  readonly #lead: (term: Term) => Promise<void>;
  readonly #ending = new AbortController();
  #leading: Promise<void> | undefined;

  constructor(lead: (term: Term) => Promise<void>) {
    this.#lead = lead;
  }

  /** Begins the one term there is. */
  start(): void {
    const { signal } = this.#ending;
    if (!signal.aborted) this.#leading ??= this.#lead({ signal, remainingMs: () => Number.POSITIVE_INFINITY });
  }

  /** Ends it. Rejects with what the term ended with, if that was an error. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#leading;
  }
}
