/** Whether anything of ours is still there when all bindings are gone. */
import { BINDING, FINALIZER, LEDGER } from '../../../src/api/types.ts';
import type { ApiObject } from '../kube/api-object.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Run } from '../run.ts';
import { objectsAt } from './moment.ts';
import { isOperator } from './writes.ts';

export function leftovers(run: Pick<Run, 'firstModel' | 'azureChanges' | 'kubeChanges'>): readonly string[] {
  return [...objectsLeft(run), ...attachedStill(run)].map((what) => `left behind: ${what}`);
}

/** Ledgers, and finalizers, on whatever they are. */
function objectsLeft({ kubeChanges }: Pick<Run, 'kubeChanges'>): readonly string[] {
  const stored = [...objectsAt(kubeChanges, Number.POSITIVE_INFINITY)];
  return stored.flatMap(([name, object]) => [
    ...(name.startsWith(`${collectionOf(LEDGER)} `) ? [`the ledger ${object.metadata.name}`] : []),
    ...(name.startsWith(`${collectionOf(BINDING)} `) ? [`the binding ${nameOf(object)}`] : []),
    ...(object.metadata.finalizers?.includes(FINALIZER) === true ? [`the finalizer on ${nameOf(object)}`] : []),
  ]);
}

const nameOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** What the operator attached or turned on last, and nobody took off since. */
function attachedStill({ azureChanges }: Pick<Run, 'azureChanges'>): readonly string[] {
  const byWhom = new Map<string, string>();
  for (const { by, before, after } of azureChanges) {
    const [had, has] = [before, after].map((set) => new Set(identitiesOf(set)));
    for (const id of had ?? []) if (has?.has(id) !== true) byWhom.delete(id);
    for (const id of has ?? []) if (had?.has(id) !== true) byWhom.set(id, by);
  }
  return [...byWhom].filter(([, by]) => isOperator(by)).map(([id]) => id);
}

/** Each with the one scale set that it is on: another of the same name is another. */
const identitiesOf = (set: Run['azureChanges'][0]['before']): readonly string[] =>
  set === undefined
    ? []
    : [...set.userAssigned, ...(set.systemAssigned ? ['system-assigned'] : [])].map(
        (id) => `${id} on ${set.id} (${set.uniqueId})`,
      );
