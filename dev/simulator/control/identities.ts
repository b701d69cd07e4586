import { createIdentity, deleteIdentity } from '../arm/user-assigned.ts';
import { findIdentity, fold, parseIdentityId, type ResourceId } from '../resource-id.ts';
import type { State } from '../state.ts';
import { ControlError } from './lookup.ts';
import { type IdentitySnapshot, snapshotIdentity } from './snapshot.ts';

export function createNamedIdentity(state: State, id: string): IdentitySnapshot {
  const parsed = requireIdentityId(id);
  if (findIdentity(state, parsed) !== undefined) throw new ControlError(`${id} is there already`);
  const group = state.subscriptions.get(fold(parsed.subscriptionId))?.resourceGroups.get(fold(parsed.resourceGroup));
  if (group === undefined) throw new ControlError(`there is no resource group for ${id}`);
  const { subscriptionId, name } = parsed;
  createIdentity(state, { subscriptionId, resourceGroup: group.name, name, location: group.location });
  return snapshotIdentity(state, id);
}

export function deleteNamedIdentity(state: State, id: string, nowMs: number): void {
  const identity = findIdentity(state, requireIdentityId(id));
  if (identity === undefined) throw new ControlError(`there is no user-assigned identity ${id}`);
  deleteIdentity(state, identity, nowMs);
}

function requireIdentityId(id: string): ResourceId {
  const parsed = parseIdentityId(id);
  if (parsed === undefined) throw new ControlError(`${id} is not the id of a user-assigned identity`);
  return parsed;
}
