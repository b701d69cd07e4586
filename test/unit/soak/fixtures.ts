/** A small fleet whose every scale set and binding a test knows. */
import type { Fleet, FleetBinding, FleetScaleSet } from '../../../dev/soak/fleet.ts';
import type { Declared } from '../../../dev/soak/model.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const IDENTITIES = `/subscriptions/${SUBSCRIPTION}/resourceGroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;

export const identityId = (name: string): string => `${IDENTITIES}/${name}`;
export const folded = (...names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => identityId(name).toLowerCase()));

export function scaleSet(name: string, rest: Partial<FleetScaleSet> = {}): FleetScaleSet {
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`,
    pools: {
      declarable: ['declared-0', 'declared-1', 'declared-2'].map(identityId),
      foreign: ['foreign-0', 'foreign-1'].map(identityId),
      shared: ['shared-0'].map(identityId),
    },
    exclusive: false,
    flexible: false,
    foreign: [],
    systemAssigned: false,
    ...rest,
  };
}

export function binding(name: string, set: FleetScaleSet, rest: Partial<FleetBinding> = {}): FleetBinding {
  return {
    key: `soak-0/${name}`,
    namespace: 'soak-0',
    name,
    scaleSet: set,
    managesSystemAssigned: false,
    policyComesAndGoes: false,
    ...rest,
  };
}

export function fleet(scaleSets: readonly FleetScaleSet[], bindings: readonly FleetBinding[]): Fleet {
  return {
    tenant: '22222222-2222-4222-8222-222222222222',
    subscriptions: [SUBSCRIPTION],
    namespaces: ['soak-0'],
    unsteadyNamespace: 'soak-1',
    scaleSets,
    bindings,
  };
}

export function declared(names: readonly string[], rest: Partial<Declared> = {}): Declared {
  return {
    userAssigned: names.map(identityId),
    systemAssigned: 'Unmanaged',
    deletionPolicy: 'Detach',
    suspend: false,
    ...rest,
  };
}
