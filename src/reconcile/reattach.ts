/** What reattaching an identity asks of a pass: to look at what may be stale before it decides, and to keep its books. */
import { type ArmKey, armKey } from '../identity/arm-id.ts';
import { isActiveFor } from '../identity/declaration.ts';
import { entriesByKey, type Entry, ledgerFor } from '../identity/ledger.ts';
import type { Delta, IdentityRef } from '../identity/patch.ts';
import type { Reading, ReattachNote } from '../identity/plan.ts';
import { isPermittedToAny, type ReattachMemory, type Shown } from '../identity/reattach.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import { tellMembers } from './announce.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { SetMemory } from './memory.ts';
import type { PassFrame } from './pass-frame.ts';
import { isPassing, refuse } from './refusals.ts';
import { obstacleOf, reattachingIn } from './stale-verdict.ts';
import type { Subject } from './subject.ts';

/**
 * How the client id stands that the scale set shows for each identity which may have to be reattached, or is being. Asks
 * only where something would follow from the answer.
 */
export async function lookAtStale(
  frame: PassFrame,
  reading: Reading,
  ownPrincipalId: string,
): Promise<ReadonlyMap<ArmKey, Shown>> {
  const { subject } = frame;
  const shown = new Map<ArmKey, Shown>();
  const { scaleSet } = reading;
  const reattaching = reattachingIn(subject.ledger?.spec);
  for (const key of subject.memory.reattaches.keys()) if (!reattaching.has(key)) subject.memory.reattaches.delete(key);
  if (scaleSet.namesOnly === true || !isTerminal(scaleSet.provisioningState)) return shown;
  for (const [key, entry] of entriesByKey(ledgerFor(subject.ledger?.spec, scaleSet.uniqueId))) {
    if (!scaleSet.identity.userAssigned.has(key)) continue;
    const { phase } = entry;
    const isAsked = phase === 'Reattaching' || (phase === 'Attached' && mayBegin(frame, scaleSet, key, entry));
    if (isAsked) shown.set(key, await shownAs(frame, reading, key, phase, ownPrincipalId));
  }
  return shown;
}

function mayBegin({ subject, tools }: PassFrame, scaleSet: LiveScaleSet, key: ArmKey, entry: Entry): boolean {
  const isWanted = subject.declarations.some((one) => one.userAssigned.has(key) && isActiveFor(one, key));
  if (!isWanted || subject.memory.refusals.has(key)) return false;
  return obstacleOf(subject, scaleSet, key, entry, tools.now()) === undefined;
}

async function shownAs(
  { subject, tools, looks }: PassFrame,
  { scaleSet, source }: Reading,
  key: ArmKey,
  phase: Entry['phase'],
  ownPrincipalId: string,
): Promise<Shown> {
  const { memory, id } = subject;
  const clientId = scaleSet.identity.userAssigned.get(key)?.clientId;
  const standing = clientId === undefined ? 'doubtful' : tools.roster.standing(id.key, key, clientId);
  if (standing === 'works') return 'works';
  // Without a client id, a write that nobody saw end may still be about to attach it.
  const isUnclear = clientId === undefined && memory.lostTrack;
  const isSuspect = standing === 'stale' || standing === 'doubtful' || memory.doubted.get(key) === 'stale';
  if (phase === 'Attached' && (isUnclear || !isSuspect)) return 'unknown';
  if (source === 'list') return 'doubtful';
  const look = await looks.fresh(key);
  if (look?.ok !== true) return isPassing(look) ? 'unread' : 'unknown';
  if (look.value.principalId === ownPrincipalId) memory.own.add(key);
  if (look.value.clientId === clientId) return 'works';
  if (memory.reattaches.get(key) === 'detached') noteStillThere(subject, key, tools.now());
  return 'dead';
}

/** Azure accepted that it be detached, and it is there all the same: it is sent again later, as after any failure. */
function noteStillThere(subject: Subject, key: ArmKey, now: number): void {
  subject.memory.reattaches.delete(key);
  const message = 'Azure did not detach it, which was to be attached again';
  refuse(subject, key, now, { state: 'Failed', reason: 'OperationFailed', message, cause: 'operation' });
}

/** What came of the attach half, as far as this process has sent it. */
export function attachHalf({ reattaches, refusals }: SetMemory, key: ArmKey): ReattachMemory['attachHalf'] {
  const last = reattaches.get(key);
  if (last === 'refused' || (last !== undefined && refusals.has(key))) return 'refused';
  return last === 'attached' ? 'accepted' : 'unsent';
}

/** Azure accepted a write. */
export function noteReattachSent(
  { memory, ledger }: Subject,
  { attach, detach }: Pick<Delta, 'attach' | 'detach'>,
): void {
  const reattaching = reattachingIn(ledger?.spec);
  for (const { key } of attach) if (reattaching.has(key)) memory.reattaches.set(key, 'attached');
  for (const { key } of detach.filter((ref) => reattaching.has(ref.key))) {
    memory.reattaches.set(key, 'detached');
    // The attach half is another matter, and follows at once.
    memory.refusals.delete(key);
  }
}

/** Of a refused write: that an identity may not be detached to be attached again keeps only itself waiting. */
export function withReattaching({ ledger }: Subject, { attach, detach, ...rest }: Delta): Delta {
  const reattaching = reattachingIn(ledger?.spec);
  const isHalf = ({ key }: IdentityRef): boolean => reattaching.has(key);
  return { ...rest, attach: [...attach, ...detach.filter(isHalf)], detach: detach.filter((ref) => !isHalf(ref)) };
}

/** Azure refused a write, whatever for: from now on, who wants to be rid of what it was to attach need not wait. */
export function noteReattachRefused({ memory, ledger }: Subject, { attach }: Pick<Delta, 'attach'>): void {
  const reattaching = reattachingIn(ledger?.spec);
  for (const { key } of attach) if (reattaching.has(key)) memory.reattaches.set(key, 'refused');
}

/**
 * Whether what was detached of an entry has to be attached again before it may be given up: not after a refusal, for a
 * binding that is let go at any price, or where no policy permits it.
 */
export function isOwed({ declarations, memory }: Subject): (entry: Entry) => boolean {
  return ({ phase, resourceId, for: members }) => {
    if (phase !== 'Reattaching') return false;
    const key = armKey(resourceId);
    const waiting = declarations.filter(({ abandoned }) => !abandoned);
    return attachHalf(memory, key) !== 'refused' && isPermittedToAny(key, members, waiting);
  };
}

/** Whether something is half done that a binding may have: that is brought to its end though nobody is active any more. */
export function isHalfDone({ declarations, ledger }: Subject): boolean {
  return (ledger?.spec.entries ?? []).some(
    ({ phase, resourceId, for: members }) =>
      phase === 'Reattaching' && isPermittedToAny(armKey(resourceId), members, declarations),
  );
}

const TEXTS = {
  begun: {
    reason: 'Reattaching',
    note: 'was deleted and created again under the same name: it is detached, and attached again.',
  },
  finished: { reason: 'Reattached', note: 'is attached again, and works.' },
} as const;

/** Tells of what is on record now. */
export function announceReattached(subject: Subject, notes: readonly ReattachNote[], cluster: ClusterPort): void {
  for (const { what, resourceId, members } of notes) {
    const { reason, note } = TEXTS[what];
    tellMembers(subject, members, cluster, { reason, note: `${resourceId} ${note}` });
  }
}
