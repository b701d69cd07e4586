/** Identities that Azure does not take: each waits by itself, and none of them holds up another. */
import type { ArmKey } from '../identity/arm-id.ts';
import { ASSIGN_IDENTITY } from '../identity/azure-actions.ts';
import { entriesByKey } from '../identity/ledger.ts';
import type { Delta, IdentityRef } from '../identity/patch.ts';
import { restrictionOn } from '../identity/restriction.ts';
import type { LiveScaleSet, UserAssignedIdentity } from '../identity/scale-set.ts';
import type { Look } from './answered.ts';
import type { AzurePort, Failure } from './azure-port.ts';
import { firstAfter, MISSING, REFUSED, RESET_AT_MOST_EVERY_MS, step } from './backoff.ts';
import type { Refusal } from './memory.ts';
import { identityFingerprint, identityId, type Subject } from './subject.ts';

/** The identity itself is not there. */
export function isGone(look: Look | undefined): boolean {
  return look?.ok === false && look.failure.kind === 'notFound';
}

/** Failures of a look that the next one would meet again. */
const LASTING: ReadonlySet<Failure['kind']> = new Set([
  'notFound',
  'notAuthorised',
  'blockedByAdministrator',
  'operatorMisconfigured',
  'rejected',
]);

/** The look failed in a way that says nothing about the identity, and may not the next time. */
export function isPassing(look: Look | undefined): boolean {
  return look?.ok === false && !LASTING.has(look.failure.kind);
}

const ASSIGN_ACTION = '/assign/action';

/**
 * Remembers that an identity was not taken, and when it is due again.
 * @param waitMs instead of the next step of its back-off
 */
export function refuse(
  { memory, bound }: Subject,
  key: ArmKey,
  now: number,
  why: Pick<Refusal, 'state' | 'reason' | 'message' | 'cause' | 'absolute'>,
  waitMs?: number,
): void {
  const before = memory.refusals.get(key);
  const fingerprint = identityFingerprint(bound, key);
  const goesOn = before?.state === why.state && before.fingerprint === fingerprint;
  const attempts = goesOn ? before.attempts + 1 : 1;
  const wait = waitMs ?? step(why.cause === 'read' && why.state === 'Missing' ? MISSING : REFUSED, attempts);
  memory.refusals.set(key, { ...why, attempts, nextAttemptAt: now + wait, fingerprint });
}

/** What is said of an identity that does not exist. */
export const MISSING_MESSAGE =
  'it does not exist in Azure: create it, or take it out of the binding; nothing is written for it';

/** What is said of an identity that the operator may not assign. */
export const UNAUTHORISED_MESSAGE = `the operator may not assign it, for it lacks the right '${ASSIGN_IDENTITY}' there: give the operator the role Managed Identity Operator on it`;

/** The identity does not exist, as a read says. */
export function refuseMissing(subject: Subject, key: ArmKey, now: number, cause: Refusal['cause']): void {
  refuse(subject, key, now, { state: 'Missing', reason: 'IdentityMissing', message: MISSING_MESSAGE, cause });
}

/** The PATCH that carried the identity was refused because of it. */
function refuseByAzure(subject: Subject, key: ArmKey, now: number, failure: Failure): void {
  const unauthorised = failure.action?.toLowerCase().endsWith(ASSIGN_ACTION) === true;
  const message = unauthorised ? UNAUTHORISED_MESSAGE : failure.message;
  refuse(subject, key, now, {
    state: unauthorised ? 'NotAuthorised' : 'Failed',
    reason: 'IdentityRefused',
    message,
    cause: 'refused',
  });
}

/** It has been sent again: until it is seen to work, the next attempt is a step away. */
export function postpone({ memory, bound }: Subject, key: ArmKey, now: number): void {
  const refusal = memory.refusals.get(key);
  if (refusal === undefined) return;
  const nextAttemptAt = now + step(REFUSED, refusal.attempts);
  memory.refusals.set(key, { ...refusal, nextAttemptAt, fingerprint: identityFingerprint(bound, key) });
}

/**
 * Whether a refusal's wait is over.
 * @param mayReset whether a spec change may end it early in this pass
 */
export function isDue(subject: Subject, key: ArmKey, now: number, mayReset: boolean): boolean {
  const refusal = subject.memory.refusals.get(key);
  if (refusal === undefined || refusal.nextAttemptAt <= now) return true;
  return mayReset && isCutShort(subject, key, refusal);
}

function isCutShort({ bound }: Subject, key: ArmKey, { absolute, fingerprint }: Refusal): boolean {
  return absolute !== true && fingerprint !== identityFingerprint(bound, key);
}

/** When a spec change may next end a wait early: at most once a minute per scale set. */
export function mayResetAt({ memory }: Subject): number {
  return memory.resetAt + RESET_AT_MOST_EVERY_MS;
}

