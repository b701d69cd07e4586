import { type Cancel, type Clock, clockFrom } from '../../src/runtime/clock.ts';
import type { ParkedCall, Scheduler } from './scheduler.ts';
import type { Call } from './trace.ts';

/** One incarnation, as far as the scheduler knows it: its clock, its requests, and whether it is still there. */
export class VirtualProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  /** Take back what waits for a turn or a time. */
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
      proceed: (answered, isHeard) => {
        leave();
        proceed(answered, isHeard);
      },
    });
    const abort = (): void => {
      leave();
      takeBack();
    };
    this.#waiting.add(takeBack);
    signal?.addEventListener('abort', abort, { once: true });
  }

  /**
   * Does something when it is the call's turn, with its outcome as long as the process lives; afterwards nothing, ever. It
   * is done at once then, up to its first wait.
   */
  inTurn<T>(call: Omit<Call, 'from'>, act: (answered: (outcome: string) => void) => Promise<T>, signal?: AbortSignal) {
    return new Promise<T>((resolve, reject) => {
      const whileAlive = (tell: () => void): void => {
        if (this.#alive) tell();
      };
      const abort = (): void => whileAlive(() => reject(aborted()));
      if (signal?.aborted === true) abort();
      signal?.addEventListener('abort', abort, { once: true });
      const proceed: ParkedCall['proceed'] = (answered, isHeard = true) => {
        const whileHeard = (tell: () => void): void => (isHeard ? whileAlive(tell) : undefined);
        act(answered).then(
          (value) => whileHeard(() => resolve(value)),
          (error: unknown) =>
            whileHeard(() => reject(error instanceof Error ? error : new Error('it failed', { cause: error }))),
        );
      };
      this.park(call, proceed, signal);
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

const aborted = (): Error => Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
