/** How many bindings, identities and orphans there are: counted anew from what the caches hold, so that nothing drifts. */
import { isReason, REASONS_IN_ORDER, rowOf } from '../api/reasons.ts';
import type { ConditionStatus, IdentityState, VmssIdentityBinding, VmssIdentityLedger } from '../api/types.ts';
import { type BindingReason, identityStates, type NotReadyReason, notReadyReasons } from './metric-labels.ts';

/** What is counted: all that is there, bindings of every namespace that is served. */
export interface ClusterFigures {
  readonly bindings: readonly VmssIdentityBinding[];
  readonly ledgers: readonly VmssIdentityLedger[];
}

export interface ClusterCounts {
  /** By the condition Ready. What could be and is not has a row of 0. */
  readonly bindings: readonly {
    readonly ready: ConditionStatus;
    readonly reason: BindingReason;
    readonly count: number;
  }[];
  /**
   * Since when the binding that has been not Ready for the longest is so, in milliseconds since the epoch, for each reason;
   * a binding that nobody has looked at yet is so since its creation. 0 for none; suspended ones wait for nobody.
   */
  readonly notReadySinceMs: Readonly<Record<NotReadyReason, number>>;
  /** User-assigned identities in the bindings' statuses. */
  readonly identities: Readonly<Record<IdentityState, number>>;
  /** Entries of ledgers whose members are all unseen. */
  readonly orphans: number;
}

export function countCluster({ bindings, ledgers }: ClusterFigures): ClusterCounts {
  const rows = emptyRows();
  const identities = Object.fromEntries(identityStates.map((state) => [state, 0])) as Record<IdentityState, number>;
  const notReadySinceMs = Object.fromEntries(notReadyReasons.map((reason) => [reason, 0])) as Record<
    NotReadyReason,
    number
  >;
  const uids = new Set<string>();
  for (const { metadata, status } of bindings) {
    uids.add(metadata.uid);
    const { ready, reason, since } = readyOf(status);
    if (isNotReady(ready, reason)) {
      const sinceMs = Date.parse(since ?? metadata.creationTimestamp);
      notReadySinceMs[reason] = Math.min(sinceMs, notReadySinceMs[reason] || Infinity);
    }
    const row = rows.get(`${ready} ${reason}`) ?? { ready, reason, count: 0 };
    row.count += 1;
    rows.set(`${ready} ${reason}`, row);
    for (const { state } of status.userAssigned ?? []) {
      // Another version of the operator may have written a state that this one does not know.
      if (Object.hasOwn(identities, state)) identities[state] += 1;
    }
  }
  return { bindings: [...rows.values()], notReadySinceMs, identities, orphans: orphansIn(ledgers, uids) };
}

interface Row {
  readonly ready: ConditionStatus;
  readonly reason: BindingReason;
  count: number;
}

const STATUSES = { True: ['True'], False: ['False'], AsItWas: ['True', 'False', 'Unknown'] } as const;

/** One row for each status that a reason can come with. */
function emptyRows(): Map<string, Row> {
  const pairs: readonly Omit<Row, 'count'>[] = [
    { ready: 'Unknown', reason: 'none' },
    ...REASONS_IN_ORDER.flatMap((reason) => STATUSES[rowOf(reason).ready].map((ready) => ({ ready, reason }))),
  ];
  return new Map(pairs.map((pair) => [`${pair.ready} ${pair.reason}`, { ...pair, count: 0 }]));
}

interface Shown extends Omit<Row, 'count'> {
  /** RFC 3339; undefined for a binding that nobody has looked at yet. */
  readonly since: string | undefined;
}

function readyOf({ conditions }: VmssIdentityBinding['status']): Shown {
  const ready = conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) return { ready: 'Unknown', reason: 'none', since: undefined };
  const reason = isReason(ready.reason) ? ready.reason : 'other';
  return { ready: ready.status, reason, since: ready.lastTransitionTime };
}

function isNotReady(ready: ConditionStatus, reason: BindingReason): reason is NotReadyReason {
  return ready !== 'True' && (notReadyReasons as readonly string[]).includes(reason);
}

/** A member that is gone stays on record for as long as nobody has taken the entry over. */
function orphansIn(ledgers: readonly VmssIdentityLedger[], uids: ReadonlySet<string>): number {
  const isOrphan = (members: readonly { readonly uid: string }[]): boolean =>
    members.length === 0 || members.some(({ uid }) => !uids.has(uid));
  let orphans = 0;
  for (const { spec } of ledgers) {
    const entries = [...spec.entries, ...(spec.systemAssigned === undefined ? [] : [spec.systemAssigned])];
    orphans += entries.filter((entry) => isOrphan(entry.for)).length;
  }
  return orphans;
}
