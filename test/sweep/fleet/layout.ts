/** How large a fleet is, where it lies, and how long things take there. */
import type { FleetPart } from '../../../dev/bench/ideal/least-requests.ts';

export interface FleetSize {
  readonly subscriptions: number;
  /** Of each subscription. */
  readonly scaleSets: number;
  /** Of each scale set, to be attached; all scale sets of a subscription have the same ones. */
  readonly identities: number;
  /** Regions; each subscription lies in one of them. */
  readonly locations: number;
}

export interface FleetConditions {
  /** From a request to Resource Manager to its reply, in milliseconds. */
  readonly latencyMs: number;
  /** Likewise of the API server; a watch tells after half of it. */
  readonly kubeLatencyMs: number;
  /** How long Azure works on a write; 0: its reply says that it is done. */
  readonly operationMs: number;
  /** Of lists of Resource Manager. */
  readonly pageSize: number;
  /** `--azure-budget-share` of the operator. */
  readonly share: number;
  /** `--concurrency` of the operator. */
  readonly concurrency: number;
}

export interface Fleet extends FleetSize, FleetConditions {}

export const TENANT = '7e4a11d0-0000-4000-8000-000000000001';
export const CLIENT = 'c11e0000-0000-4000-8000-000000000001';
export const GROUP = 'fleet';

/** As many as there are, the widely used first. */
const REGIONS = 'westeurope northeurope eastus eastus2 westus2 westus3 centralus uksouth francecentral swedencentral';

export function partsOf({ subscriptions, scaleSets, identities, locations }: FleetSize): readonly FleetPart[] {
  const regions = REGIONS.split(' ').slice(0, locations);
  return Array.from({ length: subscriptions }, (_, index) => ({
    subscription: `5ab50000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
    location: regions[index % regions.length] ?? '',
    scaleSets,
    identitiesPerSet: identities,
  }));
}

export const MOST_LOCATIONS = REGIONS.split(' ').length;

/** Of a team, which has a subscription of its own. */
export const namespaceOf = (part: number): string => `team-${part}`;

export const scaleSetNameOf = (index: number): string => `set-${index}`;

export const identityNameOf = (index: number): string => `identity-${index}`;

export const scaleSetIdOf = ({ subscription }: FleetPart, index: number): string =>
  `${groupOf(subscription)}/Microsoft.Compute/virtualMachineScaleSets/${scaleSetNameOf(index)}`;

export const identityIdOf = ({ subscription }: FleetPart, index: number): string =>
  `${groupOf(subscription)}/Microsoft.ManagedIdentity/userAssignedIdentities/${identityNameOf(index)}`;

const groupOf = (subscription: string): string => `/subscriptions/${subscription}/resourceGroups/${GROUP}/providers`;

/** So many, counted from 0. */
export const counted = <T>(count: number, of: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => of(index));
