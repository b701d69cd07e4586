import { BINDING, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { brokenConditionInvariants } from '../../unit/api/assert-condition-invariants.ts';
import type { Change } from '../kube/object-store.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Run } from '../run.ts';
import { type Known, sightKey } from '../shown.ts';
import { isOperator } from './writes.ts';

/** What a status said that none may say, at the write that said it. */
export function brokenConditions({
  kubeChanges,
  knownAtWrite,
}: Pick<Run, 'kubeChanges' | 'knownAtWrite'>): readonly string[] {
  return kubeChanges.filter(isStatus).flatMap((change) => {
    const broken = [
      ...brokenConditionInvariants(asWasRead(change, knownAtWrite.get(change))),
      ...brokenHistory(change),
    ];
    return broken.map((rule) => `${change.key} at revision ${change.revision}: ${rule}`);
  });
}

/** A spec that came after the pass had begun is none that it could speak of. */
function asWasRead({ collection, key, object }: Change, known: Known | undefined): VmssIdentityBinding {
  const binding = object as object as VmssIdentityBinding;
  const { generation } = binding.metadata;
  const read = known?.sights.get(sightKey(collection, key))?.object?.metadata.generation ?? generation;
  const judged = Math.min(generation, Math.max(read, binding.status.observedGeneration));
  return { ...binding, metadata: { ...binding.metadata, generation: judged } };
}

const isStatus = ({ collection, subresource, by }: Change): boolean =>
  collection === collectionOf(BINDING) && subresource === 'status' && isOperator(by);

/** What may not be said after what was said before. All incarnations have one clock. */
function brokenHistory({ object, previous, atMs }: Change): readonly string[] {
  const [now, before] = [object, previous].map((each) => statusOf(each));
  const newest = Math.max(
    0,
    ...(before?.conditions ?? []).map(({ lastTransitionTime }) => Date.parse(lastTransitionTime)),
  );
  const told = now?.conditions ?? [];
  return [
    ...((now?.observedGeneration ?? -1) < (before?.observedGeneration ?? -1) ? ['observedGeneration goes back'] : []),
    ...told.flatMap(({ type, status, lastTransitionTime }) => {
      const last = before?.conditions?.find((condition) => condition.type === type);
      const ms = Date.parse(lastTransitionTime);
      if (last?.status === status) {
        return last.lastTransitionTime === lastTransitionTime
          ? []
          : [`lastTransitionTime of ${type} moves, and its status does not`];
      }
      if (ms > atMs) return [`lastTransitionTime of ${type} is still to come`];
      return ms < newest ? [`lastTransitionTime of ${type} goes back`] : [];
    }),
  ];
}

const statusOf = (object: Change['previous']): VmssIdentityBinding['status'] | undefined =>
  (object as object | undefined as VmssIdentityBinding | undefined)?.status;
