import type { ScaleSetIdentitySeed } from '../../../dev/simulator/seed.ts';
import { subscriptionId } from './azure.ts';

/**
 * The flows of Microsoft's how-to "Configure managed identities for Azure resources on a virtual machine scale set using
 * REST API calls", in both shapes of the API. The calls are those that our own pages print: the how-to's, mended where
 * they are not valid JSON or do not do what its text says.
 */
export const dictionary = '2018-06-01';
export const array = '2017-12-01';
export type Version = typeof dictionary | typeof array;

/** What a scale set has, whatever the shape. */
export interface Held {
  readonly system: boolean;
  readonly user: readonly string[];
}

export interface Flow {
  readonly number: number;
  readonly title: string;
  /** Undefined: the scale set is yet to be created. */
  readonly before: ScaleSetIdentitySeed | undefined;
  readonly after: Held;
}

const nothing: ScaleSetIdentitySeed = {};
const system: ScaleSetIdentitySeed = { systemAssigned: true };
const users: ScaleSetIdentitySeed = { userAssigned: ['ID1', 'ID2'] };
const both = (...userAssigned: readonly string[]): ScaleSetIdentitySeed => ({ systemAssigned: true, userAssigned });

/** Flows 3 to 13; 1 (a token) and 2 (a look) change nothing. Those of one number are one call. */
export const flows: readonly Flow[] = [
  {
    number: 3,
    title: 'create a scale set with a system-assigned identity',
    before: undefined,
    after: { system: true, user: [] },
  },
  {
    number: 4,
    title: 'enable the system-assigned identity of an existing one',
    before: nothing,
    after: { system: true, user: [] },
  },
  {
    number: 4,
    title: 'enable the system-assigned identity of an existing one, and drop every user-assigned one by it',
    before: users,
    after: { system: true, user: [] },
  },
  {
    number: 5,
    title: 'enable the system-assigned identity, keep ID1 and ID2',
    before: users,
    after: { system: true, user: ['ID1', 'ID2'] },
  },
  {
    number: 6,
    title: 'disable the system-assigned identity',
    before: system,
    after: { system: false, user: [] },
  },
  {
    number: 7,
    title: 'disable the system-assigned identity, keep the user-assigned ones',
    before: both('ID1', 'ID2'),
    after: { system: false, user: ['ID1', 'ID2'] },
  },
  {
    number: 8,
    title: 'create a scale set with a user-assigned identity',
    before: undefined,
    after: { system: false, user: ['ID1'] },
  },
  {
    number: 9,
    title: 'assign the first user-assigned identity',
    before: nothing,
    after: { system: false, user: ['ID1'] },
  },
  {
    number: 10,
    title: 'add ID2, keep the system-assigned identity and ID1',
    before: both('ID1'),
    after: { system: true, user: ['ID1', 'ID2'] },
  },
  {
    number: 11,
    title: 'remove ID2, keep ID1 and the system-assigned identity',
    before: both('ID1', 'ID2'),
    after: { system: true, user: ['ID1'] },
  },
  {
    number: 12,
    title: 'remove all user-assigned identities, keep the system-assigned one',
    before: both('ID1', 'ID2'),
    after: { system: true, user: [] },
  },
  {
    number: 13,
    title: 'remove everything',
    before: both('ID1', 'ID2'),
    after: { system: false, user: [] },
  },
];

/** The name of the scale set that a flow is tried on. */
export function scaleSetOf({ number, before }: Flow, version: Version): string {
  return `flow-${number}-${before === undefined ? 'new' : before === nothing ? 'bare' : 'seeded'}-${version}`;
}

const subnet = `/subscriptions/${subscriptionId}/resourceGroups/myResourceGroup/providers/Microsoft.Network/virtualNetworks/myVnet/subnets/mySubnet`;

/** The rest of the model with which the how-to creates its scale sets. */
const beforeIdentity = '"sku":{"tier":"Standard","capacity":3,"name":"Standard_D1_v2"},"location":"eastus"';
const properties =
  '"properties":{"overprovision":true,"virtualMachineProfile":{"storageProfile":{"imageReference":{"sku":"2016-Datacenter","publisher":"MicrosoftWindowsServer","version":"latest","offer":"WindowsServer"},"osDisk":{"caching":"ReadWrite","managedDisk":{"storageAccountType":"Standard_LRS"},"createOption":"FromImage"}},"osProfile":{"computerNamePrefix":"myVMSS","adminUsername":"azureuser","adminPassword":"myPassword12"},' +
  `"networkProfile":{"networkInterfaceConfigurations":[{"name":"myVMSS","properties":{"primary":true,"enableIPForwarding":true,"ipConfigurations":[{"name":"myVMSS","properties":{"subnet":{"id":"${subnet}"}}}]}}]}},"upgradePolicy":{"mode":"Manual"}}`;

/** The body with which a scale set is created, as two of the how-to's samples write it. */
export function unbalancedModel(identityValue: string): string {
  return `{${beforeIdentity},{"identity":${identityValue}},${properties}}`;
}
