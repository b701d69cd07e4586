/**
 * How an identity stands on a scale set that shows names only (the array shape). It works when no operation is under way,
 * the scale set names it, it exists, and the last write of ours that carried it did not fail. What exists is read once in
 * a while, and believed in between.
 */
import { type ArmKey, armKey } from '../identity/arm-id.ts';
import { entriesByKey } from '../identity/ledger.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import type { IdentityVerdict } from '../identity/view.ts';
import type { Look } from './answered.ts';
import type { SetMemory } from './memory.ts';
import { noteLostOperation } from './operations.ts';
import { isGone, refuseMissing } from './refusals.ts';
import { staleVerdict } from './stale-verdict.ts';
import type { Subject } from './subject.ts';

/** When an identity that could not be read is looked at again, unless Azure asks for more. In milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** Nothing was found out that speaks against an identity that was assigned. */
const NAMED: IdentityVerdict = { state: 'Pending', keepsAssigned: true };

/** Whether what is known of our own writes speaks against an identity that the scale set names. */
export function isDoubtful({ memory, ledger }: Subject, key: ArmKey): boolean {
  const refusal = memory.refusals.get(key);
  if (refusal === undefined || refusal.succeeded === true) return false;
  // A refused write left things as they were: without an entry, somebody else attached what is there now.
  return refusal.cause === 'operation' || (refusal.cause === 'refused' && entriesByKey(ledger?.spec).has(key));
}

/**
 * The last write has succeeded: so has everything that it carried.
 * @param attached what it attached
 */
export function noteSuccess({ carried, refusals }: SetMemory, attached: readonly ArmKey[] = []): void {
  for (const [key, refusal] of refusals) {
    const wasCarried = carried?.userAssigned.has(key) === true || attached.includes(key);
    if (wasCarried) refusals.set(key, { ...refusal, succeeded: true });
  }
}

/** What a reading shows of an identity that it names, without a question to Azure; undefined when writes tell more. */
export function shownByName(subject: Subject, key: ArmKey): IdentityVerdict | undefined {
  return isDoubtful(subject, key) ? undefined : NAMED;
}

/**
 * The verdict on an identity that the scale set names.
 * @returns undefined when what is remembered of our own writes is the verdict
 */
export async function verdictByName(
  subject: Subject,
  { provisioningState }: LiveScaleSet,
  key: ArmKey,
  look: (key: ArmKey) => Promise<Look | undefined>,
  now: number,
): Promise<IdentityVerdict | undefined> {
  if (isDoubtful(subject, key)) return undefined;
  if (!isTerminal(provisioningState)) return NAMED;
  if (provisioningState !== 'Succeeded' && isLostIntent(subject, key)) {
    noteLostOperation(subject, key, now);
    return undefined;
  }
  const { refusals } = subject.memory;
  const refusal = refusals.get(key);
  if (refusal?.dead === true && refusal.nextAttemptAt > now) return undefined;
  const found = await look(key);
  if (isGone(found)) {
    refuseMissing(subject, key, now, 'read');
    const missing = refusals.get(key);
    if (missing !== undefined) refusals.set(key, { ...missing, dead: true });
    return undefined;
  }
  if (found?.ok !== true) return unread(found, now);
  if (refusal?.dead === true) {
    return staleVerdict(subject, { namesOnly: true }, key, now);
  }
  refusals.delete(key);
  const { principalId, clientId } = found.value;
  return { state: 'Assigned', principalId, clientId };
}

/** Whether nobody saw the write end that was to attach it: nobody's status says that it ever worked. */
function isLostIntent({ memory, bound, ledger }: Subject, key: ArmKey): boolean {
  if (!memory.lostTrack || !entriesByKey(ledger?.spec).has(key)) return false;
  const states = bound.flatMap(({ binding }) => binding.status.userAssigned ?? []);
  return !states.some(({ resourceId, state }) => state === 'Assigned' && armKey(resourceId) === key);
}

function unread(found: Look | undefined, now: number): IdentityVerdict {
  if (found?.ok === false && found.failure.kind !== 'notAuthorised') {
    const message = 'The scale set names it; whether it exists could not be read just now.';
    return { ...NAMED, message, nextAttemptAt: now + Math.max(LOOK_AGAIN_MS, found.failure.retryAfterMs ?? 0) };
  }
  const message = 'the scale set names it, but the operator may not read the identity itself: give it the right to';
  return { state: 'Failed', reason: 'IdentityRefused', message };
}
