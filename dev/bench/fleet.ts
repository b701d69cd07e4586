/** What is bound in a benchmark: scale sets of one subscription and region, and ten identities that all may use. */
import { API_VERSION } from '../../src/api/types.ts';
import type { Seed } from '../simulator/seed.ts';
import { bindingsPath } from '../stage/objects.ts';

export const NAMESPACE = 'bench';
export const TENANT = '22222222-2222-4222-8222-222222222222';
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/bench`;
const IDENTITIES = 10;

/** Of the namespace. */
export const BINDINGS = bindingsPath(NAMESPACE);

export function scaleSetId(index: number): string {
  return `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/${nameOf(index)}`;
}

export function identityId(index: number): string {
  return `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity-${String(index % IDENTITIES)}`;
}

/** Of the binding and of its scale set. */
export function nameOf(index: number): string {
  return `set-${String(index)}`;
}

/** What Azure begins with: nothing attached. */
export function seedOf(scaleSets: number, settings: Seed['settings']): Seed {
  return {
    settings: { requestLogLimit: 1_000_000, ...settings },
    subscriptions: [
      {
        id: SUBSCRIPTION,
        tenant: TENANT,
        resourceGroups: [
          {
            name: 'bench',
            location: 'westeurope',
            identities: indices(IDENTITIES).map((index) => ({ name: `identity-${String(index)}` })),
            scaleSets: indices(scaleSets).map((index) => ({ name: nameOf(index) })),
          },
        ],
      },
    ],
  };
}

/** As a person writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

/** @param identities ids of those it declares */
export function bindingOf(index: number, identities = [identityId(index)], name = nameOf(index)): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityBinding',
    metadata: { name },
    spec: {
      scaleSet: { resourceId: scaleSetId(index) },
      userAssigned: identities.map((resourceId) => ({ resourceId })),
    },
  };
}

export function policy(): unknown {
  const everything = [`/subscriptions/${SUBSCRIPTION}/**`];
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityPolicy',
    metadata: { name: NAMESPACE },
    spec: { namespaces: [NAMESPACE], scaleSets: everything, userAssigned: everything },
  };
}

export function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
