/** Who hears of what passes find and do: what metrics are made of. */
import type { OperationInFlight } from './memory.ts';
import type { Progress } from './operations.ts';

export type DriftKind = 'user_assigned' | 'system_assigned';

/** `unknown`: over, and nobody saw how it ended. `timed_out`: its time was up before it was over. */
export type OperationResult = 'succeeded' | 'failed' | 'unknown' | 'timed_out';

export interface ReconcileObserver {
  /** Others took off what was ours; told once, until it is back. */
  driftFound(kind: DriftKind, count: number): void;
  /** @param durationMs since the write that began it */
  operationEnded(result: OperationResult, durationMs: number): void;
  /** Azure accepted a write that detaches so many; turning the system-assigned identity off is one. */
  detached(count: number): void;
  /** So many stay on the scale set for good, because a person had a binding let go without Azure's consent. */
  abandoned(count: number): void;
}

export const NOBODY: ReconcileObserver = {
  driftFound: () => undefined,
  operationEnded: () => undefined,
  detached: () => undefined,
  abandoned: () => undefined,
};

/** Tells of an operation after a look at it, once: when it is over, or when its time is up. */
export function tellOfOperation(
  { timedOut, startedAt }: OperationInFlight,
  progress: Progress,
  now: number,
  observer: ReconcileObserver,
): void {
  const result = resultOf(progress);
  if (result !== undefined && !timedOut) observer.operationEnded(result, now - startedAt);
}

function resultOf(progress: Progress): OperationResult | undefined {
  switch (progress.state) {
    case 'running':
      return progress.operation.timedOut ? 'timed_out' : undefined;
    case 'over':
      return 'unknown';
    case 'succeeded':
    case 'failed':
      return progress.state;
  }
}