/**
 * When the next refused identity that is still declared is due, in epoch milliseconds. One that is due already, and was
 * not sent, waits for something else.
 */
export function nextDue(subject: Subject, now: number): number | undefined {
  const { memory, declarations } = subject;
  const times = [...memory.refusals]
    .filter(([key]) => declarations.some(({ userAssigned }) => userAssigned.has(key)))
    .map(([key, refusal]) => {
      const cutShortAt = isCutShort(subject, key, refusal) ? mayResetAt(subject) : Number.POSITIVE_INFINITY;
      return Math.min(refusal.nextAttemptAt, cutShortAt);
    });
  return firstAfter(now, times);
}

/**
 * Reads each identity before it is attached, so that no write is spent on one that is not there, that the operator may
 * still not assign, that may not be assigned there by its own settings, or that is the operator's own.
 * @returns whether every identity may be sent as planned
 */
export async function probe(
  subject: Subject,
  attach: readonly IdentityRef[],
  tools: {
    readonly azure: Pick<AzurePort, 'mayAssign'>;
    readonly look: (key: ArmKey, signal: AbortSignal) => Promise<Look | undefined>;
    readonly ownPrincipalId: string;
    readonly scaleSet: LiveScaleSet;
    readonly now: number;
    /** When the pass began. */
    readonly startedAt: number;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { memory } = subject;
  let asPlanned = true;
  for (const { key } of attach) {
    const before = memory.refusals.get(key);
    const isEarly = before !== undefined && before.nextAttemptAt > tools.startedAt;
    if (isEarly) memory.resetAt = Math.max(memory.resetAt, tools.startedAt);
    const look = await tools.look(key, tools.signal);
    const verdict = await judge(subject, key, look, before, tools);
    asPlanned &&= verdict;
  }
  return asPlanned;
}

/** What speaks against attaching an identity that exists, as it shows by itself; undefined when nothing does. */
export function objectionTo(
  identity: UserAssignedIdentity,
  scaleSet: LiveScaleSet,
  ownPrincipalId: string | undefined,
): Pick<Refusal, 'state' | 'reason' | 'message'> | undefined {
  if (identity.principalId === ownPrincipalId) {
    const message = "it is the operator's own identity, which is never attached or detached";
    return { state: 'NotPermitted', reason: 'NotPermitted', message };
  }
  const message = restrictionOn(identity, scaleSet);
  return message === undefined ? undefined : { state: 'Failed', reason: 'IdentityRefused', message };
}

async function judge(
  subject: Subject,
  key: ArmKey,
  look: Look | undefined,
  before: Refusal | undefined,
  { azure, ownPrincipalId, scaleSet, now, signal }: Parameters<typeof probe>[2],
): Promise<boolean> {
  if (isGone(look)) {
    refuseMissing(subject, key, now, 'read');
    return false;
  }
  if (look?.ok !== true) return true;
  const objection = objectionTo(look.value, scaleSet, ownPrincipalId);
  if (objection !== undefined) {
    refuse(subject, key, now, { ...objection, cause: 'read' });
    return false;
  }
  if (before?.state !== 'NotAuthorised') return true;
  const id = identityId(look.value.resourceId);
  const rights = id === undefined ? undefined : await azure.mayAssign(id, signal);
  if (rights?.ok !== true || rights.value) return true;
  refuse(subject, key, now, before);
  return false;
}

/**
 * After a refused PATCH: takes out of the next one the identities that the refusal names and those that are not there.
 * @returns the identities taken out; empty when the refusal says nothing about which
 */
export async function sortOut(
  subject: Subject,
  { attach, detach }: Pick<Delta, 'attach' | 'detach'>,
  failure: Failure,
  look: (key: ArmKey) => Promise<Look | undefined>,
  now: number,
): Promise<readonly ArmKey[]> {
  const named = new Set(failure.identityIds.map((id) => identityId(id)?.key));
  const isAlone = attach.length + detach.length === 1;
  const out: ArmKey[] = [];
  for (const { key } of attach) {
    if (isGone(await look(key))) {
      refuseMissing(subject, key, now, 'refused');
      out.push(key);
    } else if (named.has(key) || isAlone) {
      refuseByAzure(subject, key, now, failure);
      out.push(key);
    }
  }
  return out;
}

/** Forgets identities that nobody declares any more and that are not ours: nobody will ask about them. */
export function forgetUndeclared({ memory, declarations, ledger }: Subject): void {
  const ours = entriesByKey(ledger?.spec);
  for (const key of memory.refusals.keys()) {
    const isDeclared = declarations.some(({ userAssigned }) => userAssigned.has(key));
    if (!isDeclared && !ours.has(key)) memory.refusals.delete(key);
  }
}
