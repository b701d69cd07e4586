/**
 * What a pass needs of Azure. `azure/` implements it over HTTP; nothing else in `src/` knows a status code of Azure's.
 *
 * Contract of every call: it never throws for what Azure or the network does, it answers with a {@link Failure} whose
 * `kind` decides what happens next; it throws only when `signal` is aborted (the pass is over) or on a programming error.
 * It never waits for a turn under Azure's limits: it answers `queued` at once.
 */
import type { IdentityId, ScaleSetId } from '../identity/arm-id.ts';
import type { IdentityPatch, LiveScaleSet, UserAssignedIdentity } from '../identity/scale-set.ts';
import type { Logger } from '../telemetry/logger.ts';

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
  /** Its turn under Azure's limits has not come yet, so nothing was sent: no failure, but a time to come again. */
  | 'queued'
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
  /**
   * How long Azure asks to wait, in milliseconds; of `throttled` and `queued` exactly when the request has its turn, which
   * is kept for a while for whoever comes then.
   */
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
  /** The reply already says `Succeeded`: it counts as a GET. Without a scale set it does not: nothing guarded the write. */
  | { readonly state: 'done'; readonly scaleSet?: LiveScaleSet }
  /** Accepted; poll `operation`, or the scale set's provisioningState when there is none. */
  | { readonly state: 'accepted'; readonly operation?: OperationHandle };

export type OperationStatus =
  | { readonly state: 'running'; readonly operation: OperationHandle }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly failure: Failure }
  /** Azure no longer knows the operation: read the scale set. */
  | { readonly state: 'unknown' };

/** What is listed: everything of a kind in a subscription, or in one of its resource groups. */
export interface ListScope {
  readonly subscriptionId: string;
  readonly resourceGroup?: string;
}

/** Where a list goes on. Opaque, of use to the list that gave it alone, and never logged: it may be signed. */
export type ListCursor = string & { readonly listCursor: unique symbol };

export type ListPage<T> =
  | {
      readonly state: 'page';
      readonly entries: readonly T[];
      /** Absent on the last page. */
      readonly next?: ListCursor;
    }
  /** Azure does not take the cursor any more: the list has to begin anew. */
  | { readonly state: 'expired' };

/** Reads and writes of Azure, each with a time limit of its own. */
export interface AzurePort {
  getScaleSet(id: ScaleSetId, signal: AbortSignal): Promise<Result<LiveScaleSet>>;

  /**
   * Sends one PATCH of the identity under If-Match. Where nothing guards a write (`namesOnly`), the scale set is read once
   * more right before, and nothing is sent unless it is at rest and as it was: `busy`, `changedUnderneath`.
   * @param etag of the read that the patch was planned from
   */
  patchIdentity(id: ScaleSetId, patch: IdentityPatch, etag: string, signal: AbortSignal): Promise<Result<WriteReply>>;

  /**
   * Asks for the turn of a write, before anything is put on record for it; undefined when it may go, and it goes without
   * asking then for a while. Else a failure of kind `queued`; where nothing is ever written, `rejected`.
   * @param identities how many user-assigned identities it will carry
   */
  placeForWrite(id: ScaleSetId, identities: number): Failure | undefined;

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

  /**
   * One page of the scale sets that the operator may see. A page that failed can be asked for again. Azure leaves out
   * what the operator has no rights to, and may lag behind: absence proves nothing.
   * @param cursor of the page before; undefined for the first
   */
  listScaleSets(
    scope: ListScope,
    cursor: ListCursor | undefined,
    signal: AbortSignal,
  ): Promise<Result<ListPage<LiveScaleSet>>>;

  /** One page of the user-assigned identities that the operator may see; as {@link AzurePort.listScaleSets}. */
  listIdentities(
    scope: ListScope,
    cursor: ListCursor | undefined,
    signal: AbortSignal,
  ): Promise<Result<ListPage<UserAssignedIdentity>>>;

  /** The `oid` of the operator's ARM token: the principal id that is never attached or detached. */
  ownPrincipalId(signal: AbortSignal): Promise<Result<string>>;

  /** The same Azure, with its lines in another log: that of a pass, whose id each of them then has. */
  loggingTo(log: Pick<Logger, 'debug' | 'info' | 'warn'>): AzurePort;
}
