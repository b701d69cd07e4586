import { type Cancel, type Clock, clockFrom, type Random, type TimeoutSignal } from '../../../src/runtime/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * Time that passes only by {@link advance}. Timers fire in the order of their times, and those of the same time in the order
 * in which they were set; between two of them everything that can go on without time passing does.
 */
export class VirtualClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  readonly #epochMs: number;
  #elapsedMs = 0;
  #order = 0;

  constructor(startsAt = '2026-01-01T00:00:00Z') {
    this.#epochMs = Date.parse(startsAt);
    this.#clock = clockFrom({
      now: () => this.#epochMs + this.#elapsedMs,
      monotonicMs: () => this.#elapsedMs,
      setTimer: (delayMs, fire) => this.#setTimer(delayMs, fire),
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

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** In how many milliseconds the next timer fires. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.atMs - this.#elapsedMs;
  }

  /** Lets time pass, and everything happen that happens in it. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#next(); timer !== undefined && timer.atMs <= untilMs; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.atMs);
      timer.fire();
      await settle();
    }
    this.#elapsedMs = untilMs;
  }

  #setTimer(delayMs: number, fire: () => void): Cancel {
    const timer: Timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
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
