/** Time that passes as soon as nothing is left to happen without it: hours of thousands of scale sets in minutes. */
import { type Clock, clockFrom } from '../../../src/runtime/clock.ts';
import { VirtualTimers } from '../../virtual-timers.ts';

const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z');
/** So many turns of the event loop in which nobody looks at the clock, and nobody will before it moves on. */
const IDLE_TURNS = 2;

export class FleetTime {
  readonly clock: Clock;
  readonly #timers = new VirtualTimers();
  /** Grows with all that is done with the clock. */
  #activity = 0;

  constructor() {
    this.clock = clockFrom({
      now: () => EPOCH_MS + this.#read(),
      monotonicMs: () => this.#read(),
      setTimer: (delayMs, fire) => {
        this.#activity += 1;
        // As Node's, they fire on whole milliseconds.
        return this.#timers.set(Math.ceil(delayMs), fire);
      },
    });
  }

  get elapsedMs(): number {
    return this.#timers.elapsedMs;
  }

  /** @returns whether it holds; false when nothing is left to happen, or none of it in that time */
  async runUntil(holds: () => boolean, forMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const untilMs = this.elapsedMs + forMs;
    await this.#settled();
    while (!holds()) {
      const nextInMs = this.#timers.nextInMs;
      if (nextInMs === undefined || this.elapsedMs + nextInMs > untilMs) return false;
      // All that is due at the same moment: nothing of it waits for anything else of it.
      const atMs = this.elapsedMs + nextInMs;
      while (this.#timers.fireNext(atMs));
      await this.#settled();
    }
    return true;
  }

  async runFor(ms: number): Promise<void> {
    const untilMs = this.elapsedMs + ms;
    await this.runUntil(() => false, ms);
    this.#timers.passUntil(untilMs);
  }

  async #settled(): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS;) {
      const before = this.#activity;
      await new Promise((resolve) => setImmediate(resolve));
      idle = this.#activity === before ? idle + 1 : 0;
    }
  }

  #read(): number {
    this.#activity += 1;
    return this.#timers.elapsedMs;
  }
}
