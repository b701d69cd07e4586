/**
 * What was true, and what the operator may have gone by, when it wrote. A pass gathers what it goes by once, so it is
 * judged by what its process had been shown by then, however late its watches were; but nothing counts that was out of date
 * before the process began, or led: it has to list anew then. What came to pass before the write had its effect counts
 * too, if it speaks for the write. What lies in the ledger is never late: it is the operator's own, and comes first.
 */
import type { VmssIdentityPolicy } from '../../../src/api/types.ts';
import { BINDING, LEDGER, POLICY, type VmssIdentityBinding, type VmssIdentityLedger } from '../../../src/api/types.ts';
import type { ApiObject } from '../kube/api-object.ts';
import type { Change } from '../kube/object-store.ts';
import { collectionOf } from '../kube/served-kind.ts';
import { type Known, sightKey } from '../shown.ts';
import { fold } from './pattern.ts';
import type { View } from './sets.ts';

/** Somebody's write, of whatever kind. */
export interface Written {
  readonly by: string;
  /** Of the store, right before it. */
  readonly revision: number;
  readonly known: Known | undefined;
  readonly scaleSetId: string;
}

type Objects = ReadonlyMap<string, ApiObject>;

const SEEN: readonly string[] = [collectionOf(BINDING), collectionOf(POLICY)];

/** What the operator may have gone by; the first is what it certainly knew. */
export function viewsOf(kubeChanges: readonly Change[], { by, revision, known, scaleSetId }: Written): readonly View[] {
  const now = [viewIn(objectsAt(kubeChanges, revision), scaleSetId)];
  if (known === undefined) return now;
  const since = kubeChanges.filter(
    (change) => change.revision > known.revision && change.revision <= revision && SEEN.includes(change.collection),
  );
  return [
    viewIn(knownObjects(kubeChanges, known, termOf(kubeChanges, { by, revision, known })), scaleSetId),
    viewIn(objectsAt(kubeChanges, Math.min(known.revision, revision)), scaleSetId),
    ...since.map((change) => viewIn(objectsAt(kubeChanges, change.revision), scaleSetId)),
  ];
}

/** The ledger of a scale set, if it speaks of the one that is there. */
export function ledgerAt(
  kubeChanges: readonly Change[],
  revision: number,
  { id, uniqueId }: { readonly id: string; readonly uniqueId: string },
): VmssIdentityLedger['spec'] | undefined {
  const ledgers = all(objectsAt(kubeChanges, revision), collectionOf(LEDGER)) as readonly VmssIdentityLedger[];
  return ledgers.find(({ spec }) => fold(spec.scaleSetId) === fold(id) && (spec.uniqueId ?? uniqueId) === uniqueId)
    ?.spec;
}

/** What was stored after a revision. */
export function objectsAt(kubeChanges: readonly Change[], revision: number): Objects {
  const objects = new Map<string, ApiObject>();
  for (const { type, collection, key, object, revision: at } of kubeChanges) {
    if (at > revision) break;
    if (type === 'DELETED') objects.delete(sightKey(collection, key));
    else objects.set(sightKey(collection, key), object);
  }
  return objects;
}

/** Since when nothing older counts: the process's start, or when it came to lead. */
function termOf(
  kubeChanges: readonly Change[],
  { by, revision, known }: Pick<Written, 'by' | 'revision'> & { known: Known },
) {
  const terms = kubeChanges.filter(
    (change) =>
      change.by === by &&
      change.revision <= revision &&
      change.collection.startsWith('leases.') &&
      holderOf(change.object) !== holderOf(change.previous),
  );
  return Math.max(known.startedAt, terms.at(-1)?.revision ?? 0);
}

const holderOf = (lease: ApiObject | undefined): unknown =>
  (lease?.['spec'] as { readonly holderIdentity?: string } | undefined)?.holderIdentity;

function knownObjects(kubeChanges: readonly Change[], { sights }: Known, term: number): Objects {
  const objects = new Map(objectsAt(kubeChanges, term));
  for (const [name, { revision, object }] of sights) {
    if (revision < term) continue;
    if (object === undefined) objects.delete(name);
    else objects.set(name, object);
  }
  return objects;
}

function viewIn(objects: Objects, scaleSetId: string): View {
  const bindings = all(objects, collectionOf(BINDING)) as readonly VmssIdentityBinding[];
  const policies = all(objects, collectionOf(POLICY)) as readonly VmssIdentityPolicy[];
  return {
    scaleSetId,
    bindings: bindings.filter(({ spec }) => fold(spec.scaleSet.resourceId) === fold(scaleSetId)),
    policies: policies.map(({ spec }) => spec),
  };
}

const all = (objects: Objects, collection: string): readonly object[] =>
  [...objects].filter(([name]) => name.startsWith(`${collection} `)).map(([, object]) => object);
