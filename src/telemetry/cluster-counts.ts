/** How many bindings, identities and orphans there are: counted anew from what the caches hold, so that nothing drifts. */
import { isReason, REASONS_IN_ORDER, rowOf } from '../api/reasons.ts';
import type { ConditionStatus, IdentityState, VmssIdentityBinding, VmssIdentityLedger } from '../api/types.ts';
import { type BindingReason, identityStates } from './metric-labels.ts';

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
  /** User-assigned identities in the bindings' statuses. */
  readonly identities: Readonly<Record<IdentityState, number>>;
  /** Entries of ledgers whose members are all unseen. */
  readonly orphans: number;
}

export function countCluster({ bindings, ledgers }: ClusterFigures): ClusterCounts {
  const rows = emptyRows();
  const identities = Object.fromEntries(identityStates.map((state) => [state, 0])) as Record<IdentityState, number>;
  const uids = new Set<string>();
  for (const { metadata, status } of bindings) {
    uids.add(metadata.uid);
    const { ready, reason } = readyOf(status);
    const row = rows.get(`${ready} ${reason}`) ?? { ready, reason, count: 0 };
    row.count += 1;
    rows.set(`${ready} ${reason}`, row);
    for (const { state } of status.userAssigned ?? []) {
      // Another version of the operator may have written a state that this one does not know.
      if (Object.hasOwn(identities, state)) identities[state] += 1;
    }
  }
  return { bindings: [...rows.values()], identities, orphans: orphansIn(ledgers, uids) };
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

function readyOf({ conditions }: VmssIdentityBinding['status']): Omit<Row, 'count'> {
  const ready = conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) return { ready: 'Unknown', reason: 'none' };
  return { ready: ready.status, reason: isReason(ready.reason) ? ready.reason : 'other' };
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
