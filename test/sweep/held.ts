/** What a process waits for, as it can be held back and let go on. */
import type { Cancel, Clock } from '../../src/runtime/clock.ts';
import type { ParkedCall, Scheduler } from './scheduler.ts';

/** A call that is parked, or will be. */
export class HeldCall {
  readonly call: ParkedCall;
  readonly #scheduler: Scheduler;
  #takeBack: Cancel | undefined;

  constructor(scheduler: Scheduler, call: ParkedCall) {
    this.#scheduler = scheduler;
    this.call = call;
  }

  start(): void {
    this.#takeBack ??= this.#scheduler.park(this.call);
  }

  readonly stop = (): void => {
    this.#takeBack?.();
    this.#takeBack = undefined;
  };
}

/** A timer that is set, or will be. */
export class HeldTimer {
  readonly atMs: number;
  readonly #clock: Clock;
  readonly #fire: () => void;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, delayMs: number, fire: () => void) {
    this.#clock = clock;
    this.atMs = clock.monotonicMs() + Math.max(0, delayMs);
    this.#fire = fire;
  }

  start(): void {
    this.#cancel ??= this.#clock.setTimer(this.atMs - this.#clock.monotonicMs(), this.#fire);
  }

  readonly stop = (): void => {
    this.#cancel?.();
    this.#cancel = undefined;
  };
}
