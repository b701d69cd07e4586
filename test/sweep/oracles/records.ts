/**
 * Whether what the operator put on record was its to claim, and in order: an intent for somebody who wants the identity,
 * an adoption for somebody who may adopt, nobody named whose finalizer is not there yet, and no finalizer taken off somebody
 * who is still named.
 */
import {
  BINDING,
  FINALIZER,
  LEDGER,
  type LedgerEntry,
  type VmssIdentityBinding,
  type VmssIdentityLedger,
} from '../../../src/api/types.ts';
import type { ApiObject } from '../kube/api-object.ts';
import type { Change } from '../kube/object-store.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Judged } from './deed.ts';
import { objectsAt, viewsOf } from './moment.ts';
import { fold } from './pattern.ts';
import { adoptersOf, isProtected, type Members, type View, wantersOf } from './sets.ts';
import { isOperator } from './writes.ts';

export function unlawfulRecords(run: Judged): readonly string[] {
  return run.kubeChanges
    .filter(({ by }) => isOperator(by))
    .flatMap((change) => {
      const { collection, revision, by, key } = change;
      const flaws = () => {
        if (collection === collectionOf(LEDGER)) return change.type === 'DELETED' ? [] : ledgerFlaws(change, run);
        return collection === collectionOf(BINDING) ? releaseFlaws(change, run.kubeChanges) : [];
      };
      return flaws().map((flaw) => `revision ${revision}, ${by}, ${key}: ${flaw}`);
    });
}

function ledgerFlaws(change: Change, run: Judged): readonly string[] {
  const { by, revision } = change;
  const { scaleSetId } = ledgerIn(change.object).spec;
  const known = run.knownAtWrite.get(change);
  const views = viewsOf(run.kubeChanges, { by, revision: revision - 1, known, scaleSetId });
  const judgements = views.map((view) => newEntries(change).flatMap((entry) => claimFlaws(view, entry)));
  return [
    ...(judgements.find((flaws) => flaws.length === 0) ?? judgements[0] ?? []),
    ...newMembers(change).flatMap(({ uid, namespace, name }) =>
      hasHadFinalizer(run.kubeChanges, revision, uid) ? [] : [`it names ${namespace}/${name} without its finalizer`],
    ),
  ];
}

function claimFlaws(view: View, { resourceId, phase, for: members }: LedgerEntry): readonly string[] {
  switch (phase) {
    case 'Attaching':
      return isForSome(wantersOf(view, resourceId), members)
        ? []
        : [`${resourceId} is intended for nobody who wants it`];
    case 'Attached':
      return isForSome(adoptersOf(view, resourceId), members) && !isProtected(view, resourceId)
        ? []
        : [`${resourceId} is adopted for nobody who may`];
    case 'Detaching':
    case 'Reattaching':
      return [`${resourceId} begins as ${phase}`];
  }
}

const isForSome = (bindings: readonly VmssIdentityBinding[], members: Members): boolean =>
  bindings.some(({ metadata }) => members.some(({ uid }) => uid === metadata.uid));

/** The ones that were not there before, or stood there for another scale set of the name. */
function newEntries(change: Change): readonly LedgerEntry[] {
  const before = new Set(entriesBefore(change).map(({ resourceId }) => fold(resourceId)));
  return ledgerIn(change.object).spec.entries.filter(({ resourceId }) => !before.has(fold(resourceId)));
}

function entriesBefore({ object, previous }: Change): readonly LedgerEntry[] {
  if (previous === undefined) return [];
  const [now, before] = [ledgerIn(object).spec, ledgerIn(previous).spec];
  return (before.uniqueId ?? now.uniqueId) === (now.uniqueId ?? before.uniqueId) ? before.entries : [];
}

function newMembers({ object, previous }: Change): Members {
  const before = new Set(previous === undefined ? [] : membersOf(previous).map(({ uid }) => uid));
  return membersOf(object).filter(({ uid }) => !before.has(uid));
}

const membersOf = (object: ApiObject): Members => {
  const { entries, systemAssigned } = ledgerIn(object).spec;
  return [...entries.flatMap((entry) => entry.for), ...(systemAssigned?.for ?? [])];
};

/** Somebody may have taken it off again by hand. */
const hasHadFinalizer = (kubeChanges: readonly Change[], revision: number, uid: string): boolean =>
  kubeChanges.some(
    (change) => change.revision < revision && change.object.metadata.uid === uid && isFinal(change.object),
  );

const isFinal = (object: ApiObject | undefined): boolean => object?.metadata.finalizers?.includes(FINALIZER) === true;

function releaseFlaws({ type, revision, object, previous }: Change, kubeChanges: readonly Change[]): readonly string[] {
  if (!isFinal(previous) || (type !== 'DELETED' && isFinal(object))) return [];
  const ledgers = [...objectsAt(kubeChanges, revision)].filter(([name]) => name.startsWith(`${collectionOf(LEDGER)} `));
  return ledgers
    .filter(([, ledger]) => membersOf(ledger).some(({ uid }) => uid === object.metadata.uid))
    .map(([, { metadata }]) => `its finalizer goes while the ledger ${metadata.name} names it`);
}

const ledgerIn = (object: object): VmssIdentityLedger => object as VmssIdentityLedger;
