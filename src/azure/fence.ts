/**
 * Keeps writes within the time in which nobody else can be writing: one that could not end before another process may
 * lead is not begun, and one that was held up on its way (a token, a stopped process) does not go out late.
 */
import type { Failure } from '../reconcile/azure-port.ts';
import type { Clock } from '../runtime/clock.ts';

export interface Fence {
  /** How much longer it is certain that no other process writes in the subscription, in milliseconds. */
  remainingMs(subscriptionId: string): number;
  /** How soon that is to be prolonged, in milliseconds. */
  readonly retryMs: number;
}

/** Whoever is alone may always write. */
export const NO_FENCE: Fence = { remainingMs: () => Number.POSITIVE_INFINITY, retryMs: 0 };

/** The code of a `FencedError`, which is all of it that the SDK hands through. */
export const FENCED = 'LEASE_NOT_RENEWED';

/** What is thrown on the way of a write that comes to the fence too late: it has not gone out. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  readonly code = FENCED;

  constructor() {
    super('it is too late for this request');
  }
}

/**
 * A write to a subscription from now on.
 * @returns whether it may go out at the moment of asking, and will still end in time
 */
export function passage(
  fence: Fence,
  subscriptionId: string,
  limitMs: number,
  clock: Pick<Clock, 'now' | 'monotonicMs'>,
): () => boolean {
  const [startedMs, startedAt] = [clock.monotonicMs(), clock.now()];
  return () => {
    // A machine that sleeps stops the one clock, and a clock that is set moves the other.
    const tookMs = Math.max(clock.monotonicMs() - startedMs, clock.now() - startedAt);
    return tookMs < limitMs && fence.remainingMs(subscriptionId) >= limitMs - Math.max(0, tookMs);
  };
}

/** No failure: nothing was sent, and it is tried again when the lease has been renewed. */
export function fencedFailure(retryMs: number): Failure {
  return {
    kind: 'queued',
    code: 'LeaseNotRenewed',
    message: 'The operator has not renewed its lease in time, and writes again when it has.',
    identityIds: [],
    retryAfterMs: retryMs,
    hadNoEffect: true,
  };
}
