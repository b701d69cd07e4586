/**
 * The sentences people read about a failure: what is the matter and what to do. They are made from what was classified
 * alone. A message reaches the status of every binding of the scale set, so it holds no identity's id and no text of Azure's.
 */
import { ASSIGN_IDENTITY } from '../identity/azure-actions.ts';
import type { FailureKind } from '../reconcile/azure-port.ts';
import { isAssign } from './refusal.ts';

export interface Circumstance {
  readonly kind: FailureKind;
  readonly code: string;
  /** The resource that was asked about. */
  readonly scope: string;
  readonly action?: string | undefined;
  readonly identityIds: readonly string[];
}

/** One sentence or two, without a line break. */
export function messageFor(circumstance: Circumstance): string {
  return byCode(circumstance) ?? byKind(circumstance);
}

function byCode({ kind, code, scope, action, identityIds }: Circumstance): string | undefined {
  switch (`${kind} ${code.toLowerCase()}`) {
    case 'notFound resourcegroupnotfound':
      return `${scope} does not exist: its resource group is not there.`;
    case 'notAuthorised subscriptionnotfound':
      return `Azure shows the operator no such subscription as that of ${scope}: it does not exist, belongs to another tenant, or the operator has no role in it.`;
    case 'notAuthorised linkedauthorizationfailed':
      return `The change of ${scope} also needs ${action === undefined ? 'a right' : `the right '${action}'`} on a resource that the scale set refers to; grant it to the operator.`;
    case 'identityRefused linkedauthorizationfailed':
      return action === undefined
        ? `Azure does not let the operator assign ${some(identityIds)} of its request: the subscription is another tenant's or not there, or the operator has no right to ${ASSIGN_IDENTITY} in it.`
        : undefined;
    case 'notAuthorised http403':
      return `Requests about ${scope} are refused without a word of Azure's (HTTP403); check the proxies and firewalls on the way to it, then the operator's role assignments.`;
    case 'blockedByAdministrator scopelocked':
      return `A read-only lock covers ${scope}; remove the lock, or wait for its owner to.`;
    case 'blockedByAdministrator denyassignmentauthorizationfailed':
      return `A deny assignment keeps the operator from changing ${scope}; exempt the operator from it.`;
    case 'blockedByAdministrator requestdisallowedbypolicy':
      return `An Azure Policy forbids the change of ${scope}; exempt the scale set, or change the policy.`;
    case 'blockedByAdministrator readonlydisabledsubscription':
      return `The subscription of ${scope} is disabled and read-only; its owner must enable it again.`;
    case 'blockedByAdministrator missingsubscriptionregistration':
      return `The subscription of ${scope} is not registered with a resource provider that the change needs; register Microsoft.Compute and Microsoft.ManagedIdentity.`;
    case 'operatorMisconfigured noregisteredproviderfound':
      return "Azure does not serve the operator's api-version for this resource and location; check --arm-api-version and --cloud.";
    case 'operatorMisconfigured invalidauthenticationtokentenant':
      return "The operator's token is of another tenant than the subscription; check the tenant of its credential.";
    default:
      return undefined;
  }
}

function byKind({ kind, code, scope, action, identityIds }: Circumstance): string {
  switch (kind) {
    case 'identityRefused':
      return code.toLowerCase() === 'linkedauthorizationfailed' || isAssign(action)
        ? `Azure does not let the operator assign ${some(identityIds)} of its request: deleted, or the operator has no right to ${ASSIGN_IDENTITY} there (role Managed Identity Operator).`
        : `Azure cannot assign ${some(identityIds)} of the request (${code}): probably deleted.`;
    case 'blockedByForeignIdentity':
      return `Azure refuses to change ${scope} because of ${count(identityIds)} on it that nobody asked to change now, most likely deleted; take them off the scale set.`;
    case 'notFound':
      return `${scope} does not exist (${code}).`;
    case 'busy':
      return `Another operation holds ${scope} (${code}); it is tried again when that is over.`;
    case 'changedUnderneath':
      return `${scope} was changed by someone else since it was read; it is read again.`;
    case 'throttled':
      return `Azure limits the rate of requests (${code}); the operator waits.`;
    case 'queued':
      return "The operator waits for its turn under Azure's limits.";
    case 'blockedByAdministrator':
      return `An administrator's setting blocks the change of ${scope} (${code}).`;
    case 'notAuthorised':
      return action === undefined
        ? `The operator lacks a right on ${scope} (${code}); check its role assignments.`
        : `The operator lacks the right '${action}' on ${scope} (${code}); grant a role that has it.`;
    case 'credential':
      return `Azure does not accept the operator's token (${code}); check its tenant, its audience (--arm-audience, --cloud) and the clock of the node.`;
    case 'operatorMisconfigured':
      return `Azure refuses how the operator is set up (${code}); check --arm-api-version, --cloud and its tenant.`;
    case 'transient':
      return `Azure could not be asked about ${scope} just now (${code}); it is tried again.`;
    case 'rejected':
      return `Azure rejects the change of ${scope} as it is (${code}).`;
  }
}

function some(identityIds: readonly string[]): string {
  return identityIds.length === 0 ? 'an unnamed identity' : count(identityIds);
}

function count(identityIds: readonly string[]): string {
  if (identityIds.length === 0) return 'an identity';
  return identityIds.length === 1 ? '1 identity' : `${String(identityIds.length)} identities`;
}
