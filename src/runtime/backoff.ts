/** An exponential back-off: `baseMs`, doubled with each failure, never above `capMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** The delay after `failures` (0 for the first one) in a row, in milliseconds, before jitter. */
export const exponentialMs = ({ baseMs, capMs }: Backoff, failures: number): number =>
  Math.min(capMs, baseMs * 2 ** failures);
