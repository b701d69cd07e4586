import { type Backoff, exponentialMs } from './backoff.ts';
import type { Cancel, Clock, Random } from './clock.ts';
import { Schedule } from './schedule.ts';

/**
 * `high`: someone changed something and waits, or a time has come that would be lost. `low`: looked at again to be sure. All
 * of `high` goes before any of `low`.
 */
export type Priority = 'high' | 'low';

/** Hears what metrics are made of; see client-go's `workqueue.MetricsProvider`. */
export interface WorkQueueObserver {
  added(): void;
  /** A worker took a key that had waited so long. */
  taken(waitedMs: number): void;
  done(workedMs: number): void;
  /** Added to come later, with back-off or without. */
  retried(): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer?: WorkQueueObserver | undefined;
}

/** Slow from the start: what fails here is mostly a cloud, which a retry after 5 ms (client-go's start) does not mend. */
const backoff: Backoff = { baseMs: 1_000, capMs: 300_000 };
const jitter = 0.2;

interface Worker<K> {
  readonly take: (key: K | undefined) => void;
}

/**
 * Keys that need work, as client-go's work queue has them:
 *
 * - a key stands in it once, however often it is added;
 * - no two workers have the same key: one that is added while it is worked on comes once more after {@link done};
 * - a key has at most one time at which it comes by itself: the earliest that was asked for. Being added at once also
 *   satisfies a later time.
 */
