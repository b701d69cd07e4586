/**
 * Lets one thing happen at a time. Every request of every process waits at a seam until it is its turn; when none waits,
 * time passes to the next timer. Between two steps all that can go on by itself does. The same seed gives the same run.
 */
import { type Clock, clockFrom, type Random } from '../../src/runtime/clock.ts';
import { seededRandom } from '../unit/runtime/virtual-clock.ts';
import { VirtualTimers } from '../virtual-timers.ts';
import { type Call, formatTrace, type TraceLine } from './trace.ts';

export interface SchedulerOptions {
  /** Chooses what is let through first; undefined: what came first. */
  readonly seed?: number | undefined;
  /** How many steps a run may have. Default: 20,000. */
  readonly maxSteps?: number;
  /** How long it may last, in virtual time. Default: four hours. */
  readonly maxVirtualMs?: number;
}

/**
 * What becomes of a call whose turn has come. `through`: it goes its way. `lost`: it comes to nothing. `unheard`: it has its
 * effect, now or so much later, and no answer comes.
 */
export type Fate = 'through' | 'lost' | 'unheard' | { readonly unheardAfterMs: number };

export interface ParkedCall extends Call {
  /**
   * Lets it through.
   * @param answered takes what the trace is to say of the answer
   * @param isHeard whether who asked learns of the answer. Default: yes.
   */
  readonly proceed: (answered: (outcome: string) => void, isHeard?: boolean) => void;
}

/** When every run begins. */
export const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z');
/** So many turns of the event loop in which nothing has happened, and nothing will without a step. */
const IDLE_TURNS = 2;
/** What a request takes at least, so that no two moments are the same. */
const REQUEST_MS = 1;
const SHOWN_LINES = 200;

/** Nothing came of what was waited for, or the run went on for longer than any should. */
export class SweepError extends Error {
  override readonly name = 'SweepError';
  readonly problem: string;
  /** Seed, step and trace. */
  readonly description: string;

  constructor(problem: string, description: string) {
    super(`${problem}\n${description}`);
    this.problem = problem;
    this.description = description;
  }
}

export class Scheduler {
  readonly trace: TraceLine[] = [];
  /** Everyone's time; a process has its own view of it. */
  readonly clock: Clock;
  /** Decides what becomes of each request; may end processes. */
  fateOf: (line: TraceLine) => Fate = () => 'through';
  readonly #options: Required<Omit<SchedulerOptions, 'seed'>> & Pick<SchedulerOptions, 'seed'>;
  readonly #random: Random;
  readonly #timers = new VirtualTimers();
  readonly #parked = new Set<ParkedCall>();
  #steps = 0;
  #requests = 0;
  /** Grows with all that is done at a seam or with the clock. */
  #activity = 0;

  constructor(options: SchedulerOptions = {}) {
    this.#options = { maxSteps: 20_000, maxVirtualMs: 4 * 3_600_000, ...options };
    this.#random = seededRandom(options.seed);
    this.clock = clockFrom({
      now: () => EPOCH_MS + this.#readTime(),
      monotonicMs: () => this.#readTime(),
      setTimer: (delayMs, fire) => {
        this.#activity += 1;
        return this.#timers.set(delayMs, fire);
      },
    });
  }

  get steps(): number {
    return this.#steps;
  }

  /** How many requests have been let through, lost ones included. */
  get requests(): number {
    return this.#requests;
  }

  get elapsedMs(): number {
    return this.#timers.elapsedMs;
  }

  /** @returns takes it back, if it is not let through yet */
  park(call: ParkedCall): () => void {
    this.#activity += 1;
    this.#parked.add(call);
    return () => {
      this.#activity += 1;
      this.#parked.delete(call);
    };
  }

  /** Steps until it holds, which is looked at whenever nothing goes on by itself. */
  async runUntil(what: string, holds: () => boolean): Promise<void> {
    await this.settled();
    while (!holds()) {
      if (!(await this.#step())) throw this.#error(`nothing is left to happen, and still not: ${what}`);
      if (this.#steps > this.#options.maxSteps) throw this.#error(`too many steps until: ${what}`);
      if (this.elapsedMs > this.#options.maxVirtualMs) throw this.#error(`too much virtual time until: ${what}`);
    }
  }

  /** Steps for so much virtual time. */
  async runFor(ms: number): Promise<void> {
    const untilMs = this.elapsedMs + ms;
    await this.settled();
    while (await this.#step(untilMs)) {
      if (this.#steps > this.#options.maxSteps) throw this.#error(`too many steps in ${ms} ms`);
    }
    this.#timers.passUntil(untilMs);
  }

  /** Resolves when nothing goes on any more without a step. */
  async settled(): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS;) {
      const before = this.#activity;
      await turn();
      idle = this.#activity === before ? idle + 1 : 0;
    }
  }

  /** How to see it again, and what happened. */
  describe(): string {
    const lines = this.trace.slice(-SHOWN_LINES);
    const left = this.trace.length - lines.length;
    const seed = this.#options.seed ?? 'none (first come, first served)';
    return [
      `seed: ${seed}; step: ${this.#steps}; request: ${this.#requests}; virtual time: ${this.elapsedMs} ms`,
      ...(left > 0 ? [`(${left} lines before)`] : []),
      formatTrace(lines),
    ].join('\n');
  }

  async #step(untilMs?: number): Promise<boolean> {
    const next = this.#choose();
    if (next === undefined && !this.#timers.fireNext(untilMs)) return false;
    this.#steps += 1;
    if (next !== undefined) this.#letThrough(next);
    await this.settled();
    return true;
  }

  #choose(): ParkedCall | undefined {
    const { seed } = this.#options;
    const index = seed === undefined ? 0 : Math.floor(this.#random.next() * this.#parked.size);
    return [...this.#parked][index];
  }

  #letThrough(call: ParkedCall): void {
    this.#parked.delete(call);
    if (call.side !== 'E') {
      this.#requests += 1;
      this.#timers.passUntil(this.elapsedMs + REQUEST_MS);
    }
    const { from, side, method, path } = call;
    const line: TraceLine = {
      ...{ from, side, method, path },
      step: this.#steps,
      request: this.#requests,
      virtualMs: this.elapsedMs,
      outcome: undefined,
    };
    this.trace.push(line);
    const fate = call.side === 'E' ? 'through' : this.fateOf(line);
    if (fate === 'lost') line.outcome ??= 'lost';
    else if (fate === 'through') call.proceed((outcome) => (line.outcome ??= outcome));
    else this.#letThroughUnheard(call, line, fate === 'unheard' ? 0 : fate.unheardAfterMs);
  }

  #letThroughUnheard(call: ParkedCall, line: TraceLine, delayMs: number): void {
    line.outcome ??= 'unheard';
    const arrive = (): void => call.proceed((outcome) => (line.outcome = `${outcome} unheard`), false);
    if (delayMs === 0) arrive();
    else this.#timers.set(delayMs, arrive);
  }

  #readTime(): number {
    this.#activity += 1;
    return this.#timers.elapsedMs;
  }

  #error(problem: string): SweepError {
    return new SweepError(problem, this.describe());
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
