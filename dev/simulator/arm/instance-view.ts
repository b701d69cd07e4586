import { isJsonObject, type Json, type JsonObject, present } from '../http.ts';
import { scaleSetId, scaleSetType } from '../resource-id.ts';
import type { Instance, ScaleSet, ScaleSetInstances, State } from '../state.ts';
import { hasTimeCreated } from './api-versions.ts';

export const instanceType = `${scaleSetType}/virtualMachines`;

/** An instance as Compute shows it (recorded by the Azure CLI, 2019-03-01). */
export function viewInstance(
  state: State,
  set: ScaleSet,
  instance: Instance,
  options: { readonly version: string; readonly withStatus: boolean },
): JsonObject {
  const { profile, sku } = instance.model;
  return present<Json>({
    name: set.orchestrationMode === 'Flexible' ? instance.id : `${set.name}_${instance.id}`,
    id: `${scaleSetId(set)}/virtualMachines/${instance.id}`,
    type: instanceType,
    location: set.location,
    tags: set.tags,
    instanceId: instance.id,
    sku,
    properties: present<Json>({
      latestModelApplied: instance.model === set.instances?.latest,
      modelDefinitionApplied: 'VirtualMachineScaleSet',
      networkProfileConfiguration: profile['networkProfile'],
      hardwareProfile: {},
      storageProfile: profile['storageProfile'],
      osProfile: osProfile(set, instance),
      provisioningState: provisioningState(state, set, instance),
      vmId: instance.vmId,
      timeCreated: hasTimeCreated(options.version) ? instance.timeCreated : undefined,
      instanceView: options.withStatus ? viewStatus(state, set, instance) : undefined,
    }),
  });
}

/** The prefix becomes a name: six characters to base 36 are added. */
function osProfile(set: ScaleSet, { number, model }: Instance): JsonObject {
  const sent = model.profile['osProfile'];
  const { computerNamePrefix, ...rest } = isJsonObject(sent) ? sent : {};
  const prefix = typeof computerNamePrefix === 'string' ? computerNamePrefix : set.name;
  return { computerName: `${prefix}${number.toString(36).toUpperCase().padStart(6, '0')}`, ...rest };
}

function provisioningState(state: State, set: ScaleSet, instance: Instance): string {
  if (set.provisioningState === 'Creating' || set.provisioningState === 'Deleting') return set.provisioningState;
  const operation = set.operationId === undefined ? undefined : state.operations.get(set.operationId);
  return operation?.upgrades?.includes(instance.id) === true ? 'Updating' : 'Succeeded';
}

/** `…/virtualMachines/{id}/instanceView`, and `properties.instanceView` when it is asked for. */
export function viewStatus(state: State, set: ScaleSet, instance: Instance): JsonObject {
  const provisioning = provisioningState(state, set, instance);
  const { timeCreated: time } = instance;
  return {
    vmAgent: { vmAgentVersion: 'Unknown', statuses: [] },
    statuses: [
      { ...status(provisioning), time },
      { code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' },
    ],
  };
}

/** `…/virtualMachineScaleSets/{name}/instanceView`: how many instances are in which state. */
export function viewSummary(state: State, set: ScaleSet, instances: ScaleSetInstances): JsonObject {
  const counts = new Map<string, number>();
  for (const instance of instances.all) {
    const { code } = status(provisioningState(state, set, instance));
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return {
    virtualMachine: { statusesSummary: [...counts].map(([code, count]) => ({ code, count })) },
    statuses: [{ ...status(set.provisioningState), time: set.timeCreated }],
  };
}

function status(provisioning: string): {
  readonly code: string;
  readonly level: string;
  readonly displayStatus: string;
} {
  const lower = provisioning.toLowerCase();
  const level = provisioning === 'Failed' ? 'Error' : 'Info';
  return { code: `ProvisioningState/${lower}`, level, displayStatus: `Provisioning ${lower}` };
}
