import { dropSurplus } from '../arm/instances.ts';
import { noteChange } from '../arm/lagging-lists.ts';
import { preempt } from '../arm/operations.ts';
import { preciseTime } from '../arm/times.ts';
import { nextGuid } from '../guids.ts';
import { findIdentity, fold, groupKey, parseIdentityId } from '../resource-id.ts';
import type { AssignedIdentity, ProvisioningState, ScaleSet, State } from '../state.ts';
import { ControlError } from './lookup.ts';

/** What others do to a scale set, and Azure to its spelling. */
export type Drift =
  /** An AKS upgrade drops what it does not know. Without ids: all user-assigned identities. */
  | { readonly kind: 'Strip'; readonly identities?: readonly string[] }
  /** A person attaches identities by hand. */
  | { readonly kind: 'Attach'; readonly identities: readonly string[] }
  | { readonly kind: 'EnableSystemAssigned' }
  | { readonly kind: 'DisableSystemAssigned' }
  /** The keys come back in another spelling. */
  | { readonly kind: 'Recase'; readonly to: 'lower' | 'upper' | 'resourcegroups' }
  /** An extension fails, or someone else's update runs. */
  | { readonly kind: 'ProvisioningState'; readonly state: Exclude<ProvisioningState, 'Creating'> }
  /** Instances come or go. */
  | { readonly kind: 'Scale'; readonly capacity: number }
  /** Gone, without an operation. */
  | { readonly kind: 'Remove' };

export function drift(state: State, set: ScaleSet, change: Drift, nowMs: number): void {
  apply(state, set, change);
  // Azure's respelling of keys is not a write.
  if (change.kind !== 'Recase') set.etag += 1;
  noteChange(state, set, nowMs);
}

function apply(state: State, set: ScaleSet, change: Drift): void {
  const { userAssigned, systemAssigned } = set.identity;
  switch (change.kind) {
    case 'Strip':
      if (change.identities === undefined) userAssigned.clear();
      for (const id of change.identities ?? []) userAssigned.delete(fold(id));
      return;
    case 'Attach':
      for (const id of change.identities) userAssigned.set(fold(id), attached(state, id));
      return;
    case 'EnableSystemAssigned':
      set.identity = { userAssigned, systemAssigned: systemAssigned ?? { principalId: nextGuid(state.guids) } };
      return;
    case 'DisableSystemAssigned':
      set.identity = { userAssigned, systemAssigned: undefined };
      return;
    case 'Recase':
      for (const entry of userAssigned.values()) entry.key = recase(entry.key, change.to);
      return;
    case 'ProvisioningState':
      set.provisioningState = change.state;
      return;
    case 'Scale':
      set.sku = { ...set.sku, capacity: change.capacity };
      dropSurplus(set);
      return;
    case 'Remove':
      state.subscriptions.get(fold(set.subscriptionId))?.scaleSets.delete(groupKey(set));
  }
}

function attached(state: State, id: string): AssignedIdentity {
  const parsed = parseIdentityId(id);
  const identity = parsed === undefined ? undefined : findIdentity(state, parsed);
  if (identity === undefined) throw new ControlError(`there is no user-assigned identity ${id}`);
  return { key: id, ids: { principalId: identity.principalId, clientId: identity.clientId }, orphaned: false };
}

function recase(key: string, to: 'lower' | 'upper' | 'resourcegroups'): string {
  if (to === 'lower') return key.toLowerCase();
  return to === 'upper' ? key.toUpperCase() : key.replace(/\/resourcegroups\//i, '/resourcegroups/');
}

export function replaceScaleSet(state: State, set: ScaleSet, nowMs: number): void {
  preempt(state, set, nowMs);
  const { userAssigned, systemAssigned } = set.identity;
  const successor: ScaleSet = {
    ...set,
    uniqueId: nextGuid(state.guids),
    timeCreated: preciseTime(nowMs),
    etag: 1,
    provisioningState: 'Succeeded',
    operationId: undefined,
    instances: undefined,
    identity: {
      systemAssigned: systemAssigned === undefined ? undefined : { principalId: nextGuid(state.guids) },
      userAssigned: new Map([...userAssigned].map(([id, entry]) => [id, { ...entry }])),
    },
  };
  const sets = state.subscriptions.get(fold(set.subscriptionId))?.scaleSets;
  sets?.delete(groupKey(set));
  noteChange(state, set, nowMs);
  sets?.set(groupKey(successor), successor);
  noteChange(state, successor, nowMs);
}
