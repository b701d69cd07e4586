/** Tells people what the ledger gives up, takes over, or can no longer account for. */
import { EVENTS } from '../api/event-reasons.ts';
import type { VmssIdentityBinding, VmssIdentityLedger } from '../api/types.ts';
import { armKey } from '../identity/arm-id.ts';
import type { Declaration } from '../identity/declaration.ts';
import { entriesByKey, type Entry, isMember, type Ledger, names } from '../identity/ledger.ts';
import type { Note } from '../identity/plan.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { ReconcileObserver } from './observer.ts';
import type { Subject } from './subject.ts';

/** What an event says, beside what the table of events says of its reason. */
interface Told {
  readonly reason: keyof typeof EVENTS;
  readonly note: string;
}

/** Entries that were given up without asking Azure: the identity stays where it is, and nobody owns it any more. */
export function announceLettingGo(
  subject: Subject,
  before: Ledger,
  after: Ledger,
  { cluster, logger, observer }: { cluster: ClusterPort; logger: Logger; observer: ReconcileObserver },
): void {
  const kept = entriesByKey(after);
  const dropped = before.entries.filter(({ resourceId }) => !kept.has(armKey(resourceId)));
  const lost = [
    ...dropped.map(({ resourceId, for: members }) => ({ what: resourceId, members })),
    ...(before.systemAssigned !== undefined && after.systemAssigned === undefined
      ? [{ what: 'the system-assigned identity', members: before.systemAssigned.for }]
      : []),
  ];
  let abandonedCount = 0;
  for (const { what, members } of lost) {
    const leaving = subject.bound.filter(({ declaration }) => isMember(members, declaration.uid));
    if (leaving.some(({ declaration }) => isAbandoned(declaration))) abandonedCount += 1;
    for (const { binding, declaration } of leaving) {
      const abandoned = isAbandoned(declaration);
      const reason = abandoned ? 'Abandoned' : 'Retained';
      const why = abandoned ? 'the binding was abandoned' : 'the binding gave it up';
      logger.info('left as it is', { identity: what, scaleSet: subject.id.resourceId, reason });
      tell(cluster, binding, reason, `${what} stays on the scale set: ${why}.`, abandoned);
    }
  }
  if (abandonedCount > 0) observer.abandoned(abandonedCount);
}

function isAbandoned({ deleting, abandoned }: Declaration): boolean {
  return deleting && abandoned;
}

/**
 * A binding carries our finalizer, but no ledger names it: someone deleted the ledger. What is in no ledger is not ours;
 * so one that is being deleted is let go at once, and one that stays has nothing more to take back.
 */
export function announceMissingLedger(
  subject: Subject,
  before: Ledger | undefined,
  cluster: ClusterPort,
  logger: Logger,
): void {
  for (const { binding, declaration } of subject.bound) {
    const { uid, deleting } = declaration;
    if (!subject.finalized.has(uid) || names(before, uid) || subject.memory.unrecorded.has(uid)) continue;
    if (!deleting && !hadSomethingAttached(binding)) continue;
    const fate = deleting ? 'stays, and is nobody’s' : 'counts as others’, and is not taken back with it';
    const note = `no ledger names this binding any more: what was attached for it ${fate}.`;
    logger.warn(note, { scaleSet: subject.id.resourceId });
    tell(cluster, binding, 'LedgerMissing', note);
  }
}

/** As far as its status tells, which is good enough to tell people by. */
function hadSomethingAttached({ status }: VmssIdentityBinding): boolean {
  return status.userAssigned?.some(({ attachedByUs }) => attachedByUs) === true;
}

const TEXTS: Readonly<Record<Note['what'], Told>> = {
  renounced: { reason: 'Retained', note: 'stays on the scale set, and is no longer managed.' },
  renouncedUntouchable: {
    reason: 'Protected',
    note: 'stays on the scale set: a policy protects it, or it is the identity of the operator itself.',
  },
  orphan: {
    reason: 'Orphaned',
    note: 'was attached for a binding that is gone without a trace: it stays until another binding declares it.',
  },
  lostRace: { reason: 'AttachedByOthers', note: 'was attached by someone else first, and is theirs.' },
};

/** What the plan found out; each note once, for as long as it holds. */
export function announceNotes(subject: Subject, notes: readonly Note[], cluster: ClusterPort, logger: Logger): void {
  const { announced } = subject.memory;
  const current = new Set(notes.map(({ what, resourceId }) => `${what} ${resourceId}`));
  for (const known of announced) if (!current.has(known)) announced.delete(known);
  for (const { what, resourceId, members } of notes) {
    if (announced.has(`${what} ${resourceId}`)) continue;
    announced.add(`${what} ${resourceId}`);
    const { reason, note } = TEXTS[what];
    const { ledger } = subject;
    if (what === 'orphan' && ledger !== undefined) tell(cluster, ledger, reason, `${resourceId} ${note}`);
    logger.info(note, { identity: resourceId, scaleSet: subject.id.resourceId, reason });
    tellMembers(subject, members, cluster, { reason, note: `${resourceId} ${note}` });
  }
}

const WHAT_CAME_OF_IT = {
  /** Azure would not detach it. */
  stays: 'stays on the scale set: it does not exist any more, and Azure does not detach it.',
  /** Azure took no list that names it. */
  dropped: 'is taken off the scale set: it does not exist any more, and kept Azure from any change.',
} as const;

/** Identities of ours that are gone themselves, and held up a write. */
export function announceReleased(
  subject: Subject,
  entries: readonly Entry[],
  what: keyof typeof WHAT_CAME_OF_IT,
  cluster: ClusterPort,
): void {
  for (const { resourceId, for: members } of entries) {
    const note = `${resourceId} ${WHAT_CAME_OF_IT[what]}`;
    tellMembers(subject, members, cluster, { reason: 'Released', note });
  }
}

export function tellMembers(
  { bound }: Subject,
  members: Note['members'],
  cluster: ClusterPort,
  { reason, note }: Told,
): void {
  for (const { binding } of bound) {
    const isMember = members.some(({ namespace, name }) => {
      return namespace === binding.metadata.namespace && name === binding.metadata.name;
    });
    if (isMember) tell(cluster, binding, reason, note);
  }
}

/** @param forOperators told in the operator's own namespace as well */
export function tell(
  cluster: ClusterPort,
  about: VmssIdentityBinding | VmssIdentityLedger,
  reason: Told['reason'],
  note: string,
  forOperators = false,
): void {
  cluster.announce(about, {
    type: EVENTS[reason].type,
    reason,
    action: 'Settle',
    note,
    ...(forOperators ? { forOperators } : {}),
  });
}
