import { type Cancel, type Clock, clockFrom } from '../../src/runtime/clock.ts';
import type { ParkedCall, Scheduler } from './scheduler.ts';
import type { Call } from './trace.ts';

/** One incarnation, as far as the scheduler knows it: its clock, its requests, and whether it is still there. */
export class VirtualProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  /** Take back what waits for a turn or a time, and close what is open. */
  readonly #waiting = new Set<Cancel>();
  #alive = true;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
    const { clock } = scheduler;
    this.clock = clockFrom({
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      setTimer: (delayMs, fire) => this.#setTimer(delayMs, fire),
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** It is gone from one moment to the next: none of its timers fires any more, and nothing it waits for comes. */
  end(): void {
    this.#alive = false;
    for (const takeBack of [...this.#waiting]) takeBack();
    this.#waiting.clear();
  }

  /** Has the other side of a connection hear that the process has ended. @returns when it is closed before */
  atEnd(close: () => void): Cancel {
    this.#waiting.add(close);
    return () => {
      this.#waiting.delete(close);
    };
  }

  /** Has a call wait for its turn. @param signal takes it back when it aborts before */
  park(call: Omit<Call, 'from'>, proceed: ParkedCall['proceed'], signal?: AbortSignal): void {
    if (!this.#alive || signal?.aborted === true) return;
    const leave = (): void => {
      this.#waiting.delete(takeBack);
      signal?.removeEventListener('abort', abort);
    };
    const takeBack = this.#scheduler.park({
      ...call,
      from: this.name,
      proceed: (answered) => {
        leave();
        proceed(answered);
      },
    });
    const abort = (): void => {
      leave();
      takeBack();
    };
    this.#waiting.add(takeBack);
    signal?.addEventListener('abort', abort, { once: true });
  }

  /** The promise's outcome as long as the process lives; afterwards nothing, ever. */
  whileAlive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (this.#alive) resolve(value);
        },
        (error: unknown) => {
          if (this.#alive) reject(error as Error);
        },
      );
    });
  }

  #setTimer(delayMs: number, fire: () => void): Cancel {
    if (!this.#alive) return () => undefined;
    const cancel = this.#scheduler.clock.setTimer(delayMs, () => {
      this.#waiting.delete(cancel);
      fire();
    });
    this.#waiting.add(cancel);
    return () => {
      this.#waiting.delete(cancel);
      cancel();
    };
  }
}
