import { type Cancel, type Clock, clockFrom } from '../../src/runtime/clock.ts';
import { HeldCall, HeldTimer } from './held.ts';
import type { ParkedCall, Scheduler } from './scheduler.ts';
import type { Call } from './trace.ts';

/** One incarnation, as far as the scheduler knows it: its clock, its requests, and whether it is still there and goes on. */
export class VirtualProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #calls = new Set<HeldCall>();
  readonly #timers = new Set<HeldTimer>();
  /** What came while it was paused. */
  readonly #unheard: (() => void)[] = [];
  #alive = true;
  #isStill = false;
  #heldBack: 'nothing' | 'events' | 'all' = 'nothing';

  /** @param skewMs how far its wall clock is ahead of everyone's */
  constructor(name: string, scheduler: Scheduler, skewMs = 0) {
    this.name = name;
    this.#scheduler = scheduler;
    const { clock } = scheduler;
    this.clock = clockFrom({
      now: () => clock.now() + skewMs,
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
    for (const { stop } of [...this.#calls, ...this.#timers]) stop();
    this.#calls.clear();
    this.#timers.clear();
  }

  /**
   * From one moment to the next nothing of it goes on, as when a machine stops it, until {@link resume}: no timer fires,
   * nothing is heard, and what waits for its turn goes on waiting.
   */
  pause(): void {
    this.#isStill = true;
    this.#heldBack = 'all';
    for (const { stop } of [...this.#calls, ...this.#timers]) stop();
  }

  /** What it had asked for had been sent before the pause, and arrives now. It hears of it when it goes on. */
  arrive(): void {
    this.#letGo('events');
  }

  /** Goes on as Node does: with what came meanwhile, then with the timers that are overdue, and then with what waited. */
  resume(): void {
    this.#isStill = false;
    for (const tell of this.#unheard.splice(0)) tell();
    for (const timer of [...this.#timers].toSorted((one, other) => one.atMs - other.atMs)) timer.start();
    this.#scheduler.clock.setTimer(0, () => this.#letGo('nothing'));
  }

  /** Has a call wait for its turn. @param signal takes it back when it aborts before */
  park(call: Omit<Call, 'from'>, proceed: ParkedCall['proceed'], signal?: AbortSignal): void {
    if (!this.#alive || signal?.aborted === true) return;
    const leave = (): void => {
      waiting.stop();
      this.#calls.delete(waiting);
      signal?.removeEventListener('abort', leave);
    };
    const waiting = new HeldCall(this.#scheduler, {
      ...call,
      from: this.name,
      proceed: (answered, isHeard) => {
        // It was paused when the turn came.
        if (this.#holdsBack(call)) return;
        leave();
        proceed(answered, isHeard);
      },
    });
    this.#calls.add(waiting);
    signal?.addEventListener('abort', leave, { once: true });
    this.#go(waiting);
  }

  /**
   * Does something when it is the call's turn, with its outcome as long as the process lives; afterwards nothing, ever. It
   * is done at once then, up to its first wait.
   */
  inTurn<T>(call: Omit<Call, 'from'>, act: (answered: (outcome: string) => void) => Promise<T>, signal?: AbortSignal) {
    return new Promise<T>((resolve, reject) => {
      const whileAlive = (tell: () => void): void => this.#hear(tell);
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

  #letGo(stillHeldBack: 'nothing' | 'events'): void {
    this.#heldBack = stillHeldBack;
    for (const call of this.#calls) this.#go(call);
  }

  #go(waiting: HeldCall): void {
    if (!this.#holdsBack(waiting.call)) waiting.start();
  }

  /** What is told to it it has to take in itself. */
  #holdsBack({ side }: Pick<Call, 'side'>): boolean {
    return this.#heldBack === 'all' || (this.#heldBack === 'events' && side === 'E');
  }

  #hear(tell: () => void): void {
    if (!this.#alive) return;
    if (!this.#isStill) tell();
    else this.#unheard.push(() => this.#hear(tell));
  }

  #setTimer(delayMs: number, fire: () => void): Cancel {
    if (!this.#alive) return () => undefined;
    const timer = new HeldTimer(this.#scheduler.clock, delayMs, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
    if (!this.#isStill) timer.start();
    return () => {
      this.#timers.delete(timer);
      timer.stop();
    };
  }
}

const aborted = (): Error => Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
