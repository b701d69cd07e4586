/**
 * Whether a namespace is told what is another's: names of identities and bindings that it has not declared itself, and that
 * others have, or that are on a scale set for reasons nobody told it. The operator's own namespace, and what is told about
 * a ledger, are for those who run it.
 */
import { BINDING, LEDGER, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { OPERATOR_NAMESPACE } from '../incarnation.ts';
import { type ApiObject, objectAt } from '../kube/api-object.ts';
import type { Change } from '../kube/object-store.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Run } from '../run.ts';
import { viewsOf } from './moment.ts';
import { fold } from './pattern.ts';
import { isLeaving } from './sets.ts';
import { isOperator } from './writes.ts';

type Judged = Pick<Run, 'kubeChanges' | 'azureChanges' | 'firstModel' | 'knownAtWrite'>;

export function tellsTooMuch(run: Judged): readonly string[] {
  const names = allNames(run);
  const own = new Map<string, Set<string>>();
  return run.kubeChanges.flatMap((change) => {
    const { namespace } = change.object.metadata;
    if (change.collection === collectionOf(BINDING)) noteDeclared(own, change.object as object as VmssIdentityBinding);
    if (namespace === undefined || !isToldToTenants(change)) return [];
    const { said, planned } = toldIn(change.object);
    const others = [...names].filter((name) => own.get(namespace)?.has(name) !== true);
    const told = new Set([
      ...others.filter((name) => speaksOf(said, name)),
      // A waiting Exclusive lists what it is about to detach, but for what others declare.
      ...others.filter((name) => speaksOf(planned, name) && isDeclared(run, change, name)),
    ]);
    return [...told].map((name) => `revision ${change.revision}: ${change.collection} ${change.key} speaks of ${name}`);
  });
}

const isToldToTenants = ({ by, type, object }: Change): boolean =>
  isOperator(by) &&
  type !== 'DELETED' &&
  object.metadata.namespace !== OPERATOR_NAMESPACE &&
  objectAt(object, 'regarding')['kind'] !== LEDGER.kind;

/** Of a binding, what the operator wrote: its spec is its namespace's. */
function toldIn(object: ApiObject): { readonly said: string; readonly planned: string } {
  const text = (value: unknown): string => fold(JSON.stringify(value ?? {})).replaceAll(PROSE, '');
  if (object.kind !== BINDING.kind) return { said: text(object), planned: '' };
  const { spec, status } = object as object as VmssIdentityBinding;
  if (spec.mode !== 'Exclusive') return { said: text(status), planned: '' };
  return { said: text({ ...status, plan: undefined }), planned: text(status.plan) };
}

/** Of identities and of bindings, of all that there are in a run, and the namespaces of the bindings. */
function allNames({ kubeChanges, azureChanges, firstModel }: Judged): ReadonlySet<string> {
  const models = [...firstModel.values(), ...azureChanges.flatMap(({ before, after }) => [before, after])];
  const attached = models.flatMap((set) => set?.userAssigned ?? []);
  const bindings = kubeChanges.filter(({ collection }) => collection === collectionOf(BINDING));
  const declared = bindings.flatMap(({ object }) => namesIn(object as object as VmssIdentityBinding));
  return new Set([...attached.map(lastOf), ...declared]);
}

/** By any binding of the scale set, in all that the operator may have gone by. */
function isDeclared({ kubeChanges, knownAtWrite }: Judged, change: Change, name: string): boolean {
  const { by, revision } = change;
  const scaleSetId = (change.object as object as VmssIdentityBinding).spec.scaleSet.resourceId;
  const views = viewsOf(kubeChanges, { by, revision: revision - 1, known: knownAtWrite.get(change), scaleSetId });
  return views.every(({ bindings }) =>
    bindings.some((binding) => !isLeaving(binding) && namesIn(binding).includes(name)),
  );
}

function noteDeclared(own: Map<string, Set<string>>, binding: VmssIdentityBinding): void {
  const { namespace } = binding.metadata;
  const names = own.get(namespace) ?? new Set();
  // All that its ids are made of, too: a resource group may be called as another namespace is.
  const ids = [binding.spec.scaleSet, ...binding.spec.userAssigned].map(({ resourceId }) => fold(resourceId));
  for (const name of [...namesIn(binding), ...ids.flatMap((id) => id.split('/'))]) names.add(name);
  own.set(namespace, names);
}

const namesIn = ({ metadata, spec }: VmssIdentityBinding): readonly string[] => [
  metadata.namespace,
  metadata.name,
  ...spec.userAssigned.map(({ resourceId }) => lastOf(fold(resourceId))),
];

const lastOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Where messages say `one` of anything, and mean no identity that is called so. */
const PROSE = /\b(?:the old|this|not) one\b|\bone of them\b/g;

/** As a word, not as a part of one. */
function speaksOf(text: string, name: string): boolean {
  const isPart = (at: number): boolean => /[a-z0-9-]/.test(text.charAt(at));
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!isPart(at - 1) && !isPart(at + name.length)) return true;
  }
  return false;
}
