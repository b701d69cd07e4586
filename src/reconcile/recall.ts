/** What a new process takes over from the last one's statuses: manners only, never ownership. */
import { isReason, type Reason } from '../api/reasons.ts';
import type { IdentityStatus } from '../api/types.ts';
import { armKey } from '../identity/arm-id.ts';
import type { Ledger } from '../identity/ledger.ts';
import type { Refusal, SetMemory } from './memory.ts';
import { type BoundBinding, identityFingerprint } from './subject.ts';

/** A wait read back from a status, which anyone may have written, is no longer than this. In milliseconds. */
const LONGEST_WAIT_MS = 60 * 60_000;

const REFUSED_STATES: ReadonlySet<string> = new Set(['Missing', 'NotAuthorised', 'Failed']);

/** Fills the memory of a scale set that this process sees for the first time. */
export function recall(
  memory: SetMemory,
  bound: readonly BoundBinding[],
  ledger: Ledger | undefined,
  now: number,
): void {
  if (ledger?.operation?.lastError !== undefined) memory.failedOperation = ledger.operation;
  for (const { binding } of bound) {
    // A spec that changed meanwhile deserves a new attempt.
    if (binding.status.observedGeneration !== binding.metadata.generation) continue;
    for (const status of binding.status.userAssigned ?? []) recallRefusal(memory, bound, status, now);
  }
}

function recallRefusal(memory: SetMemory, bound: readonly BoundBinding[], status: IdentityStatus, now: number): void {
  const until = Date.parse(status.nextAttemptTime ?? '');
  if (!REFUSED_STATES.has(status.state) || Number.isNaN(until)) return;
  const key = armKey(status.resourceId);
  const reason: Reason = isReason(status.reason ?? '') ? (status.reason as Reason) : 'IdentityRefused';
  memory.refusals.set(key, {
    state: status.state as Refusal['state'],
    reason,
    message: status.message ?? '',
    cause: causeOf(status.state, reason),
    attempts: 1,
    nextAttemptAt: Math.min(until, now + LONGEST_WAIT_MS),
    fingerprint: identityFingerprint(bound, key),
  });
}

function causeOf(state: IdentityStatus['state'], reason: Reason): Refusal['cause'] {
  if (state === 'Missing') return 'read';
  return reason === 'OperationFailed' ? 'operation' : 'refused';
}
