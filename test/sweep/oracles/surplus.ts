/** Whether what others attached was an Exclusive binding's to take off: nobody's, and told for long enough. */
import { LEDGER, type VmssIdentityLedger, type VmssIdentityLedgerSpec } from '../../../src/api/types.ts';
import type { Change } from '../kube/object-store.ts';
import { collectionOf } from '../kube/served-kind.ts';
import { EPOCH_MS } from '../scheduler.ts';
import type { Deed } from './deed.ts';
import { fold } from './pattern.ts';
import { exclusivesOf, holdersOf, isLeaving, type Members, nameOf, type View, wantersOf } from './sets.ts';

type Wait = NonNullable<VmssIdentityLedgerSpec['exclusive']>;

const AKS_TAG = 'aks-managed-';
/** What a write of the ledger may take, whose time counts as of when it was planned. */
const LEDGER_WRITE_MS = 30_000;

export function whyNotSurplus(view: View, id: string, recorded: Members, deed: Deed): readonly string[] {
  const isAks = deed.before.tagNames.some((name) => fold(name).startsWith(AKS_TAG));
  if (isAks || exclusivesOf(view).length === 0) {
    return [
      recorded.length === 0
        ? 'there was no entry for it'
        : 'somebody is gone whom it was attached for, or nobody was named',
    ];
  }
  return [
    ...wantersOf(view, id).map((binding) => `${nameOf(binding)} wants it`),
    ...holdersOf(view, id, recorded).map((binding) => `${nameOf(binding)} holds it`),
    ...whyNotYet(view, id, deed),
  ];
}

function whyNotYet(view: View, id: string, { ledger, change, run }: Deed): readonly string[] {
  const { exclusiveDelayMs } = run;
  if (exclusiveDelayMs === 0) return [];
  const wait = ledger?.exclusive;
  if (wait === undefined || !lists(wait, id)) return ['nobody was told that it would go'];
  const nowMs = EPOCH_MS + change.virtualMs;
  const recordedMs = recordedSince(run.kubeChanges, change, wait, id);
  const isSame = wait.bindings.toSorted().join(' ') === versionsIn(view);
  return [
    ...(nowMs - Date.parse(wait.since) >= exclusiveDelayMs ? [] : [`it was told of only at ${wait.since}`]),
    ...(nowMs - recordedMs >= exclusiveDelayMs - LEDGER_WRITE_MS ? [] : ['it was not on record for long enough']),
    ...(isSame ? [] : ['the bindings are others than when it was told']),
  ];
}

/** Since when it has stood on record without a break. */
function recordedSince(kubeChanges: readonly Change[], change: Deed['change'], wait: Wait, id: string): number {
  const written = kubeChanges.filter(
    ({ collection, revision, object }) =>
      collection === collectionOf(LEDGER) &&
      revision <= change.revision &&
      fold(ledgerIn(object).spec.scaleSetId) === fold(change.before?.id ?? ''),
  );
  const first = written.findLastIndex(({ object, type }) => {
    const { exclusive } = ledgerIn(object).spec;
    return type === 'DELETED' || exclusive?.since !== wait.since || !lists(exclusive, id);
  });
  return written[first + 1]?.atMs ?? Number.POSITIVE_INFINITY;
}

const ledgerIn = (object: object): VmssIdentityLedger => object as VmssIdentityLedger;

const lists = ({ detach }: Wait, id: string): boolean => detach.some((each) => fold(each) === fold(id));

const versionsIn = ({ bindings }: View): string =>
  bindings
    .filter((binding) => !isLeaving(binding))
    .map(({ metadata }) => `${metadata.uid}/${String(metadata.generation)}`)
    .toSorted()
    .join(' ');
