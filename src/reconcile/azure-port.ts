/**
 * What a pass needs of Azure. `azure/` implements it over HTTP; nothing else in `src/` knows a status code of Azure's.
 *
 * Contract of every call: it never throws for what Azure or the network does, it answers with a {@link Failure} whose
 * `kind` decides what happens next; it throws only when `signal` is aborted (the pass is over) or on a programming error.
 */
import type { IdentityId, ScaleSetId } from '../identity/arm-id.ts';
import type { IdentityPatch, LiveScaleSet, UserAssignedIdentity } from '../identity/scale-set.ts';

/** How a failure is handled; the table of it is `azure/errors.ts`. */
export type FailureKind =
  /** Azure refuses identities of this very request: they are gone, or the operator may not assign them. */
  | 'identityRefused'
  /** Azure refuses because of an identity on the scale set that is not in the request. */
  | 'blockedByForeignIdentity'
  /** The resource (scale set, group, identity) is not there. */
  | 'notFound'
  /** Another operation runs on the scale set, or it is being deleted. */
  | 'busy'
  /** If-Match did not hold: someone changed the scale set since it was read. */
  | 'changedUnderneath'
  | 'throttled'
  /** A lock, a deny assignment, a policy or a read-only subscription. */
  | 'blockedByAdministrator'
  /** The operator lacks a right at the scope. */
  | 'notAuthorised'
  /** No token could be had, or it is not accepted. */
  | 'credential'
  /** The operator is set up wrongly: api-version, tenant. */
  | 'operatorMisconfigured'
  /** 5xx, resets, time-outs, unreadable replies. */
  | 'transient'
  /** Any other refusal of the request as it is. */
  | 'rejected';

export interface Failure {
  readonly kind: FailureKind;
  /** Azure's error code, or the name of a network error. Short, without secrets. */
  readonly code: string;
  /** A sentence for people, rendered from what was classified: never raw Azure text, never another tenant's ids. */
  readonly message: string;
  /** Ids that the refusal names (`identityRefused`: of this request; `blockedByForeignIdentity`: others). */
  readonly identityIds: readonly string[];
  /** The action that was refused, where Azure names it. */
  readonly action?: string;
  /** How long Azure asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Of `throttled`: the policy whose limit was reached, by Azure's name of it, where Azure tells. */
  readonly throttledPolicy?: string;
  /** `x-ms-request-id`, for a support case. */
  readonly requestId?: string;
  /**
   * True when the request certainly had no effect: Azure answered it with a 4xx other than 408 and 429, or it was never
   * sent. False when the outcome is unknown (reset, time-out, 5xx): read before the next write.
   */
  readonly hadNoEffect: boolean;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** A long-running operation that Azure accepted. The link lives in memory only: it is signed, and never logged. */
export interface OperationHandle {
  readonly link: string;
  readonly via: 'azureAsyncOperation' | 'location';
  /** The wait Azure asked for before the next look, in milliseconds. */
  readonly retryAfterMs?: number;
}

export type WriteReply =
  /** The reply already says `Succeeded`: it counts as a GET. */
  | { readonly state: 'done'; readonly scaleSet: LiveScaleSet }
  /** Accepted; poll `operation`, or the scale set's provisioningState when there is none. */
  | { readonly state: 'accepted'; readonly operation?: OperationHandle };

export type OperationStatus =
  | { readonly state: 'running'; readonly operation: OperationHandle }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly failure: Failure }
  /** Azure no longer knows the operation: read the scale set. */
  | { readonly state: 'unknown' };

/** Reads and writes of Azure, each with a time limit of its own. */
export interface AzurePort {
  getScaleSet(id: ScaleSetId, signal: AbortSignal): Promise<Result<LiveScaleSet>>;

  /**
   * Sends one PATCH of the identity under If-Match.
   * @param etag of the read that the patch was planned from
   */
  patchIdentity(id: ScaleSetId, patch: IdentityPatch, etag: string, signal: AbortSignal): Promise<Result<WriteReply>>;

  /**
   * Looks once at an operation.
   * @param requestIds the identities the write carried, to tell a refusal of one of them from a foreign one
   */
  pollOperation(
    operation: OperationHandle,
    requestIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<OperationStatus>>;

  getIdentity(id: IdentityId, signal: AbortSignal): Promise<Result<UserAssignedIdentity>>;

  /** Whether the operator holds `assign/action` on the identity, from its effective permissions. */
  mayAssign(id: IdentityId, signal: AbortSignal): Promise<Result<boolean>>;

  /** Every scale set of a subscription that the operator may list, all pages. Absence from it proves nothing. */
  listScaleSets(subscriptionId: string, signal: AbortSignal): Promise<Result<readonly LiveScaleSet[]>>;

  /** The `oid` of the operator's ARM token: the principal id that is never attached or detached. */
  ownPrincipalId(signal: AbortSignal): Promise<Result<string>>;
}
