import { nextGuid } from '../guids.ts';
import { isJsonObject, type JsonObject } from '../http.ts';
import type { Instance, InstanceModel, Operation, ScaleSet, ScaleSetInstances, State } from '../state.ts';
import { preciseTime } from './times.ts';

/**
 * The virtual machines of a scale set, as many as its capacity says. They are made up when someone first looks, or when the
 * model first leaves them behind. The identity is not part of the model that they have or lack: Azure tracks it at the
 * scale set (Azure/azure-cli#19813, Azure/aad-pod-identity#968).
 */
export function instancesOf(state: State, set: ScaleSet, nowMs: number): ScaleSetInstances {
  dropSurplus(set);
  return fillUp(state, set, set.instances ?? none(modelOf(set)), capacityOf(set), nowMs);
}

function none(latest: InstanceModel): ScaleSetInstances {
  return { latest, all: [], nextNumber: 0 };
}

function fillUp(
  state: State,
  set: ScaleSet,
  instances: ScaleSetInstances,
  count: number,
  nowMs: number,
): ScaleSetInstances {
  const created = instances.nextNumber === 0 ? set.timeCreated : preciseTime(nowMs);
  while (instances.all.length < count) instances.all.push(create(state, set, instances, created));
  set.instances = instances;
  return instances;
}

/** Takes away what is beyond the capacity, the newest first. */
export function dropSurplus(set: ScaleSet): void {
  set.instances?.all.splice(capacityOf(set));
}

function capacityOf({ sku }: ScaleSet): number {
  return typeof sku['capacity'] === 'number' ? sku['capacity'] : 1;
}

/** Numbers are never used twice; in a Flexible scale set an instance goes by the name of its virtual machine. */
function create(state: State, set: ScaleSet, instances: ScaleSetInstances, timeCreated: string): Instance {
  const number = instances.nextNumber++;
  const vmId = nextGuid(state.guids);
  const id = set.orchestrationMode === 'Flexible' ? `${set.name}_${vmId.slice(0, 8)}` : String(number);
  return { id, number, vmId, timeCreated, model: instances.latest };
}

function modelOf({ properties, sku }: ScaleSet): InstanceModel {
  const { capacity: _capacity, ...size } = sku;
  const profile = properties['virtualMachineProfile'];
  return { profile: isJsonObject(profile) ? profile : noProfile, sku: size };
}

const noProfile: JsonObject = {};

/**
 * Makes a change to a scale set's model and leaves its instances behind when it concerns them: the profile or the size of
 * virtual machines, not tags, capacity or policies.
 * @returns the ids of the instances that the change is brought to by itself: all, unless the upgrade policy is Manual
 */
export function changeModel(state: State, set: ScaleSet, nowMs: number, change: () => void): readonly string[] {
  const before = modelOf(set);
  const count = capacityOf(set);
  change();
  const after = modelOf(set);
  if (isSame(before.profile, after.profile) && isSame(before.sku, after.sku)) {
    dropSurplus(set);
    return [];
  }
  const instances = fillUp(state, set, set.instances ?? none(before), count, nowMs);
  dropSurplus(set);
  instances.latest = after;
  return isManual(set) ? [] : instances.all.map(({ id }) => id);
}

function isSame(one: JsonObject, other: JsonObject): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isManual({ properties }: ScaleSet): boolean {
  const policy = properties['upgradePolicy'];
  const mode = isJsonObject(policy) ? policy['mode'] : undefined;
  return mode === undefined || mode === 'Manual';
}

/** The instances get the latest model when the operation has succeeded; at once when there is none. */
export function upgradeWith(operation: Operation | undefined, set: ScaleSet, ids: readonly string[]): void {
  if (operation === undefined) upgrade(set, ids);
  else operation.upgrades = ids;
}

export function upgrade(set: ScaleSet, ids: readonly string[]): void {
  const upgraded = new Set(ids);
  for (const instance of set.instances?.all ?? []) {
    if (upgraded.has(instance.id)) instance.model = set.instances?.latest ?? instance.model;
  }
}