export class WorkQueue<K> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observer: WorkQueueObserver | undefined;
  /** Keys that wait for a worker, in order, with the time since when. */
  readonly #ready: Readonly<Record<Priority, Map<K, number>>> = { high: new Map(), low: new Map() };
  /** Keys that a worker has, with the time since when. */
  readonly #running = new Map<K, number>();
  /** Keys of `#running` that come once more. */
  readonly #again = new Map<K, Priority>();
  /** Keys that come by themselves. */
  readonly #delayed = new Schedule<K, Priority>();
  readonly #failures = new Map<K, number>();
  readonly #idleWorkers = new Set<Worker<K>>();
  #timer: { readonly atMs: number; readonly cancel: Cancel } | undefined;
  #shutDown = false;
  readonly #drained = Promise.withResolvers<undefined>();

  constructor({ clock, random, observer }: WorkQueueOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#observer = observer;
  }

  /** Adds a key, or raises its priority. */
  add(key: K, { priority = 'high' }: { readonly priority?: Priority } = {}): void {
    if (this.#shutDown) return;
    const delayed = this.#delayed.get(key);
    this.#delayed.delete(key);
    this.#enqueue(key, higher(priority, delayed?.value));
    this.#arm();
    this.#serve();
  }

  /** Adds a key `delayMs` from now, unless it comes sooner anyway. */
  addAfter(key: K, delayMs: number, { priority = 'low' }: { readonly priority?: Priority } = {}): void {
    if (delayMs <= 0) {
      this.add(key, { priority });
      return;
    }
    if (this.#shutDown) return;
    this.#observer?.retried();
    if (this.#isWanted(key)) return;
    const before = this.#delayed.get(key);
    const atMs = Math.min(this.#clock.monotonicMs() + delayMs, before?.atMs ?? Number.POSITIVE_INFINITY);
    this.#delayed.set({ key, atMs, value: higher(priority, before?.value) });
    this.#arm();
  }

  /** Adds a key after its back-off: 1 s for the first failure, doubled up to 5 min, ± 20 %. Returns the delay in milliseconds. */
  addRateLimited(key: K): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delayMs = exponentialMs(backoff, failures) * (1 - jitter + 2 * jitter * this.#random.next());
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Ends the key's back-off: its next failure is the first again. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined when the signal aborts or the queue is shut down. {@link done} must follow. */
  async get(signal?: AbortSignal): Promise<K | undefined> {
    if (this.#shutDown || signal?.aborted === true) return undefined;
    const { promise, resolve } = Promise.withResolvers<K | undefined>();
    const worker: Worker<K> = { take: resolve };
    const leave = (): void => {
      if (this.#idleWorkers.delete(worker)) resolve(undefined);
    };
    this.#idleWorkers.add(worker);
    signal?.addEventListener('abort', leave, { once: true });
    this.#serve();
    const key = await promise;
    signal?.removeEventListener('abort', leave);
    return key;
  }

  /** The worker has finished with the key, well or not. */
  done(key: K): void {
    const startedMs = this.#running.get(key);
    if (startedMs === undefined) return;
    this.#running.delete(key);
    this.#observer?.done(this.#clock.monotonicMs() - startedMs);
    const priority = this.#again.get(key);
    this.#again.delete(key);
    if (this.#shutDown) {
      this.#checkDrained();
    } else if (priority !== undefined) {
      this.#addReady(key, priority);
      this.#serve();
    }
  }

  /** How many keys wait for a worker, of one priority or of both. */
  depth(priority?: Priority): number {
    const { high, low } = this.#ready;
    return priority === undefined ? high.size + low.size : this.#ready[priority].size;
  }

  /** For how long, in milliseconds, each key has been worked on that is being worked on. */
  runningMs(): readonly number[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#running.values()].map((startedMs) => nowMs - startedMs);
  }

  /** Gives out no more keys and takes no more in. Keys that wait are dropped. */
  shutDown(): void {
    this.#shutDown = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#delayed.clear();
    this.#ready.high.clear();
    this.#ready.low.clear();
    for (const { take } of this.#idleWorkers) take(undefined);
    this.#idleWorkers.clear();
    this.#checkDrained();
  }

  /** Shuts down, and resolves when no key is being worked on any more. */
  async drain(): Promise<void> {
    this.shutDown();
    await this.#drained.promise;
  }

  /** Whether the key comes without being added, and at once. */
  #isWanted(key: K): boolean {
    return this.#again.has(key) || this.#ready.high.has(key) || this.#ready.low.has(key);
  }

  #enqueue(key: K, priority: Priority): void {
    if (!this.#isWanted(key)) this.#observer?.added();
    if (this.#running.has(key)) this.#again.set(key, higher(priority, this.#again.get(key)));
    else this.#addReady(key, priority);
  }

  #addReady(key: K, priority: Priority): void {
    const { high, low } = this.#ready;
    if (high.has(key)) return;
    const sinceMs = low.get(key) ?? this.#clock.monotonicMs();
    if (priority === 'high') low.delete(key);
    this.#ready[priority].set(key, sinceMs);
  }

  /** Gives ready keys to idle workers. */
  #serve(): void {
    for (const worker of this.#idleWorkers) {
      const lane = this.#ready.high.size > 0 ? this.#ready.high : this.#ready.low;
      const [next] = lane;
      if (next === undefined) return;
      const [key, sinceMs] = next;
      const nowMs = this.#clock.monotonicMs();
      lane.delete(key);
      this.#running.set(key, nowMs);
      this.#observer?.taken(nowMs - sinceMs);
      this.#idleWorkers.delete(worker);
      worker.take(key);
    }
  }

  /** One timer for all delayed keys, set to the earliest. */
  #arm(): void {
    const atMs = this.#delayed.earliestMs();
    if (this.#timer?.atMs === atMs) return;
    this.#timer?.cancel();
    this.#timer =
      atMs === undefined
        ? undefined
        : { atMs, cancel: this.#clock.setTimer(atMs - this.#clock.monotonicMs(), () => this.#takeDue()) };
  }

  #takeDue(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (let due = this.#delayed.takeDue(nowMs); due !== undefined; due = this.#delayed.takeDue(nowMs)) {
      this.#enqueue(due.key, due.value);
    }
    this.#arm();
    this.#serve();
  }

  #checkDrained(): void {
    if (this.#running.size === 0) this.#drained.resolve(undefined);
  }
}

const higher = (a: Priority, b: Priority | undefined): Priority => (a === 'high' || b === 'high' ? 'high' : 'low');
