/** Whether everything is as the model says: Azure, the bindings' statuses and the ledgers. */
import type { Condition, VmssIdentityBinding, VmssIdentityLedger } from '../../src/api/types.ts';
import type { ScaleSetSnapshot, Snapshot } from '../simulator/control/snapshot.ts';
import { isOthers } from './fleet.ts';
import { type BindingState, type Declared, type Expected, fold, type Model } from './model.ts';

export interface Found {
  readonly azure: Snapshot;
  readonly bindings: readonly VmssIdentityBinding[];
  readonly ledgers: readonly VmssIdentityLedger[];
}

/** What is not as it must be, a line each, by the question that it answers. */
export interface Shortcomings {
  /** Identities that are declared, or others', and are not there; or are there, and nobody wants them. */
  readonly azure: readonly string[];
  /** Objects that are not as their last change left them. */
  readonly objects: readonly string[];
  readonly statuses: readonly string[];
  readonly ledgers: readonly string[];
}

export function findShortcomings(model: Model, found: Found): Shortcomings {
  const bindings = new Map(found.bindings.map((each) => [keyOf(each), each]));
  const identities = new Map(found.azure.identities.map(({ id, clientId }) => [fold(id), clientId]));
  const sets = new Map(found.azure.scaleSets.map((set) => [fold(set.id), set]));
  const states = model.bindings;
  return {
    azure: model.scaleSets.flatMap(({ id }) => azureOf(id, model.expected(id), sets.get(fold(id)), identities)),
    objects: states.flatMap((state) => objectOf(state, bindings.get(state.binding.key))),
    statuses: states.flatMap((state) => statusOf(state, bindings.get(state.binding.key), identities)),
    ledgers: found.ledgers.flatMap((ledger) => ledgerOf(ledger, found.bindings)),
  };
}

export function countShortcomings(found: Shortcomings): number {
  const { azure, objects, statuses, ledgers } = found;
  return azure.length + objects.length + statuses.length + ledgers.length;
}

function azureOf(
  id: string,
  { must, may, systemAssigned }: Expected,
  set: ScaleSetSnapshot | undefined,
  identities: ReadonlyMap<string, string>,
): readonly string[] {
  if (set === undefined) return [`${id} is gone`];
  const there = new Map(set.userAssigned.map((identity) => [fold(identity.id), identity.clientId]));
  const isOn = set.systemAssigned !== undefined;
  return [
    ...[...must].filter((each) => !there.has(each)).map((each) => `${id} lacks ${each}`),
    ...[...there.keys()].filter((each) => !must.has(each) && !may.has(each)).map((each) => `${id} still has ${each}`),
    ...[...must]
      .filter((each) => there.has(each) && there.get(each) !== identities.get(each))
      .map((each) => `${id} has ${each} without its client id`),
    ...(systemAssigned === 'Either' || (systemAssigned === 'On') === isOn
      ? []
      : [`${id}: its system-assigned identity must be ${systemAssigned}`]),
    ...(set.provisioningState === 'Succeeded' || set.provisioningState === 'Failed'
      ? []
      : [`${id} is ${set.provisioningState}`]),
  ];
}

/** Whether the last change that was made to it is the one that the API server has. */
function objectOf({ binding, declared }: BindingState, found: VmssIdentityBinding | undefined): readonly string[] {
  const { key } = binding;
  if (declared === undefined) return found === undefined ? [] : [`${key} is still there: ${shownOf(found)}`];
  if (found === undefined) return [`${key} is not there`];
  if (found.metadata.deletionTimestamp !== undefined) return [`${key} is being deleted: ${shownOf(found)}`];
  const { userAssigned, systemAssigned, deletionPolicy, suspend } = found.spec;
  const same =
    isSameSet(
      userAssigned.map(({ resourceId }) => resourceId),
      declared.userAssigned,
    ) &&
    systemAssigned === declared.systemAssigned &&
    deletionPolicy === declared.deletionPolicy &&
    suspend === declared.suspend;
  return same ? [] : [`${key} has another spec than it was given`];
}

