/** What a scale set and its identity look like, whatever api-version they were read with. */
import type { ArmKey } from './arm-id.ts';

/** A user-assigned identity as it stands on a scale set. */
export interface LiveUserAssigned {
  /** The key's spelling on the scale set; sent back unchanged when it is detached. */
  readonly resourceId: string;
  /** Absent while an operation runs, when the identity is gone, and in the array shape. */
  readonly principalId?: string;
  /** Absent while an operation runs, when the identity is gone, and in the array shape. */
  readonly clientId?: string;
}

/** The whole identity of a scale set. */
export interface LiveIdentity {
  /** Absent when it has no system-assigned identity. */
  readonly systemAssigned?: { readonly principalId?: string; readonly tenantId?: string };
  readonly userAssigned: ReadonlyMap<ArmKey, LiveUserAssigned>;
}

export type OrchestrationMode = 'Uniform' | 'Flexible';

/** One read of a scale set. */
export interface LiveScaleSet {
  readonly resourceId: string;
  readonly key: ArmKey;
  readonly name: string;
  readonly location: string;
  /** Absent before api-version 2020-12-01. */
  readonly orchestrationMode?: OrchestrationMode;
  /** `properties.uniqueId`: another one under the same id is another scale set. Absent where Azure does not say. */
  readonly uniqueId?: string;
  /** What tells this state of the scale set from others; see `namesOnly`. Absent where Azure does not say. */
  readonly etag?: string;
  /**
   * Present in the array shape (api-version 2017-12-01), which shows which identities there are and no more: whether one
   * works, only the identity itself tells; nothing guards a write, and `etag` is made up from the identities shown.
   */
  readonly namesOnly?: true;
  /** `Succeeded`, `Updating`, `Failed`, `Deleting`, …, as Azure spells it. */
  readonly provisioningState: string;
  /** Names of the scale set's tags. */
  readonly tagNames: readonly string[];
  readonly identity: LiveIdentity;
}

/** A user-assigned identity as Microsoft.ManagedIdentity shows it. */
export interface UserAssignedIdentity {
  readonly resourceId: string;
  readonly key: ArmKey;
  readonly principalId: string;
  readonly clientId: string;
  readonly tenantId?: string;
  readonly location?: string;
  /** `isolationScope: Regional`: it can be assigned only in its own region. */
  readonly isRegional?: boolean;
  /** `assignmentRestrictions`: it can be assigned only to resources of these providers or types. Absent: to any. */
  readonly allowedProviders?: readonly string[];
}

/** States in which no operation is under way on the scale set. */
export function isTerminal(provisioningState: string): boolean {
  return provisioningState === 'Succeeded' || provisioningState === 'Failed' || provisioningState === 'Canceled';
}

/** A read that shows no identity at all; never believed alone. */
export function hasNoIdentity(identity: LiveIdentity): boolean {
  return identity.systemAssigned === undefined && identity.userAssigned.size === 0;
}

/** What is sent as `identity` of a PATCH in the dictionary shape (api-version ≥ 2018-06-01). */
export interface IdentityPatch {
  readonly type: IdentityType;
  /** The delta only: `{}` attaches, `null` detaches. Present only when `type` includes user-assigned identities. */
  readonly userAssignedIdentities?: Readonly<Record<string, Readonly<Record<string, never>> | null>>;
}

export type IdentityType = 'None' | 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';
