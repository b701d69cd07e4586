/** Asks Azure as patiently as a person at a terminal is. */
import type { Failure, Result } from '../reconcile/azure-port.ts';
import type { Clock } from '../runtime/clock.ts';

const TRIES = 3;
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The answer, or the failure that is left: a request waits for its turn under Azure's limits, and one that is throttled or
 * lost is sent three times.
 */
export async function answered<T>(
  ask: () => Promise<Result<T>>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<T>> {
  for (let sent = 1; ;) {
    const result = await ask();
    if (result.ok || !isPassing(result.failure) || sent === TRIES) return result;
    if (result.failure.kind !== 'queued') sent++;
    await clock.sleep(Math.min(result.failure.retryAfterMs ?? PAUSE_MS, LONGEST_PAUSE_MS), signal);
  }
}

function isPassing({ kind }: Failure): boolean {
  return kind === 'queued' || kind === 'throttled' || kind === 'transient';
}
