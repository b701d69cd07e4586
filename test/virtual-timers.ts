import type { Cancel } from '../src/runtime/clock.ts';
import { Schedule } from '../src/runtime/schedule.ts';

/**
 * Timers on a time that passes only when it is told to. They fire in the order of their times, and those of the same time
 * in the order in which they were set.
 */
export class VirtualTimers {
  readonly #timers = new Schedule<number, () => void>();
  #elapsedMs = 0;
  #set = 0;
  #pending = 0;

  /** How much time has passed. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#pending;
  }

  /** In how many milliseconds the next timer fires. */
  get nextInMs(): number | undefined {
    const nextMs = this.#timers.earliestMs();
    return nextMs === undefined ? undefined : nextMs - this.#elapsedMs;
  }

  set(delayMs: number, fire: () => void): Cancel {
    const key = this.#set++;
    this.#timers.set({ key, atMs: this.#elapsedMs + Math.max(0, delayMs), value: fire });
    this.#pending += 1;
    return () => {
      if (this.#timers.get(key) === undefined) return;
      this.#timers.delete(key);
      this.#pending -= 1;
    };
  }

  /** Lets time pass up to the next timer and fires it; false when there is none, or none until `untilMs`. */
  fireNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    const timer = this.#timers.takeDue(untilMs);
    if (timer === undefined) return false;
    this.#pending -= 1;
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.atMs);
    timer.value();
    return true;
  }

  /** Lets time pass without firing anything, up to a moment after the last timer that is due. */
  passUntil(elapsedMs: number): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
  }
}