function statusOf(
  { binding: { key }, declared }: BindingState,
  found: VmssIdentityBinding | undefined,
  identities: ReadonlyMap<string, string>,
): readonly string[] {
  if (declared === undefined || found === undefined) return [];
  const { metadata, status } = found;
  const ready = conditionOf(found, 'Ready');
  const shown = shownOf(found);
  if (status.observedGeneration !== metadata.generation) return [`${key} is behind: ${shown}`];
  const asked = metadata.annotations?.['reconcile.vmss-identity.dev/requested-at'];
  if (status.lastHandledReconcileAt !== asked) return [`${key} has not answered the request ${String(asked)}`];
  if (declared.suspend) return ready?.reason === 'Suspended' ? [] : [`${key} is suspended, and shows ${shown}`];
  if (ready?.status !== 'True' || ready.reason !== 'Assigned') return [`${key} shows ${shown}`];
  const companions = ['Reconciling', 'Stalled'].filter((type) => conditionOf(found, type) !== undefined);
  if (companions.length > 0) return [`${key} is Ready and ${companions.join(' and ')}`];
  return identitiesOf(key, declared, found, identities);
}

function identitiesOf(
  key: string,
  declared: Declared,
  { status }: VmssIdentityBinding,
  identities: ReadonlyMap<string, string>,
): readonly string[] {
  const shown = new Map((status.userAssigned ?? []).map((each) => [fold(each.resourceId), each]));
  return [
    ...declared.userAssigned.flatMap((id) => {
      const each = shown.get(fold(id));
      if (each?.state !== 'Assigned') return [`${key} shows ${id} as ${String(each?.state)}`];
      return each.clientId === identities.get(fold(id)) ? [] : [`${key} shows another client id of ${id}`];
    }),
    ...[...shown.keys()]
      .filter((id) => !declared.userAssigned.some((each) => fold(each) === id))
      .map((id) => `${key} still shows ${id}`),
  ];
}

/** Settled, for bindings that are there, and laying no claim to what others attached. A frozen one stays as it was. */
function ledgerOf({ spec, metadata }: VmssIdentityLedger, bindings: readonly VmssIdentityBinding[]): readonly string[] {
  const uids = new Set(bindings.map((each) => each.metadata.uid));
  const isFrozen = bindings.some(
    (each) => each.spec.suspend && fold(each.spec.scaleSet.resourceId) === fold(spec.scaleSetId),
  );
  const about = (line: string): string => `ledger ${metadata.name}: ${line}`;
  return [
    ...(spec.operation === undefined || isFrozen ? [] : [about('an operation is still on record')]),
    ...spec.entries.flatMap(({ resourceId, phase, for: members }) => [
      ...(phase === 'Attached' || isFrozen ? [] : [about(`${resourceId} is ${phase}`)]),
      ...(isOthers(resourceId) ? [about(`claims ${resourceId}, which others attached`)] : []),
      ...(members.length > 0 && members.every(({ uid }) => uids.has(uid))
        ? []
        : [about(`${resourceId} is for a binding that is gone`)]),
    ]),
  ];
}

function conditionOf({ status }: VmssIdentityBinding, wanted: string): Condition | undefined {
  return status.conditions?.find(
    ({ type, status: holds }) => type === wanted && (wanted === 'Ready' || holds === 'True'),
  );
}

function shownOf(found: VmssIdentityBinding): string {
  const { status, reason, message } = conditionOf(found, 'Ready') ?? {};
  const generations = `${String(found.status.observedGeneration)} of ${String(found.metadata.generation)}`;
  return `Ready ${String(status)}, ${String(reason)} (${String(message)}), generation ${generations}`;
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const left = new Set(one.map(fold));
  return left.size === other.length && other.every((id) => left.has(fold(id)));
}

function keyOf({ metadata }: VmssIdentityBinding): string {
  return `${metadata.namespace}/${metadata.name}`;
}
