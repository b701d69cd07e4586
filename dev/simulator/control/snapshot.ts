import { findIdentity, identityId, parseIdentityId, scaleSetId } from '../resource-id.ts';
import type { OrchestrationMode, ProvisioningState, ScaleSet, State } from '../state.ts';
import { ControlError } from './lookup.ts';

/** A scale set as it is, whatever an api-version makes of it. */
export interface ScaleSetSnapshot {
  readonly id: string;
  readonly location: string;
  readonly orchestrationMode: OrchestrationMode;
  readonly uniqueId: string;
  readonly etag: number;
  readonly provisioningState: ProvisioningState;
  readonly operationId: string | undefined;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly sku: Readonly<Record<string, unknown>>;
  readonly systemAssigned: { readonly principalId: string } | undefined;
  readonly userAssigned: readonly AssignedIdentitySnapshot[];
}

export interface AssignedIdentitySnapshot {
  /** As it was spelled when it was assigned. */
  readonly id: string;
  /** Undefined while the operation that attached it runs, and after it failed. */
  readonly principalId: string | undefined;
  readonly clientId: string | undefined;
  /** The identity was deleted, or recreated, after it was assigned. */
  readonly orphaned: boolean;
}

export interface IdentitySnapshot {
  readonly id: string;
  readonly principalId: string;
  readonly clientId: string;
  readonly tenantId: string;
}

export interface Snapshot {
  readonly scaleSets: readonly ScaleSetSnapshot[];
  readonly identities: readonly IdentitySnapshot[];
  readonly principals: readonly { readonly name: string; readonly clientId: string; readonly objectId: string }[];
}

export function snapshot(state: State): Snapshot {
  const subscriptions = [...state.subscriptions.values()];
  const identities = subscriptions.flatMap((subscription) => [...subscription.identities.values()]);
  return {
    scaleSets: subscriptions.flatMap(({ scaleSets }) => [...scaleSets.values()].map((set) => snapshotScaleSet(set))),
    identities: identities.map((identity) => snapshotIdentity(state, identityId(identity))),
    principals: [...state.principals.values()].map(({ name, clientId, objectId }) => ({ name, clientId, objectId })),
  };
}

export function snapshotScaleSet(set: ScaleSet): ScaleSetSnapshot {
  return {
    id: scaleSetId(set),
    location: set.location,
    orchestrationMode: set.orchestrationMode,
    uniqueId: set.uniqueId,
    etag: set.etag,
    provisioningState: set.provisioningState,
    operationId: set.operationId,
    tags: set.tags ?? {},
    sku: set.sku,
    systemAssigned: set.identity.systemAssigned,
    userAssigned: [...set.identity.userAssigned.values()].map(({ key, ids, orphaned }) => ({
      id: key,
      principalId: ids?.principalId,
      clientId: ids?.clientId,
      orphaned,
    })),
  };
}

export function snapshotIdentity(state: State, id: string): IdentitySnapshot {
  const parsed = parseIdentityId(id);
  const identity = parsed === undefined ? undefined : findIdentity(state, parsed);
  if (identity === undefined) throw new ControlError(`there is no user-assigned identity ${id}`);
  const { principalId, clientId, tenantId } = identity;
  return { id: identityId(identity), principalId, clientId, tenantId };
}
