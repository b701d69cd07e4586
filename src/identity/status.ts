/**
 * A binding's status, composed in one place from what a pass found. It holds only what its own spec declares, ledger
 * entries for it, and counts, and what `mode: Exclusive` is about to detach: nothing that another namespace declares.
 */
import { conditionsFor, stallsAtMs } from '../api/conditions.ts';
import { decidingReason, isReason } from '../api/reasons.ts';
import {
  type IdentityStatus,
  MAX_REQUESTED_AT_LENGTH,
  type PlanStatus,
  REQUESTED_AT_ANNOTATION,
  type SystemAssignedStatus,
  type VmssIdentityBinding,
  type VmssIdentityBindingStatus,
} from '../api/types.ts';
import { type ArmKey, armKey } from './arm-id.ts';
import { MAX_ENTRIES, MAX_MEMBERS, type Shortage, shortageFor } from './bounds.ts';
import { complaintsOf, isReady } from './complaints.ts';
import { type Declaration, isActive, isObserving, isPermittedFor } from './declaration.ts';
import { standingOf } from './good-standing.ts';
import { braked, isBrake } from './held-back.ts';
import { entriesByKey, type Entry, isMember as isMemberOf } from './ledger.ts';
import { asToldBefore, waitingPlan } from './plan-status.ts';
import { staleMessage } from './reattach-consent.ts';
import { notDetached } from './shown-still.ts';
import type { IdentityVerdict, View } from './view.ts';

/** Most identities that the schema takes. */
const MAX_IDENTITIES = 512;

export interface Composed {
  readonly status: VmssIdentityBindingStatus;
  /** The conditions must be computed again then, in epoch milliseconds, though nothing else changes. */
  readonly recomputeAt?: number;
}

/** The status that the binding has to have. */
export function composeStatus(binding: VmssIdentityBinding, declaration: Declaration, view: View): Composed {
  const previous = binding.status;
  if (isLeftAlone(binding, view)) return { status: previous };
  const userAssigned = identityStatuses(binding, declaration, view);
  const complaints = complaintsOf({ binding, declaration, view, userAssigned });
  const deciding = decidingReason(complaints.map(({ reason }) => reason));
  const input = {
    ...(complaints.find(({ reason }) => reason === deciding) ?? standingOf(binding, declaration, view)),
    observedGeneration: binding.metadata.generation,
    previous: previous.conditions ?? [],
    nowIso: new Date(view.now).toISOString(),
    creationTimestamp: binding.metadata.creationTimestamp,
  };
  const lastHandledReconcileAt = requestedAt(binding);
  const recomputeAt = stallsAtMs(input);
  const permitted = declaration.grants.scaleSet;
  const scaleSet = permitted ? scaleSetStatus(view, previous) : undefined;
  const systemAssigned = permitted ? systemStatus(view, previous) : undefined;
  const foreignCount = permitted ? (view.foreignCount ?? previous.foreignCount) : undefined;
  const plan = planOf(binding, declaration, view);
  const assigned = userAssigned.filter(
    ({ state, resourceId }) => state === 'Assigned' && declaration.userAssigned.has(armKey(resourceId)),
  );
  const status: VmssIdentityBindingStatus = {
    observedGeneration: binding.metadata.generation,
    conditions: conditionsFor(input),
    ...(scaleSet === undefined ? {} : { scaleSet }),
    ...(systemAssigned === undefined ? {} : { systemAssigned }),
    userAssigned,
    summary: `${String(assigned.length)}/${String(declaration.userAssigned.size)}`,
    ...(foreignCount === undefined ? {} : { foreignCount }),
    ...(plan === undefined ? {} : { plan }),
    ...(lastHandledReconcileAt === undefined ? {} : { lastHandledReconcileAt }),
  };
  return { status, ...(recomputeAt === undefined ? {} : { recomputeAt }) };
}

/** A passing trouble says nothing about a binding that was Ready for the spec it has now; a short wait says nothing at all. */
function isLeftAlone(binding: VmssIdentityBinding, { stop }: View): boolean {
  if (stop?.turn === 'soon') return true;
  const { metadata, status } = binding;
  // A request to look again is not handled before its turn comes.
  const isUnasked = stop?.turn === 'later' || requestedAt(binding) === status.lastHandledReconcileAt;
  return stop?.passing === true && isReady(binding) && metadata.deletionTimestamp === undefined && isUnasked;
}

/** The newest request to look again, as far as a status can hold it. */
function requestedAt({ metadata }: VmssIdentityBinding): string | undefined {
  return metadata.annotations?.[REQUESTED_AT_ANNOTATION]?.slice(0, MAX_REQUESTED_AT_LENGTH);
}

function identityStatuses(binding: VmssIdentityBinding, declaration: Declaration, view: View): IdentityStatus[] {
  const before = new Map((binding.status.userAssigned ?? []).map((status) => [armKey(status.resourceId), status]));
  // Entries for others alone are nothing that this binding may learn of.
  const entries = entriesByKey(view.ledger);
  const mine = new Map([...entries].filter(([, entry]) => isMemberOf(entry.for, declaration.uid)));
  const declared = [...declaration.userAssigned].map(([key, { resourceId }]) => [key, resourceId] as const);
  const leaving = [...mine]
    .filter(([key]) => !declaration.userAssigned.has(key))
    .map(([key, entry]) => [key, entry.resourceId] as const);
  return [...declared, ...leaving].slice(0, MAX_IDENTITIES).map(([key, resourceId]) => {
    const entry = mine.get(key);
    const previous = before.get(key);
    const verdict = braked(judge(declaration, key, entries, view, previous), key, view);
    const isLive = view.scaleSet?.identity.userAssigned.has(key) ?? entry?.phase === 'Attached';
    return identityStatus(resourceId, verdict, entry !== undefined && isLive, previous, view.now);
  });
}

