/**
 * `--detach-limit`: how many identities are detached in 10 minutes, over all scale sets. Whatever has gone wrong (a policy,
 * a repository emptied by mistake), it goes wrong slowly enough for a person to see it. Counted in memory, per term.
 */

/** How far back it looks, in milliseconds. */
export const DETACH_WINDOW_MS = 10 * 60_000;

/** A part of the limit that one write has taken. */
export interface Reservation {
  /** The write had no effect: what was reserved for it is free again. */
  giveBack(): void;
}

interface Taken {
  readonly at: number;
  readonly count: number;
}

export class DetachLimit {
  readonly #limit: number;
  readonly #reached: () => void;
  /** In the order of time. */
  #taken: readonly Taken[] = [];
  #heldBackAt = Number.NEGATIVE_INFINITY;

  /**
   * @param limit identities per {@link DETACH_WINDOW_MS}; 0: nothing is ever detached
   * @param reached hears of it when something is held back, after nothing was for two windows
   */
  constructor(limit: number, reached: () => void = () => undefined) {
    this.#limit = limit;
    this.#reached = reached;
  }

  /** How many may be detached now. */
  left(now: number): number {
    return this.#limit - this.inWindow(now);
  }

  /**
   * Takes a part of what is left, before anything is sent.
   * @returns undefined when there is not so much left: another pass was first
   */
  reserve(count: number, now: number): Reservation | undefined {
    if (count === 0) return { giveBack: () => undefined };
    if (count > this.left(now)) return undefined;
    const taken: Taken = { at: now, count };
    this.#taken = [...this.#taken, taken];
    return {
      giveBack: () => {
        this.#taken = this.#taken.filter((each) => each !== taken);
      },
    };
  }

  /** When there is more left than now, in epoch milliseconds; undefined when it never will be. */
  goesOnAt(now: number): number | undefined {
    this.#forgetOld(now);
    const [oldest] = this.#taken;
    return oldest && oldest.at + DETACH_WINDOW_MS;
  }

  /** Something is held back for want of what is left. */
  noteHeldBack(now: number): void {
    const isNews = now - this.#heldBackAt > 2 * DETACH_WINDOW_MS;
    this.#heldBackAt = now;
    if (isNews) this.#reached();
  }

  /** How many count against the limit now. */
  inWindow(now: number): number {
    this.#forgetOld(now);
    return this.#taken.reduce((sum, { count }) => sum + count, 0);
  }

  #forgetOld(now: number): void {
    this.#taken = this.#taken.filter(({ at }) => at > now - DETACH_WINDOW_MS);
  }
}
