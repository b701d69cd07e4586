/**
 * Every reason that a binding's conditions and its identities' statuses can show, each with its row.
 *
 * The order of the table decides which reason a binding shows where several apply: an operation in flight, what stops
 * the whole scale set, what only a person can change, then the rest.
 */

/** What `Ready` says; `AsItWas` keeps its status, and is `Unknown` where there was none. */
export type ReadyVerdict = 'True' | 'False' | 'AsItWas';

/**
 * The condition that stands beside `Ready`. `ReconcilingThenStalled` gives what is missing some time to come before it
 * calls for a person.
 */
export type Companion = 'None' | 'Reconciling' | 'Stalled' | 'ReconcilingThenStalled';

export interface ReasonRow {
  readonly ready: ReadyVerdict;
  readonly companion: Companion;
  /** One line: what is the case. */
  readonly meaning: string;
  /** One line: what a person does about it. */
  readonly remedy: string;
}

export const REASONS = {
  // An operation in flight.
  Assigning: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Identities are being attached, or the system-assigned identity is being turned on.',
    remedy: 'Wait; Azure takes seconds to minutes.',
  },
  Detaching: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Identities are being detached, or the system-assigned identity is being turned off.',
    remedy: 'Wait; Azure takes seconds to minutes.',
  },

  // What stops the whole scale set.
  Suspended: {
    ready: 'AsItWas',
    companion: 'None',
    meaning: 'The binding is suspended: nothing is attached or detached for it.',
    remedy: 'Set `suspend: false` to go on.',
  },
  ScaleSetNotFound: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure knows no scale set of this id.',
    remedy:
      'Create the scale set, or delete the binding and create one with the right id; it is bound when it appears.',
  },
  ScaleSetBusy: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Someone else is changing the scale set; nothing is written meanwhile.',
    remedy: 'Wait until that change is done.',
  },
  Throttled: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure asks the operator to wait before it sends more requests.',
    remedy: 'Wait; if it lasts, look for other clients that use up the limits of the subscription.',
  },
  BlockedByForeignIdentity: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure refuses every change, because of an identity on the scale set that the operator did not attach.',
    remedy: 'Remove the broken identity from the scale set; the log of the operator names it.',
  },
  AuthorizationFailed: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'The operator lacks a right in Azure; the message names the action and the scope.',
    remedy: 'Give the operator a role with that action at that scope.',
  },
  BlockedByAdministrator: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'A lock, a deny assignment, an Azure policy or a read-only subscription forbids the change.',
    remedy: 'Have the lock, assignment or policy lifted or narrowed by whoever administers the subscription.',
  },
  CredentialUnavailable: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'The operator gets no token for Azure; the message names issuer, subject and audience.',
    remedy: 'Set up the federated credential or the managed identity of the operator.',
  },
  AzureUnavailable: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure does not answer, or answers with errors of its own.',
    remedy: 'Wait; look at the status page of Azure and at the network of the operator.',
  },
  OperatorMisconfigured: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure refuses the way the operator is set up, for all scale sets alike.',
    remedy: 'Read the log of the operator, and correct its flags: api-version, cloud, tenant.',
  },
  OperationTimedOut: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'An operation did not end in time; nothing is written until the scale set has settled.',
    remedy: 'Look at the activity log of the scale set in Azure.',
  },
  ReadOnly: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Something differs, and the operator runs with `--read-only`.',
    remedy: 'Start the operator without `--read-only` when it shall write again.',
  },

  // What only a person can change; the rest of the binding is still served.
  NotPermitted: {
    ready: 'False',
    companion: 'ReconcilingThenStalled',
    meaning: 'No policy allows this namespace the scale set, an identity, or something else that is declared.',
    remedy: 'Have a cluster administrator apply the VmssIdentityPolicy that the message holds, or declare less.',
  },
  Conflict: {
    ready: 'False',
    companion: 'Stalled',
    meaning: 'Another binding of the scale set declares the opposite, and its declaration wins.',
    remedy: 'Agree on one declaration, and change or delete the other.',
  },
  UnsupportedOrchestrationMode: {
    ready: 'False',
    companion: 'Stalled',
    meaning: 'A scale set of Flexible orchestration takes user-assigned identities only.',
    remedy: 'Set `systemAssigned: Unmanaged`.',
  },
  ExclusiveOnManagedScaleSet: {
    ready: 'False',
    companion: 'Stalled',
    meaning: 'AKS manages the scale set: `mode: Exclusive` could detach what its nodes need, and acts as Additive.',
    remedy: 'Set `mode: Additive`.',
  },
  LedgerFull: {
    ready: 'False',
    companion: 'Stalled',
    meaning: 'So much is declared for the scale set that its ledger has no room for this: others came first.',
    remedy: 'Declare less for the scale set, in this binding or in others; it is served when there is room.',
  },
  Rejected: {
    ready: 'False',
    companion: 'Stalled',
    meaning:
      'Azure rejects the change as it is; it is sent again when the binding, the scale set or an hour changes that.',
    remedy: 'Correct what the message names.',
  },

  // The rest: single bindings and identities, brakes and waits.
  FinalizerRefused: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Kubernetes does not take the finalizer on the binding, without which nothing may be attached for it.',
    remedy: 'Find the admission webhook or policy that refuses it; the log of the operator has what it answered.',
  },
  IdentityRefused: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure refuses an identity, most often because the operator may not assign it.',
    remedy: 'Give the operator the role Managed Identity Operator on the identity; status names which.',
  },
  IdentityMissing: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'An identity that is declared does not exist in Azure.',
    remedy: 'Create it, or take it out of the binding; status names which.',
  },
  OperationFailed: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Azure accepted the change and then failed it; it is tried again.',
    remedy: 'Read the message, and the activity log of the scale set in Azure.',
  },
  Contested: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Someone else keeps removing an identity that is declared; it is attached again ever more slowly.',
    remedy: 'Find the other writer in the activity log of the scale set, and stop it or add the identity there.',
  },
  DetachLimitReached: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'The operator has detached as many identities as `--detach-limit` allows for now.',
    remedy: 'Check that so many detachments are meant; they go on as the limit frees up.',
  },
  StaleIdentity: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'An identity was deleted and created again under the same name: the scale set still has the old one.',
    remedy: 'Set `staleIdentities: Reattach`, or detach and attach the identity by hand.',
  },
  ExclusiveWaiting: {
    ready: 'False',
    companion: 'Reconciling',
    meaning: 'Identities that no binding declares are about to be detached; `status.plan` lists them.',
    remedy: 'Wait, or declare the ones that must stay before the delay is over.',
  },

  // All is well.
  WouldChange: {
    ready: 'True',
    companion: 'None',
    meaning: 'The binding only observes; `status.plan` says what would be done.',
    remedy: 'Set `managementPolicy: Manage` to have it done.',
  },
  InSync: {
    ready: 'True',
    companion: 'None',
    meaning: 'The binding only observes, and nothing would be done.',
    remedy: 'Nothing.',
  },
  Assigned: {
    ready: 'True',
    companion: 'None',
    meaning: 'The scale set has everything that the binding declares.',
    remedy: 'Nothing.',
  },
} as const satisfies Readonly<Record<string, ReasonRow>>;

export type Reason = keyof typeof REASONS;

/** All reasons, the one that is shown first. */
export const REASONS_IN_ORDER: readonly Reason[] = Object.keys(REASONS) as Reason[];

/** The row of a reason. */
export function rowOf(reason: Reason): ReasonRow {
  return REASONS[reason];
}

/** Whether a word, as read from a status, is one of the reasons. */
export function isReason(word: string): word is Reason {
  return Object.hasOwn(REASONS, word);
}

/** Sorts before `other` what a binding shows rather than it: negative, zero or positive as for `Array.prototype.sort`. */
export function compareReasons(reason: Reason, other: Reason): number {
  return REASONS_IN_ORDER.indexOf(reason) - REASONS_IN_ORDER.indexOf(other);
}

/** The reason that a binding shows of all that apply to it; undefined where none does. */
export function decidingReason(reasons: Iterable<Reason>): Reason | undefined {
  return [...reasons].toSorted(compareReasons)[0];
}
