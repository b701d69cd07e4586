/**
 * What a scale set asks for on top when nothing guards a write to it (the array shape, where each write replaces the whole
 * list). The first GET after a write is compared with what the write carried: what is gone was most likely lost to
 * someone else's write at the same moment. What is ours comes back as after any drift; what is others' is put back, once
 * for each write of ours: whoever takes it away again means it.
 *
 * What others attach between our last GET and our PATCH cannot be seen, and is lost without a word.
 */
import { type ArmKey, armKey } from '../identity/arm-id.ts';
import { isExclusiveInForce } from '../identity/declaration.ts';
import { entriesByKey, type Entry } from '../identity/ledger.ts';
import type { Delta, IdentityRef, PlannedPatch } from '../identity/patch.ts';
import { isProtected } from '../identity/permit.ts';
import type { Decision, Reading } from '../identity/plan.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import { announceReleased } from './announce.ts';
import type { Look } from './answered.ts';
import type { Failure } from './azure-port.ts';
import { detachesOf } from './brakes.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { IdentityLooks } from './identity-looks.ts';
import type { SetMemory } from './memory.ts';
import { isGone } from './refusals.ts';
import type { Subject } from './subject.ts';
import { noteSuccess } from './verify-names.ts';
import type { Written } from './write.ts';

/** What a write carried, and the GET after it does not show any more. */
export interface Loss {
  readonly ours: readonly IdentityRef[];
  readonly others: readonly IdentityRef[];
  /** It cannot be put back: turned on again, it is another principal. */
  readonly systemAssigned: boolean;
}

/** Keeps in mind what a write carried, from what it was planned on. */
export function noteSent(memory: SetMemory, { scaleSet }: Reading, patch: PlannedPatch, { state }: Written): void {
  if (scaleSet.namesOnly !== true || state === 'refused') return;
  memory.emptyVersion = undefined;
  if (state === 'outcomeUnknown') return;
  const { attach, detach } = patch.delta;
  const restored = attach.filter(({ key }) => memory.lost.delete(key)).map(({ key }) => key);
  // Whatever else a write is for begins the count anew.
  memory.putBack = new Set([...(restored.length > 0 ? memory.putBack : []), ...restored]);
  const userAssigned = new Map<ArmKey, IdentityRef>();
  for (const [key, { resourceId }] of scaleSet.identity.userAssigned) userAssigned.set(key, { key, resourceId });
  for (const ref of attach) userAssigned.set(ref.key, ref);
  for (const { key } of detach) userAssigned.delete(key);
  const { uniqueId } = scaleSet;
  memory.carried = { uniqueId, userAssigned, systemAssigned: patch.body.type.includes('SystemAssigned') };
  if (state === 'done') noteSuccess(memory);
}

/** Compares a reading with what the last write carried, and decides what is to be put back; undefined when nothing is gone. */
export function lossSince(subject: Subject, { scaleSet, source }: Reading): Loss | undefined {
  const { memory, ledger, declarations } = subject;
  if (scaleSet.namesOnly !== true || source !== 'get') return undefined;
  const live = scaleSet.identity.userAssigned;
  forgetWhatChanged(memory, live);
  const { carried } = memory;
  if (carried === undefined || !isTerminal(scaleSet.provisioningState)) return undefined;
  memory.carried = undefined;
  if (carried.uniqueId !== scaleSet.uniqueId) return undefined;
  const gone = [...carried.userAssigned.values()].filter(({ key }) => !live.has(key) && !memory.putBack.has(key));
  const entries = entriesByKey(ledger?.spec);
  const others = gone.filter(({ key }) => !entries.has(key));
  // What nobody saw attached may never have been.
  const ours = memory.lostTrack ? [] : gone.filter(({ key }) => entries.has(key));
  const systemAssigned = carried.systemAssigned && scaleSet.identity.systemAssigned === undefined && !memory.lostTrack;
  if (ours.length + others.length === 0 && !systemAssigned) return undefined;
  if (!declarations.some(isExclusiveInForce)) for (const ref of others) memory.lost.set(ref.key, ref);
  return { ours, others, systemAssigned };
}

function forgetWhatChanged(
  { lost, dropped, refusals }: SetMemory,
  live: LiveScaleSet['identity']['userAssigned'],
): void {
  for (const key of lost.keys()) if (live.has(key)) lost.delete(key);
  for (const key of dropped) if (!live.has(key)) dropped.delete(key);
  for (const [key, { dead, ...refusal }] of refusals) if (dead === true && !live.has(key)) refusals.set(key, refusal);
}

/** What may be sent of a delta. */
export interface Sendable {
  readonly delta: Delta;
  /** Something is held back until then, in epoch milliseconds. */
  readonly lookAgainAt?: number;
  /** All of it is, for want of what may still be detached: what is dead would have to be left out as well. */
  readonly isOverLimit?: true;
}

