import type { Cancel } from '../src/runtime/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * Timers on a time that passes only when it is told to. They fire in the order of their times, and those of the same time
 * in the order in which they were set.
 */
export class VirtualTimers {
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;
  #order = 0;

  /** How much time has passed. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** In how many milliseconds the next timer fires. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.atMs - this.#elapsedMs;
  }

  set(delayMs: number, fire: () => void): Cancel {
    const timer: Timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Lets time pass up to the next timer and fires it; false when there is none, or none until `untilMs`. */
  fireNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    const timer = this.#next();
    if (timer === undefined || timer.atMs > untilMs) return false;
    this.#timers.delete(timer);
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.atMs);
    timer.fire();
    return true;
  }

  /** Lets time pass without firing anything, up to a moment after the last timer that is due. */
  passUntil(elapsedMs: number): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}
