/** What a new process takes over from the last one's statuses: manners only, never ownership, and never words. */
import type { Reason } from '../api/reasons.ts';
import type { IdentityStatus } from '../api/types.ts';
import { armKey } from '../identity/arm-id.ts';
import { isActiveFor } from '../identity/declaration.ts';
import type { Ledger } from '../identity/ledger.ts';
import type { Refusal, SetMemory } from './memory.ts';
import { MISSING_MESSAGE, UNAUTHORISED_MESSAGE } from './refusals.ts';
import { type BoundBinding, identityFingerprint } from './subject.ts';

/** A wait read back from a status, which anyone may have written, is no longer than this. In milliseconds. */
const LONGEST_WAIT_MS = 60 * 60_000;

const MESSAGES: Readonly<Partial<Record<IdentityStatus['state'], string>>> = {
  Missing: MISSING_MESSAGE,
  NotAuthorised: UNAUTHORISED_MESSAGE,
  Failed: 'Azure did not take it when it was last sent',
};

/** Fills the memory of a scale set that this process sees for the first time. */
export function recall(
  memory: SetMemory,
  bound: readonly BoundBinding[],
  ledger: Ledger | undefined,
  now: number,
): void {
  if (ledger?.operation?.lastError !== undefined) memory.failedOperation = ledger.operation;
  memory.lostTrack = ledger?.operation !== undefined;
  for (const { binding, declaration } of bound) {
    // A spec that changed meanwhile deserves a new attempt.
    if (binding.status.observedGeneration !== binding.metadata.generation) continue;
    for (const status of binding.status.userAssigned ?? []) {
      const key = armKey(status.resourceId);
      // A status makes nobody wait for what its binding has no say in.
      if (!declaration.userAssigned.has(key) || !isActiveFor(declaration, key)) continue;
      if (status.state === 'Stale') memory.doubted.set(key, 'stale');
      if (status.state === 'Missing') memory.doubted.set(key, 'gone');
      const refusal = refusalOf(status, identityFingerprint(bound, key), now);
      const known = memory.refusals.get(key)?.nextAttemptAt ?? Number.POSITIVE_INFINITY;
      if (refusal !== undefined && refusal.nextAttemptAt < known) memory.refusals.set(key, refusal);
    }
  }
}

function refusalOf(status: IdentityStatus, fingerprint: string, now: number): Refusal | undefined {
  const until = Date.parse(status.nextAttemptTime ?? '');
  const message = MESSAGES[status.state];
  if (message === undefined || Number.isNaN(until)) return undefined;
  const state = status.state as Refusal['state'];
  const reason = reasonOf(status);
  const nextAttemptAt = Math.min(until, now + LONGEST_WAIT_MS);
  return { state, reason, message, cause: causeOf(state, reason), attempts: 1, nextAttemptAt, fingerprint };
}

function reasonOf({ state, reason }: IdentityStatus): Reason {
  if (state === 'Missing') return 'IdentityMissing';
  return reason === 'OperationFailed' ? 'OperationFailed' : 'IdentityRefused';
}

function causeOf(state: IdentityStatus['state'], reason: Reason): Refusal['cause'] {
  if (state === 'Missing') return 'read';
  return reason === 'OperationFailed' ? 'operation' : 'refused';
}