export interface SendableCircumstances {
  readonly ownPrincipalId: string;
  readonly now: number;
  /** How many identities may still be detached. */
  readonly detaches: number;
}

/** When an identity that could not be read is looked at again before it is detached, in milliseconds. */
const LOOK_AGAIN_MS = 30_000;
/** The same where the operator lacks the right to: somebody has to give it first. */
const RIGHTS_AGAIN_MS = 10 * 60_000;

/**
 * The delta with what is to be put back and what has to be left out, and without detaching what is not known to be
 * somebody else's than the operator's own: the scale set shows nobody's principal.
 * @returns undefined when the operator's own was found among what is to go, so that all is to be decided anew
 */
export async function sendable(
  { memory }: Subject,
  { scaleSet }: Reading,
  { delta, surplus, heldBack }: Pick<Decision, 'delta' | 'surplus' | 'heldBack'>,
  looks: IdentityLooks,
  { ownPrincipalId, now, detaches }: SendableCircumstances,
): Promise<Sendable | undefined> {
  if (scaleSet.namesOnly !== true) return { delta };
  const seen = await lookAt([...delta.detach, ...surplus], looks);
  const own = [...seen].filter(([, look]) => look?.ok === true && look.value.principalId === ownPrincipalId);
  for (const [key] of own) memory.own.add(key);
  if (own.length > 0) return undefined;
  const unread = delta.detach.map(({ key }) => waitFor(seen.get(key))).filter((ms) => ms > 0);
  const detach = delta.detach.filter(({ key }) => waitFor(seen.get(key)) === 0);

  for (const key of memory.lost.keys()) if (memory.refusals.has(key)) memory.lost.delete(key);
  const putBack = isTerminal(scaleSet.provisioningState) ? [...memory.lost.values()] : [];
  const attach = [...delta.attach, ...putBack];
  // What is dead is left out only of a list that has to be written anyway.
  const isMeant = heldBack?.reason === 'DetachLimitReached';
  const isWritten = isMeant || attach.length > 0 || detach.length > 0 || delta.systemAssigned !== 'asLive';
  const dead = isWritten ? leftOut(memory, scaleSet, detach) : [];
  const whole = { ...delta, attach, detach: [...detach, ...dead] };
  return {
    delta: whole,
    ...(dead.length > 0 && detachesOf(whole) > detaches ? { isOverLimit: true } : {}),
    ...(unread.length === 0 ? {} : { lookAgainAt: now + Math.min(...unread) }),
  };
}

async function lookAt(
  refs: readonly { readonly key: ArmKey }[],
  looks: IdentityLooks,
): Promise<ReadonlyMap<ArmKey, Look | undefined>> {
  const seen = new Map<ArmKey, Look | undefined>();
  for (const { key } of refs) if (!seen.has(key)) seen.set(key, await looks.recent(key));
  return seen;
}

/** How long to wait before an identity is looked at again, in milliseconds; 0: it may go. */
function waitFor(look: Look | undefined): number {
  if (look === undefined || look.ok || isGone(look)) return 0;
  const { kind, retryAfterMs = 0 } = look.failure;
  return Math.max(kind === 'notAuthorised' ? RIGHTS_AGAIN_MS : LOOK_AGAIN_MS, retryAfterMs);
}

function leftOut({ dropped }: SetMemory, { identity }: LiveScaleSet, besides: readonly IdentityRef[]): IdentityRef[] {
  const known = new Set(besides.map(({ key }) => key));
  return [...identity.userAssigned]
    .filter(([key]) => dropped.has(key) && !known.has(key))
    .map(([key, { resourceId }]) => ({ key, resourceId }));
}

/**
 * After a refusal for the sake of identities that the list had to carry: those that are ours, and dead, hold up
 * everybody else's; they are left out from now on. One that comes back is attached as any that is wanted.
 * @returns whether there are any
 */
export async function dropsDead(
  subject: Subject,
  { scaleSet }: Reading,
  { kind, identityIds }: Failure,
  sent: Delta,
  { look, cluster }: { readonly look: (key: ArmKey) => Promise<Look | undefined>; readonly cluster: ClusterPort },
): Promise<boolean> {
  if (scaleSet.namesOnly !== true || kind !== 'blockedByForeignIdentity') return false;
  const { memory, ledger, policies } = subject;
  const entries = entriesByKey(ledger?.spec);
  const leftOut = new Set([...memory.dropped, ...sent.detach.map((ref) => ref.key)]);
  const dead: Entry[] = [];
  for (const key of identityIds.map(armKey)) {
    const entry = entries.get(key);
    if (entry === undefined || leftOut.has(key) || isProtected(policies, key)) continue;
    if (!isGone(await look(key))) continue;
    memory.dropped.add(key);
    dead.push(entry);
  }
  announceReleased(subject, dead, 'dropped', cluster);
  return dead.length > 0;
}
