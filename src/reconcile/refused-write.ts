/** A write that Azure refused, certainly without effect: what is taken back, who is left out, and what comes next. */
import { type ArmKey, armKey } from '../identity/arm-id.ts';
import { entriesByKey, type Entry, withOperation } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import { announceReleased } from './announce.ts';
import type { Look } from './answered.ts';
import type { Failure } from './azure-port.ts';
import type { ClusterPort } from './cluster-port.ts';
import { noteReattachRefused, withReattaching } from './reattach.ts';
import { record } from './record.ts';
import { isGone, sortOut } from './refusals.ts';
import { sortOutRejection } from './rejected-write.ts';
import type { Subject } from './subject.ts';
import { retracted } from './write.ts';

export type Consequence =
  /** Someone else was first: read and plan again at once. */
  | 'overtaken'
  /** Someone else was first once too often: wait. */
  | 'contended'
  /** It concerns the whole scale set: wait as the failure says. */
  | 'wait'
  /** Those that were refused are left out; the rest may go. */
  | 'sortedOut';

export interface RefusalTools {
  readonly cluster: ClusterPort;
  readonly look: (key: ArmKey) => Promise<Look | undefined>;
  /** Whether another write of this pass was refused before. */
  readonly refusedBefore: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** 412s that are answered by reading and planning again at once. */
const MAX_IMMEDIATE_REPLANS = 2;

export async function sortOutRefusal(
  subject: Subject,
  failure: Failure,
  sent: Delta,
  tools: RefusalTools,
): Promise<Consequence> {
  const { memory } = subject;
  if (failure.kind === 'changedUnderneath') {
    memory.preconditionFailures += 1;
    if (memory.preconditionFailures <= MAX_IMMEDIATE_REPLANS) return 'overtaken';
    memory.preconditionFailures = 0;
    return 'contended';
  }
  noteReattachRefused(subject, sent);
  const ledger = subject.ledger?.spec;
  if (ledger !== undefined) {
    // The write had no effect; what came of those before it is still to be remembered.
    const operation = memory.failedOperation ?? (memory.lostTrack ? ledger.operation : undefined);
    await record(subject, retracted(subject, withOperation(ledger, operation)), tools.cluster, tools.signal);
  }
  if (failure.kind === 'rejected') return sortOutRejection(subject, sent, failure, tools.now());
  if (!isAboutSent(failure, sent)) return 'wait';
  const released = await releaseDead(subject, sent, failure, tools);
  const out = await sortOut(subject, withReattaching(subject, sent), failure, tools.look, tools.now());
  if (sent.attach.length === 0 && out.length + released.length === 0) return 'wait';
  if (tools.refusedBefore || out.length + released.length === 0) memory.isolating = true;
  return 'sortedOut';
}

/** Azure refuses to detach what no longer exists: such an identity is let go, dead as it is. */
async function releaseDead(
  subject: Subject,
  { attach, detach }: Delta,
  { identityIds }: Failure,
  { cluster, look, signal }: RefusalTools,
): Promise<readonly ArmKey[]> {
  const named = new Set(identityIds.map((id) => armKey(id)));
  const isMeant = (key: ArmKey): boolean => named.has(key) || (named.size === 0 && attach.length === 0);
  const ledger = subject.ledger?.spec;
  const ours = entriesByKey(ledger);
  const dead: ArmKey[] = [];
  for (const { key } of detach.filter((each) => ours.has(each.key) && isMeant(each.key))) {
    if (isGone(await look(key))) dead.push(key);
  }
  if (ledger !== undefined && dead.length > 0) {
    const isDead = ({ resourceId }: Entry): boolean => dead.includes(armKey(resourceId));
    const kept = { ...ledger, entries: ledger.entries.filter((one) => !isDead(one)) };
    await record(subject, kept, cluster, signal);
    announceReleased(subject, ledger.entries.filter(isDead), 'stays', cluster);
  }
  return dead;
}

/** A refusal of identities that the request attaches, or takes away: one of type `None` names none of those. */
function isAboutSent({ kind, identityIds }: Failure, { detach }: Delta): boolean {
  const named = new Set(identityIds.map((id) => armKey(id)));
  return (
    kind === 'identityRefused' || (kind === 'blockedByForeignIdentity' && detach.some(({ key }) => named.has(key)))
  );
}
