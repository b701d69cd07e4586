import type { ScaleSet, State, UserAssignedIdentity } from './state.ts';

/** ARM compares ids without regard to case; only A–Z fold, as in an ordinal comparison. */
export function fold(text: string): string {
  // toLowerCase alone is right for ASCII, and much faster; beyond it, it also folds what ARM does not (U+212A to k).
  return isAscii.test(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const isAscii = /^[ -~]*$/;

/** Azure takes `West Europe` for `westeurope`. */
export function foldLocation(location: string): string {
  return fold(location).replaceAll(' ', '');
}

export const scaleSetType = 'Microsoft.Compute/virtualMachineScaleSets';
export const identityType = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** A resource in a group: `/subscriptions/…/resourceGroups/…/providers/<namespace>/<type>/<name>`. */
export interface ResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** `<namespace>/<type>`, folded. */
  readonly type: string;
  readonly name: string;
  /** The whole id, folded. */
  readonly folded: string;
}

export function parseResourceId(id: string): ResourceId | undefined {
  const parts = id.split('/');
  const [root, subscriptions, subscriptionId, groups, resourceGroup, providers, namespace, type, name] = parts;
  if (parts.length !== 9 || root !== '' || fold(subscriptions ?? '') !== 'subscriptions') return undefined;
  if (fold(groups ?? '') !== 'resourcegroups' || fold(providers ?? '') !== 'providers') return undefined;
  if (!subscriptionId || !resourceGroup || !namespace || !type || !name) return undefined;
  return { subscriptionId, resourceGroup, type: fold(`${namespace}/${type}`), name, folded: fold(id) };
}

/** Undefined unless it is the id of a user-assigned identity. */
export function parseIdentityId(id: string): ResourceId | undefined {
  const parsed = parseResourceId(id);
  return parsed?.type === fold(identityType) ? parsed : undefined;
}

interface InGroup {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

export function groupKey(resource: Pick<InGroup, 'resourceGroup' | 'name'>): string {
  return fold(`${resource.resourceGroup}/${resource.name}`);
}

export function scaleSetId(set: InGroup): string {
  return `/subscriptions/${set.subscriptionId}/resourceGroups/${set.resourceGroup}/providers/${scaleSetType}/${set.name}`;
}

/** Microsoft.ManagedIdentity writes `resourcegroups` in lower case, unlike everyone else. */
export function identityId(identity: InGroup): string {
  const { subscriptionId, resourceGroup, name } = identity;
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/${identityType}/${name}`;
}

export function findIdentity(state: State, id: InGroup): UserAssignedIdentity | undefined {
  return state.subscriptions.get(fold(id.subscriptionId))?.identities.get(groupKey(id));
}

export function findScaleSet(state: State, id: InGroup): ScaleSet | undefined {
  return state.subscriptions.get(fold(id.subscriptionId))?.scaleSets.get(groupKey(id));
}
