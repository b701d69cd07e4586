import { type Cancel, type Clock, clockFrom, type Random, type TimeoutSignal } from '../../../src/runtime/clock.ts';
import { VirtualTimers } from '../../virtual-timers.ts';

/**
 * Time that passes only by {@link advance}. Timers fire in the order of their times, and those of the same time in the order
 * in which they were set; between two of them everything that can go on without time passing does.
 */
export class VirtualClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new VirtualTimers();

  constructor(startsAt = '2026-01-01T00:00:00Z') {
    const epochMs = Date.parse(startsAt);
    this.#clock = clockFrom({
      now: () => epochMs + this.#timers.elapsedMs,
      monotonicMs: () => this.#timers.elapsedMs,
      setTimer: (delayMs, fire) => this.#timers.set(delayMs, fire),
    });
  }

  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, fire: () => void): Cancel {
    return this.#clock.setTimer(delayMs, fire);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(delayMs, signal);
  }

  timeoutSignal(delayMs: number, parent?: AbortSignal): TimeoutSignal {
    return this.#clock.timeoutSignal(delayMs, parent);
  }

  turn(): Promise<void> {
    return this.#clock.turn();
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.pending;
  }

  /** In how many milliseconds the next timer fires. */
  get nextInMs(): number | undefined {
    return this.#timers.nextInMs;
  }

  /** Lets time pass, and everything happen that happens in it. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#timers.elapsedMs + ms;
    await settle();
    while (this.#timers.fireNext(untilMs)) await settle();
    this.#timers.passUntil(untilMs);
  }
}

/** Lets everything go on that waits for no timer: promises, and the streams of in-memory HTTP, which take turns of the loop. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A seeded generator (mulberry32): the same numbers on every run. */
export const seededRandom = (seed = 1): Random => {
  let state = seed >>> 0;
  let uuids = 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    uuid: () => `00000000-0000-4000-8000-${(++uuids).toString(16).padStart(12, '0')}`,
  };
};

/** Always the same number. */
export const fixedRandom = (value: number): Random => ({ ...seededRandom(), next: () => value });
