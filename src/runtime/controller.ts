import type { Logger } from '../telemetry/logger.ts';
import type { Clock, Random } from './clock.ts';
import type { Priority, WorkQueue } from './work-queue.ts';

/** What a pass over one key ends with. */
export interface ReconcileOutcome {
  /** Come again after this long at the latest; left out: only when something changes. */
  readonly requeueAfterMs?: number;
  /** With which it then comes: `low`, unless said. */
  readonly priority?: Priority;
}

/**
 * One pass over what a key stands for: makes it so, whatever led to the call. When it throws, the key comes again with
 * back-off. The signal aborts when the pass takes too long or the process ends; the pass should then end soon.
 */
export type Reconcile<K> = (key: K, signal: AbortSignal, run: ReconcileRun) => Promise<ReconcileOutcome>;

export interface ReconcileRun {
  /** In every log line of this pass. */
  readonly logger: Logger;
}

/** controller-runtime's values of the label `result`. */
export type ReconcileResult = 'success' | 'requeue_after' | 'error';

export interface ControllerObserver {
  started(): void;
  ended(run: {
    readonly result: ReconcileResult;
    readonly durationMs: number;
    readonly timedOut: boolean;
    /** It threw what only a mistake in the program throws: what a panic is in Go. */
    readonly defect: boolean;
  }): void;
}

export interface ControllerOptions<K> {
  readonly queue: WorkQueue<K>;
  readonly reconcile: Reconcile<K>;
  /** How many keys are worked on at once: 4. */
  readonly workers?: number;
  /** Time limit of one pass: 2 min. */
  readonly timeoutMs?: number;
  /** Ends every pass at once when it aborts. {@link Controller.stop} is still to be called. */
  readonly signal?: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: ControllerObserver | undefined;
  /** How a failure is logged, where it is no error: somebody else tells of what led to it, or it is to be expected. */
  readonly levelOf?: ((error: unknown) => 'error' | 'info' | 'debug') | undefined;
}

/** Workers that take keys from a queue. It knows nothing of what a key stands for. */
export class Controller<K> {
  readonly #options: ControllerOptions<K>;
  readonly #abort = new AbortController();
  #workers: readonly Promise<void>[] = [];
  #started = false;

  constructor(options: ControllerOptions<K>) {
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted === true) this.#abort.abort(signal.reason);
    signal?.addEventListener('abort', () => this.#abort.abort(signal.reason), { once: true });
  }

  /** Begins; once is enough. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#workers = Array.from({ length: this.#options.workers ?? 4 }, () => this.#work());
  }

  /**
   * Takes no more keys, waits for running passes for `graceMs`, then aborts their signals and waits until they have ended.
   * Never rejects.
   */
  async stop(graceMs: number): Promise<void> {
    const { queue, clock } = this.#options;
    const cancel = clock.setTimer(graceMs, () => this.#abort.abort());
    await queue.drain();
    cancel();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    const { queue, clock } = this.#options;
    for (let next = await queue.get(); next !== undefined; next = await queue.get()) {
      if (!this.#abort.signal.aborted) await this.#run(next);
      queue.done(next);
      // Thousands of passes that find nothing to do would keep the Lease, the probes and the watches waiting for seconds.
      await clock.turn();
    }
  }

  async #run(key: K): Promise<void> {
    const { queue, reconcile, timeoutMs = 120_000, clock, random, observer } = this.#options;
    const logger = this.#options.logger.child({ key, reconcileID: random.uuid() });
    const startedAtMs = clock.monotonicMs();
    using limit = clock.timeoutSignal(timeoutMs, this.#abort.signal);
    observer?.started();
    let result: ReconcileResult;
    let defect = false;
    try {
      const { requeueAfterMs, priority = 'low' } = await reconcile(key, limit.signal, { logger });
      queue.forget(key);
      if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs, { priority });
      result = requeueAfterMs === undefined ? 'success' : 'requeue_after';
    } catch (error) {
      result = 'error';
      defect = isDefect(error);
      if (this.#abort.signal.aborted) logger.info('pass given up: the term is over');
      else this.#tellFailure(logger, error, queue.addRateLimited(key));
    }
    observer?.ended({ result, durationMs: clock.monotonicMs() - startedAtMs, timedOut: limit.timedOut(), defect });
  }

  #tellFailure(logger: Logger, error: unknown, retryAfterMs: number): void {
    const level = this.#options.levelOf?.(error) ?? 'error';
    logger[level]('pass failed', { error, retryAfterMs: Math.round(retryAfterMs) });
  }
}

const isDefect = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof ReferenceError ||
  error instanceof RangeError ||
  error instanceof SyntaxError;
