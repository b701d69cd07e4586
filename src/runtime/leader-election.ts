/**
 * Leader election on a lease, as client-go's elector does it: how long a lease still counts is measured from when its
 * record was seen to change, on the own clock, never by the times that another process wrote into it. Losing the lease
 * ends the term, not the process: it becomes a candidate again.
 */
import type { Logger } from '../telemetry/logger.ts';
import type { Clock, Random } from './clock.ts';

/** What stands in a lease. */
export interface LeaseRecord {
  /** Who has it; empty when nobody does. */
  readonly holder: string;
  /** How long after it was renewed the holder may count on it, in milliseconds. */
  readonly durationMs: number;
  /** Wall-clock times of the holder, in epoch milliseconds; for people to read. */
  readonly acquiredAt: number;
  readonly renewedAt: number;
  /** How often it has passed from one holder to another. */
  readonly transitions: number;
}

/** A record as it was read, or as a write has left it. */
export interface StoredLease extends LeaseRecord {
  /** Another one after every change. */
  readonly version: string;
}

/** Where the lease is kept. Both methods reject when the store cannot be asked. */
export interface LeaseStore {
  read(signal: AbortSignal): Promise<StoredLease | undefined>;
  /**
   * Writes only if nobody else has since `current` was read; rejects otherwise.
   * @param current undefined: there is none, and it is created
   */
  write(next: LeaseRecord, current: StoredLease | undefined, signal: AbortSignal): Promise<StoredLease>;
}

/** The time between getting a lease and losing it. */
export interface Term {
  /** Aborts when the lease is lost. */
  readonly signal: AbortSignal;
  /** How much longer nobody else can have got the lease, in milliseconds; 0 when that is not certain any more. */
  remainingMs(): number;
}

export interface ElectionObserver {
  /** 1 while this process leads. */
  leading(isLeader: boolean): void;
  renewalFailed(): void;
}

export interface ElectionOptions {
  /** Of this process: another one in every process, also when a pod's name comes again. */
  readonly identity: string;
  readonly durationMs: number;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: ElectionObserver;
  /**
   * For how long a lease that is nobody's is left to others first, in milliseconds, as of the moment of asking. Absent: it
   * is taken at once.
   */
  readonly hesitationMs?: () => number;
  /** Does what only a leader may, until the term's signal aborts; then it ends soon. */
  readonly lead: (term: Term) => Promise<void>;
}

/** Shares of the lease's duration. Flux's 35/30/5 s is about as patient; client-go's 15/10/2 s is less. */
const RENEW_DEADLINE = 2 / 3;
const RETRY = 1 / 9;
/** One request for the lease may take so long, so that a second one can still renew it in time. */
const REQUEST = 2 / 9;
/** What a leader writes elsewhere may take so long: begun right after a renewal that was tried twice, it still fits in. */
const WRITE = 4 / 9;
/** Nobody waits longer for the lease to be given back, in milliseconds: it runs out by itself. */
const RELEASE_MS = 3000;

/** The time limit of a leader's writes to anything that knows nothing of the lease, in milliseconds. */
export const writeLimitMs = (leaseDurationMs: number): number => WRITE * leaseDurationMs;

/** How soon a renewal of the lease is to be expected, in milliseconds. */
export const retryAfterMs = (leaseDurationMs: number): number => RETRY * leaseDurationMs;

interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export class LeaderElection {
  readonly #options: ElectionOptions;
  readonly #stopping = new AbortController();
  #lease: StoredLease | undefined;
  /** When the record was last seen to change. */
  #seenAt: Moment;
  /** When the request was sent that last renewed our own. */
  #renewedAt: Moment | undefined;
  /** Since when it has been seen to be nobody's, on the monotonic clock, in milliseconds. */
  #freeSinceMs: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#seenAt = this.#moment();
  }

  /** Stands for election until it is stopped. */
  start(): void {
    if (this.#running !== undefined) return;
    this.#options.logger.info('stands for election', { identity: this.#options.identity });
    this.#running = this.#run();
  }

  /** Ends the term, if there is one, and gives the lease back. To be called when all its work is done. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#release();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (await this.#acquire()) await this.#serve();
    }
  }

  /** @returns false when stopped before */
  async #acquire(): Promise<boolean> {
    const { clock, random, durationMs, logger } = this.#options;
    const { signal } = this.#stopping;
    let told = '';
    while (!signal.aborted) {
      try {
        if (await this.#tryOnce()) return true;
        const holder = this.#freeSinceMs === undefined ? this.#lease?.holder : '';
        if (told !== holder && holder !== '') logger.info('another process leads', { holder });
        told = holder ?? '';
      } catch (error) {
        if (this.#isStopping()) return false;
        logger.debug('cannot ask for the lease', { error });
      }
      const wait = RETRY * durationMs * (1 + random.next() / 5);
      await clock.sleep(Math.min(wait, this.#hesitatesForMs() || wait), signal).catch(() => undefined);
    }
    return false;
  }

  /** One term, from the moment the lease is ours. */
  async #serve(): Promise<void> {
    const { lead, logger, observer, identity, clock, durationMs } = this.#options;
    const ended = new AbortController();
    const workless = new AbortController();
    const term: Term = { signal: ended.signal, remainingMs: () => this.#remainingMs() };
    logger.info('leads from now on', { identity, transitions: this.#lease?.transitions });
    observer?.leading(true);
    const leading = lead(term)
      .catch((error: unknown) => logger.error('the work of a leader ended with an error', { error }))
      .finally(() => workless.abort());
    await this.#renewUntilLost(AbortSignal.any([this.#stopping.signal, workless.signal]));
    const isWorkless = workless.signal.aborted;
    this.#renewedAt = undefined;
    ended.abort(new Error('the lease is lost'));
    observer?.leading(false);
    await leading;
    if (this.#isStopping()) return;
    if (!isWorkless) {
      logger.warn('leads no more: the lease could not be renewed in time');
      return;
    }
    // A leader that does nothing would keep the others from it.
    logger.error('gives the lease back: its work has ended');
    await this.#release();
    await clock.sleep(RETRY * durationMs, this.#stopping.signal).catch(() => undefined);
  }

  /**
   * Never rejects.
   * @param signal ends it
   */
  async #renewUntilLost(signal: AbortSignal): Promise<void> {
    const { clock, durationMs, logger, observer } = this.#options;
    let failures = 0;
    for (;;) {
      await clock.sleep(Math.min(RETRY * durationMs, this.#toDeadlineMs()), signal).catch(() => undefined);
      if (signal.aborted || this.#toDeadlineMs() <= 0) return;
      try {
        if (!(await this.#tryOnce())) return;
        failures = 0;
      } catch (error) {
        if (this.#isStopping()) return;
        failures += 1;
        observer?.renewalFailed();
        if (failures === 1) logger.warn('cannot renew the lease; it is tried again', { error });
      }
    }
  }

  /**
   * Gets the lease, or renews it.
   * @returns false while another process has it
   */
  async #tryOnce(): Promise<boolean> {
    const { clock, durationMs, identity, store } = this.#options;
    using limit = clock.timeoutSignal(this.#requestMs(), this.#stopping.signal);
    const isOurs = this.#lease?.holder === identity && this.#renewedAt !== undefined;
    // What we wrote ourselves is known; a write that meets another version says so.
    if (!isOurs) this.#see(await store.read(limit.signal));
    if (this.#isOthers()) return false;
    const current = this.#lease;
    if (this.#renewedAt === undefined && this.#hesitatesForMs() > 0) return false;
    const sentAt = this.#moment();
    const renews = current?.holder === identity;
    try {
      const written = await store.write(
        {
          holder: identity,
          durationMs,
          acquiredAt: renews ? current.acquiredAt : sentAt.wallMs,
          renewedAt: sentAt.wallMs,
          transitions: (current?.transitions ?? -1) + (renews ? 0 : 1),
        },
        current,
        limit.signal,
      );
      this.#see(written);
      this.#renewedAt = sentAt;
      this.#freeSinceMs = undefined;
      return true;
    } catch (error) {
      // Someone wrote in between, or nobody knows whether we did: what stands there now decides.
      this.#see(await store.read(limit.signal));
      if (this.#isOthers()) return false;
      throw error;
    }
  }

  #see(found: StoredLease | undefined): void {
    if (found?.version !== this.#lease?.version) this.#seenAt = this.#moment();
    this.#lease = found;
  }

  /** Another process has it, as far as we can have seen. */
  #isOthers(): boolean {
    const { identity, clock } = this.#options;
    const { holder, durationMs } = this.#lease ?? { holder: '', durationMs: 0 };
    const isTaken = holder !== '' && holder !== identity && clock.monotonicMs() - this.#seenAt.monotonicMs < durationMs;
    this.#freeSinceMs = isTaken ? undefined : (this.#freeSinceMs ?? clock.monotonicMs());
    return isTaken;
  }

  /** How much longer a lease that is nobody's is left to others. */
  #hesitatesForMs(): number {
    if (this.#freeSinceMs === undefined) return 0;
    const { hesitationMs, clock } = this.#options;
    return Math.max(0, this.#freeSinceMs + (hesitationMs?.() ?? 0) - clock.monotonicMs());
  }

  #remainingMs(): number {
    if (this.#renewedAt === undefined || this.#lease?.holder !== this.#options.identity) return 0;
    return Math.max(0, this.#options.durationMs - this.#sinceAtMost(this.#renewedAt));
  }

  #toDeadlineMs(): number {
    if (this.#renewedAt === undefined) return 0;
    return RENEW_DEADLINE * this.#options.durationMs - this.#sinceAtMost(this.#renewedAt);
  }

  #requestMs(): number {
    return REQUEST * this.#options.durationMs;
  }

  /** A question, because the answer changes while something is awaited. */
  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.now() };
  }

  /** How long ago that was at most: the monotonic clock stands still while a machine sleeps, the wall clock does not. */
  #sinceAtMost({ monotonicMs, wallMs }: Moment): number {
    const now = this.#moment();
    return Math.max(now.monotonicMs - monotonicMs, now.wallMs - wallMs);
  }

  async #release(): Promise<void> {
    const { clock, identity, store, logger } = this.#options;
    const current = this.#lease;
    if (current?.holder !== identity) return;
    using limit = clock.timeoutSignal(Math.min(this.#requestMs(), RELEASE_MS));
    const given = { ...current, holder: '', durationMs: 1000, renewedAt: clock.now() };
    await store.write(given, current, limit.signal).catch((error: unknown) => {
      logger.warn('could not give the lease back; it runs out by itself', { error });
    });
  }
}
