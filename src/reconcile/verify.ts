/** How each identity stands, as far as the reading and, where that does not tell, the identity itself says. */
import type { ArmKey } from '../identity/arm-id.ts';
import { entriesByKey } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import { isTerminal, type LiveScaleSet, type LiveUserAssigned } from '../identity/scale-set.ts';
import type { IdentityVerdict } from '../identity/view.ts';
import type { Refusal } from './memory.ts';
import { noteLostOperation } from './operations.ts';
import { isGone, type Look, refuseMissing } from './refusals.ts';
import type { Subject } from './subject.ts';
import { shownByName, STALE, verdictByName } from './verify-names.ts';

/**
 * The verdict on every identity that a binding declares or the ledger names. An identity works only when no operation is
 * under way and Azure shows its client id, whatever else failed on the scale set.
 */
export async function verify(
  subject: Subject,
  scaleSet: LiveScaleSet,
  look: (key: ArmKey) => Promise<Look | undefined>,
  now: number,
): Promise<ReadonlyMap<ArmKey, IdentityVerdict>> {
  const verdicts = new Map<ArmKey, IdentityVerdict>();
  for (const key of concerned(subject)) {
    verdicts.set(key, await verdictOn(subject, scaleSet, key, look, now));
  }
  return verdicts;
}

/** How each identity stands while the write that carries `sent` is under way. */
export function whileRunning(
  subject: Subject,
  scaleSet: LiveScaleSet,
  sent: Pick<Delta, 'attach'>,
): ReadonlyMap<ArmKey, IdentityVerdict> {
  const carried = new Set(sent.attach.map(({ key }) => key));
  return unasked(subject, (key) => (carried.has(key) ? { state: 'Pending' } : shown(subject, scaleSet, key, false)));
}

/** How each identity stands as far as an earlier reading tells. */
export function asSeen(subject: Subject, scaleSet: LiveScaleSet): ReadonlyMap<ArmKey, IdentityVerdict> {
  const isAtRest = isTerminal(scaleSet.provisioningState);
  return unasked(subject, (key) => shown(subject, scaleSet, key, isAtRest));
}

function unasked(subject: Subject, verdict: (key: ArmKey) => IdentityVerdict): ReadonlyMap<ArmKey, IdentityVerdict> {
  return new Map(concerned(subject).map((key) => [key, verdict(key)]));
}

/** What a reading shows of one identity, without a question to Azure. */
function shown(subject: Subject, scaleSet: LiveScaleSet, key: ArmKey, isAtRest: boolean): IdentityVerdict {
  const live = scaleSet.identity.userAssigned.get(key);
  const named = live !== undefined && scaleSet.namesOnly === true ? shownByName(subject, key) : undefined;
  if (named !== undefined) return named;
  if (live?.clientId === undefined) return remembered(subject, key) ?? { state: 'Pending' };
  return isAtRest ? { state: 'Assigned', ...idsOf(live) } : { state: 'Pending', ...idsOf(live), keepsAssigned: true };
}

function concerned({ declarations, ledger }: Subject): readonly ArmKey[] {
  const declared = declarations.flatMap(({ userAssigned }) => [...userAssigned.keys()]);
  return [...new Set([...declared, ...entriesByKey(ledger?.spec).keys()])];
}

function idsOf({ principalId, clientId }: LiveUserAssigned): Pick<IdentityVerdict, 'principalId' | 'clientId'> {
  return { ...(principalId === undefined ? {} : { principalId }), ...(clientId === undefined ? {} : { clientId }) };
}

async function verdictOn(
  subject: Subject,
  scaleSet: LiveScaleSet,
  key: ArmKey,
  look: (key: ArmKey) => Promise<Look | undefined>,
  now: number,
): Promise<IdentityVerdict> {
  const live = scaleSet.identity.userAssigned.get(key);
  const refusal = subject.memory.refusals.get(key);
  const named = live !== undefined && scaleSet.namesOnly === true;
  const byName = named ? await verdictByName(subject, scaleSet, key, look, now) : undefined;
  if (byName !== undefined) return byName;
  if (live === undefined || named) return remembered(subject, key) ?? { state: 'Pending' };
  const ids = idsOf(live);
  if (!isTerminal(scaleSet.provisioningState)) {
    return { state: 'Pending', ...ids, keepsAssigned: live.clientId !== undefined };
  }
  if (live.clientId !== undefined) {
    subject.memory.refusals.delete(key);
    return { state: 'Assigned', ...ids };
  }
  const found = await look(key);
  // Its turn has not come: nothing is known yet.
  if (found?.ok === false && found.failure.kind === 'queued') return remembered(subject, key) ?? { state: 'Pending' };
  return withoutClientId(subject, key, found, refusal, now);
}

function withoutClientId(
  subject: Subject,
  key: ArmKey,
  found: Look | undefined,
  refusal: Refusal | undefined,
  now: number,
): IdentityVerdict {
  if (isGone(found)) {
    if (refusal?.state !== 'Missing' || refusal.nextAttemptAt <= now) refuseMissing(subject, key, now, 'read');
    return remembered(subject, key) ?? { state: 'Missing', reason: 'IdentityMissing' };
  }
  if (refusal !== undefined && refusal.cause !== 'read') return refused(refusal);
  if (subject.memory.lostTrack && entriesByKey(subject.ledger?.spec).has(key)) {
    noteLostOperation(subject, key, now);
    return remembered(subject, key) ?? { state: 'Failed', reason: 'OperationFailed' };
  }
  if (found?.ok === true) {
    subject.memory.refusals.delete(key);
    return STALE;
  }
  const message = 'Azure shows no client id for it, and the identity itself could not be read';
  return { state: 'Failed', reason: 'IdentityRefused', message };
}

function remembered({ memory }: Subject, key: ArmKey): IdentityVerdict | undefined {
  const refusal = memory.refusals.get(key);
  return refusal && refused(refusal);
}

function refused({ state, reason, message, nextAttemptAt }: Refusal): IdentityVerdict {
  return { state, reason, message, nextAttemptAt };
}
