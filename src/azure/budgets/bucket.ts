/**
 * A token bucket with a line before it. Who finds too few tokens gets a place: the time at which its tokens will be
 * there. They are kept for it, so that coming again at that time is enough, and no crowd comes at once.
 */
import type { Budget } from './limits.ts';

interface Place {
  /** Tokens that are kept for it. */
  readonly tokens: number;
  /** When its turn comes. */
  readonly at: number;
  /** When it lapses, if nobody comes. */
  readonly until: number;
}

/** The wait where Azure throttles and does not say for how long; doubled each time in a row. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** Lapsed places are looked for this often at most. */
const SWEEP_EVERY_MS = 10_000;
/** What sums of fractions may be off by, in tokens and milliseconds. */
const ROUNDING = 1e-6;

/** All times are milliseconds of one clock that never goes back. */
export class Bucket {
  readonly #budget: Budget;
  readonly #line = new Map<string, Place>();
  #tokens: number;
  /** When `#tokens` was right; in the future while Azure has the bucket closed. */
  #asOf: number;
  #reserved = 0;
  #opensAt = Number.NEGATIVE_INFINITY;
  /** After Azure has closed it, requests come at the rate of the budget also where none is enforced, until it is full. */
  #recovering = false;
  #untoldInARow = 0;
  #sweptAt: number;

  constructor(budget: Budget, now: number) {
    this.#budget = budget;
    this.#tokens = budget.capacity;
    this.#asOf = now;
    this.#sweptAt = now;
  }

  /**
   * How long until it is this one's turn, in whole milliseconds; 0 when it is. Changes nothing: {@link keep} takes the
   * place, {@link take} the tokens.
   * @param tokens more than the bucket holds are given when it is full, and owed
   */
  waitMs(key: string, tokens: number, now: number): number {
    this.#refill(now);
    if (this.#isUnlimited) return 0;
    const opensInMs = Math.max(0, this.#opensAt - now);
    const place = this.#line.get(key);
    if (place !== undefined && place.at > now) return whole(Math.max(opensInMs, place.at - now));
    const needed = Math.min(tokens, this.#budget.capacity);
    // Who comes in time has what is there: those before it who are late have it next.
    const isTurn = place !== undefined && opensInMs === 0 && this.#tokens >= needed - ROUNDING;
    if (isTurn) return 0;
    const missing = this.#before(key) + needed - this.#tokens;
    return whole(opensInMs + Math.max(0, missing / this.#budget.perMs));
  }

  /** Keeps its tokens for it from `at` on. Whoever has a place already stays where it is in the line. */
  keep(key: string, tokens: number, at: number, until: number): void {
    if (this.#isUnlimited) return;
    const needed = Math.min(tokens, this.#budget.capacity);
    this.#reserved += needed - (this.#line.get(key)?.tokens ?? 0);
    this.#line.set(key, { tokens: needed, at, until });
  }

  has(key: string): boolean {
    return this.#line.has(key);
  }

  /** Takes the tokens, and ends its place. Its turn must have come. */
  take(key: string, tokens: number, now: number): void {
    this.#refill(now);
    this.#leave(key);
    if (!this.#isUnlimited) this.#tokens -= tokens;
  }

  /**
   * Takes tokens for a request that is over: who comes next waits for them.
   * @param tokens below 0 for one that has not drawn on this bucket after all
   */
  debit(tokens: number, now: number): void {
    this.#refill(now);
    const { capacity } = this.#budget;
    if (!this.#isUnlimited) this.#tokens = Math.min(capacity, Math.max(-capacity, this.#tokens - tokens));
  }

  /** Azure says that no more are left than so many. What it says never raises the bucket. */
  lower(tokens: number, now: number): void {
    this.#refill(now);
    if (this.#budget.enforced) {
      this.#tokens = Math.min(this.#tokens, Math.max(-this.#budget.capacity, tokens));
    }
  }

  /**
   * Azure throttles: nothing goes before the time it told, and then no more at once than what it refused.
   * @param told how long Azure asks to wait, in milliseconds; where it does not, the bucket has a back-off of its own
   * @returns whether it was open until now
   */
  close(tokens: number, told: number | undefined, now: number): boolean {
    this.#refill(now);
    const wasOpen = this.#opensAt <= now;
    // What was sent before it was closed, and is refused only now, says nothing new.
    if (!wasOpen && told === undefined) return false;
    if (told === undefined) this.#untoldInARow += 1;
    const waitMs = told ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#untoldInARow - 1, 10));
    this.#opensAt = Math.max(this.#opensAt, now + waitMs);
    this.#tokens = Math.min(
      tokens,
      this.#budget.capacity,
      this.#tokens + (this.#opensAt - this.#asOf) * this.#budget.perMs,
    );
    this.#asOf = this.#opensAt;
    this.#recovering = true;
    return wasOpen;
  }

  /** Azure has taken a request of this kind. */
  succeeded(now: number): void {
    if (this.#opensAt <= now) this.#untoldInARow = 0;
  }

  /** For how long Azure has it closed, in milliseconds; 0 when it is open. */
  closedForMs(now: number): number {
    return Math.max(0, this.#opensAt - now);
  }

  /** Tokens that nobody has a claim on, below 0 when there is a line; undefined where there is no budget. */
  left(now: number): number | undefined {
    this.#refill(now);
    return this.#budget.enforced ? this.#tokens - this.#reserved : undefined;
  }

  /** Whether a new bucket would be the same as this one. */
  isAtRest(now: number): boolean {
    this.#refill(now);
    const isFull = this.#tokens >= this.#budget.capacity - ROUNDING;
    return this.#line.size === 0 && this.#untoldInARow === 0 && this.#opensAt <= now && isFull;
  }

  get #isUnlimited(): boolean {
    return !this.#budget.enforced && !this.#recovering;
  }

  #refill(now: number): void {
    this.#sweep(now);
    if (now <= this.#asOf) return;
    const { capacity, perMs } = this.#budget;
    this.#tokens = Math.min(capacity, this.#tokens + (now - this.#asOf) * perMs);
    this.#asOf = now;
    if (this.#tokens === capacity && this.#line.size === 0) this.#recovering = false;
  }

  /** Tokens that are kept for those who stand before this one, or for all when it has no place. */
  #before(key: string): number {
    if (!this.#line.has(key)) return this.#reserved;
    let before = 0;
    for (const [other, { tokens }] of this.#line) {
      if (other === key) break;
      before += tokens;
    }
    return before;
  }

  #sweep(now: number): void {
    if (this.#line.size === 0 || now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [key, { until }] of this.#line) if (until < now) this.#leave(key);
  }

  #leave(key: string): void {
    this.#reserved -= this.#line.get(key)?.tokens ?? 0;
    this.#line.delete(key);
    // No sum of fractions outlives the line.
    if (this.#line.size === 0) this.#reserved = 0;
  }
}

function whole(ms: number): number {
  return Math.max(0, Math.ceil(ms - ROUNDING));
}
