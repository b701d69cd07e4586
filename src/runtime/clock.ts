import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** Ends a timer that has not fired yet; harmless after it has, or twice. */
export type Cancel = () => void;

/** A signal that aborts by itself when its time is up or its parent aborts. Dispose it when the work is done, or its timer stays. */
export interface TimeoutSignal extends Disposable {
  readonly signal: AbortSignal;
  /** True once it was the time, and not the parent, that aborted the signal. */
  timedOut(): boolean;
}

/** The only way to time. Everything that waits takes one, so that a test can make an hour pass at once. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch: for what is written down, never to measure a duration. */
  now(): number;
  /** Milliseconds since an arbitrary point; never goes back. */
  monotonicMs(): number;
  /** Calls `fire` once, `delayMs` from now (at the next turn for 0 or less). */
  setTimer(delayMs: number, fire: () => void): Cancel;
  /** Resolves after `delayMs`; rejects with the signal's reason when that aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts after `delayMs` (reason: a `TimeoutError`) or with its parent (the parent's reason). */
  timeoutSignal(delayMs: number, parent?: AbortSignal): TimeoutSignal;
  /**
   * Resolves when everything else has had its turn: timers that are due, and what has come from the network. Whoever goes
   * through much without waiting for anything takes one now and then, or holds up the rest of the process.
   */
  turn(): Promise<void>;
}

/** What a clock is made of; the rest of {@link Clock} follows. Without `turn`: nothing comes that would have to be let in. */
export type ClockPrimitives = Pick<Clock, 'now' | 'monotonicMs' | 'setTimer'> & Partial<Pick<Clock, 'turn'>>;

/** The only way to chance. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A random (version 4) UUID. */
  uuid(): string;
}

export const clockFrom = (primitives: ClockPrimitives): Clock => ({
  turn: () => Promise.resolve(),
  ...primitives,
  sleep: (delayMs, signal) => sleep(primitives, delayMs, signal),
  timeoutSignal: (delayMs, parent) => timeoutSignal(primitives, delayMs, parent),
});

const sleep = async (clock: ClockPrimitives, delayMs: number, signal?: AbortSignal): Promise<void> => {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const wake = (): void => {
    resolve(undefined);
  };
  const cancel = clock.setTimer(delayMs, wake);
  signal?.addEventListener('abort', wake, { once: true });
  await promise;
  cancel();
  signal?.removeEventListener('abort', wake);
  signal?.throwIfAborted();
};

const timeoutSignal = (clock: ClockPrimitives, delayMs: number, parent?: AbortSignal): TimeoutSignal => {
  const controller = new AbortController();
  let timedOut = false;
  const cancel = clock.setTimer(delayMs, () => {
    timedOut = !controller.signal.aborted;
    controller.abort(new DOMException(`took longer than ${delayMs} ms`, 'TimeoutError'));
  });
  const follow = (): void => {
    cancel();
    controller.abort(parent?.reason);
  };
  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    [Symbol.dispose]() {
      cancel();
      parent?.removeEventListener('abort', follow);
    },
  };
};

/** The longest delay that Node's own timers take (a longer one fires at once). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const setRealTimer = (delayMs: number, fire: () => void): Cancel => {
  let timer: NodeJS.Timeout;
  const arm = (restMs: number): void => {
    timer =
      restMs > LONGEST_TIMER_MS
        ? setTimeout(arm, LONGEST_TIMER_MS, restMs - LONGEST_TIMER_MS)
        : setTimeout(fire, Math.max(0, restMs));
  };
  arm(delayMs);
  return () => {
    clearTimeout(timer);
  };
};

export const realClock: Clock = clockFrom({
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: setRealTimer,
  turn: () => setImmediate(),
});

export const realRandom: Random = { next: () => Math.random(), uuid: () => randomUUID() };