function judge(
  declaration: Declaration,
  key: ArmKey,
  entries: ReadonlyMap<ArmKey, Entry>,
  view: View,
  previous: IdentityStatus | undefined,
): IdentityVerdict {
  const declares = declaration.userAssigned.has(key) && !declaration.deleting;
  if (!declaration.deleting && !isPermittedFor(declaration, key)) {
    const message = 'no policy allows this namespace to bind this identity to this scale set';
    return { state: 'NotPermitted', reason: 'NotPermitted', message };
  }
  const isLeaving = declaration.deleting || (!declares && isActive(declaration));
  if (isLeaving && isMemberOf(entries.get(key)?.for, declaration.uid)) {
    const nextAttemptAt = view.shownStill?.get(key);
    return nextAttemptAt === undefined ? { state: 'Detaching' } : notDetached(nextAttemptAt);
  }
  const verdict = view.verdicts.get(key);
  const shortage = declares && isActive(declaration) ? shortageFor(entries, key, declaration.uid) : undefined;
  const isThere = view.scaleSet?.identity.userAssigned.has(key) ?? previous?.state === 'Assigned';
  // What others attached needs no entry.
  if (shortage !== undefined && !(shortage === 'entries' && isThere)) {
    return { state: 'Failed', reason: 'LedgerFull', message: SHORT[shortage] };
  }
  if (verdict === undefined) return remembered(previous);
  if (verdict.state === 'Stale') return { ...verdict, message: staleMessage(declaration.reattach, verdict.obstacle) };
  return verdict.keepsAssigned === true && previous?.state === 'Assigned' ? stillAssigned(previous, verdict) : verdict;
}

const SHORT: Readonly<Record<Shortage, string>> = {
  members:
    `${String(MAX_MEMBERS)} bindings that came first stand for it already, and the ledger of the scale set takes no ` +
    'more; it is on the scale set for as long as one of them declares it.',
  entries:
    `${String(MAX_ENTRIES)} identities of the scale set are in its ledger already, which takes no more; this one is ` +
    'attached when one of them goes.',
};

/** With the ids that were found before, where the scale set shows none. */
function stillAssigned(previous: IdentityStatus, verdict: IdentityVerdict): IdentityVerdict {
  const { principalId = previous.principalId, clientId = previous.clientId } = verdict;
  return {
    state: 'Assigned',
    ...(principalId === undefined ? {} : { principalId }),
    ...(clientId === undefined ? {} : { clientId }),
  };
}

/** Nothing was found out: it stands as it did, unless that was for a reason that does not hold any more. */
function remembered(previous: IdentityStatus | undefined): IdentityVerdict {
  const { state: before, reason: why } = previous ?? { state: 'Pending' };
  if (previous === undefined || before === 'NotPermitted' || before === 'Detaching' || why === 'LedgerFull') {
    return { state: 'Pending' };
  }
  // Whoever may write a status may have written anything.
  const { state, reason = '', message, principalId, clientId, nextAttemptTime = '' } = previous;
  if (isBrake(reason)) return { state };
  const nextAttemptAt = Date.parse(nextAttemptTime);
  return {
    state,
    ...(isReason(reason) ? { reason } : {}),
    ...(message === undefined ? {} : { message }),
    ...(principalId === undefined ? {} : { principalId }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(Number.isNaN(nextAttemptAt) ? {} : { nextAttemptAt }),
  };
}

function identityStatus(
  resourceId: string,
  verdict: IdentityVerdict,
  attachedByUs: boolean,
  previous: IdentityStatus | undefined,
  now: number,
): IdentityStatus {
  const { state, reason, message, principalId, clientId, nextAttemptAt } = verdict;
  const unchanged = previous?.state === state;
  return {
    resourceId,
    state,
    ...(principalId === undefined ? {} : { principalId }),
    ...(clientId === undefined ? {} : { clientId }),
    attachedByUs,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message: message.slice(0, 1024) }),
    lastTransitionTime: unchanged ? previous.lastTransitionTime : new Date(now).toISOString(),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptTime: new Date(nextAttemptAt).toISOString() }),
  };
}

function scaleSetStatus(view: View, previous: VmssIdentityBindingStatus): VmssIdentityBindingStatus['scaleSet'] {
  if (view.scaleSet === undefined) return previous.scaleSet;
  const { name, orchestrationMode, location } = view.scaleSet;
  return { name, ...(orchestrationMode === undefined ? {} : { orchestrationMode }), location };
}

function systemStatus(view: View, previous: VmssIdentityBindingStatus): SystemAssignedStatus | undefined {
  if (view.scaleSet === undefined) return previous.systemAssigned;
  const live = view.scaleSet.identity.systemAssigned;
  const phase = view.ledger?.systemAssigned?.phase;
  if (phase === 'Disabling' && live !== undefined) return { state: 'Disabling', ...live };
  if (live === undefined) return { state: phase === 'Enabling' ? 'Enabling' : 'Disabled' };
  return { state: 'Enabled', ...live };
}

function planOf(binding: VmssIdentityBinding, declaration: Declaration, view: View): PlanStatus | undefined {
  if (!isObserving(declaration)) return waitingPlan(declaration, view);
  const { observedGeneration, plan: before } = binding.status;
  const preview = view.previews?.get(declaration.uid);
  if (preview !== undefined) return asToldBefore(preview.plan, before);
  // What was planned for another spec may name what is not declared any more.
  return observedGeneration === binding.metadata.generation ? before : undefined;
}
