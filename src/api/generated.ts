/**
 * Spec and status of the kinds, as the API server returns them: fields with a default are always there.
 *
 * Generated from crds/ by `node dev/generate/api-types.ts`; do not edit.
 */

/** The scale set. It cannot be changed; to move a binding, delete it and create another. */
export interface ScaleSetReference {
  /**
   * Resource id of the scale set, in any letter case:
   * `/subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachineScaleSets/<name>`.
   */
  readonly resourceId: string;
}

/** A user-assigned identity that the scale set must have. */
export interface DeclaredIdentity {
  /**
   * Resource id of the identity, in any letter case:
   * `/subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<name>`.
   */
  readonly resourceId: string;
  /**
   * Take over this identity if someone else attached it; it is then taken back with the binding. Needs a policy that
   * allows it.
   */
  readonly adopt: boolean;
}

/** What is wanted. */
export interface VmssIdentityBindingSpec {
  readonly scaleSet: ScaleSetReference;
  /**
   * Whether the scale set has a system-assigned identity. `Unmanaged` leaves it as it is. Where bindings of one scale set
   * disagree, `Enabled` wins. Needs a policy that allows it.
   */
  readonly systemAssigned: 'Enabled' | 'Disabled' | 'Unmanaged';
  /**
   * The user-assigned identities that the scale set must have. Those of several bindings of one scale set add up. An
   * identity taken out of the list is detached, if it was attached for a binding and no other binding declares it.
   */
  readonly userAssigned: readonly DeclaredIdentity[];
  /**
   * `Additive` never touches what others attached. `Exclusive` detaches every user-assigned identity that no binding of
   * the scale set declares; it needs a policy that allows it.
   */
  readonly mode: 'Additive' | 'Exclusive';
  /**
   * What happens to the identities when the binding is deleted. `Detach` takes back what was attached for it, unless
   * another binding declares it; `Retain` leaves them attached.
   */
  readonly deletionPolicy: 'Detach' | 'Retain';
  /** `Observe` writes nothing to Azure, and says in `status.plan` what would be done. */
  readonly managementPolicy: 'Manage' | 'Observe';
  /**
   * What happens to an identity that was deleted and created again under the same name, and no longer works. `Reattach`
   * detaches and attaches it, if it was attached for a binding; pods lose it for that time.
   */
  readonly staleIdentities: 'Report' | 'Reattach';
  /** Freeze the binding: nothing is attached or detached for it. Deleting it while suspended leaves Azure as it is. */
  readonly suspend: boolean;
}

/** One aspect of how it stands. */
export interface Condition {
  /** Which aspect, `Ready`, `Reconciling` or `Stalled`. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** The generation of the spec that this condition speaks of. */
  readonly observedGeneration?: number;
  /** When `status` last changed. */
  readonly lastTransitionTime: string;
  /** Why, in one word; the documentation lists each with what to do. */
  readonly reason: string;
  /** Why, in a sentence, and what to do. */
  readonly message: string;
}

/** What Azure says of the scale set. */
export interface ScaleSetStatus {
  /** Name of the scale set. */
  readonly name: string;
  /** How its instances are managed. Flexible takes user-assigned identities only. */
  readonly orchestrationMode?: 'Uniform' | 'Flexible';
  /** Azure region. */
  readonly location?: string;
}

/** The scale set's system-assigned identity. */
export interface SystemAssignedStatus {
  /** `Enabled` and `Disabled` are as Azure has it; `Enabling` and `Disabling` while the operator turns it on or off. */
  readonly state: 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling';
  /** Object id of its service principal, for role assignments. */
  readonly principalId?: string;
  /** The Entra tenant it belongs to. */
  readonly tenantId?: string;
}

/** How one user-assigned identity stands. */
export interface IdentityStatus {
  /** Resource id of the identity, as declared. */
  readonly resourceId: string;
  /**
   * `Pending`: wanted, not yet on the scale set. `Assigned`: works. `Failed`: Azure did not attach it. `Missing`: it does
   * not exist. `NotAuthorised`: the operator may not assign it. `NotPermitted`: no policy allows it. `Stale`: it was
   * created again under the same name. `Detaching`: on its way out.
   */
  readonly state:
    'Pending' | 'Assigned' | 'Failed' | 'Missing' | 'NotAuthorised' | 'NotPermitted' | 'Stale' | 'Detaching';
  /** Object id of its service principal, for role assignments. */
  readonly principalId?: string;
  /** Client id, by which a pod asks for a token of this identity. */
  readonly clientId?: string;
  /**
   * Whether the operator attached or adopted it, and therefore takes it back; `false` also for one that is not attached
   * at all.
   */
  readonly attachedByUs: boolean;
  /** Why it is in this state; the same words as the conditions' reasons. */
  readonly reason?: string;
  /** Why, in a sentence, and what to do. */
  readonly message?: string;
  /** When `state` last changed. */
  readonly lastTransitionTime: string;
  /** Before this time the operator does not try again by itself. */
  readonly nextAttemptTime?: string;
}

/**
 * What would be done, as far as this binding declares it or no other namespace does. Present with `managementPolicy:
 * Observe`, and while `mode: Exclusive` waits before it detaches.
 */
export interface PlanStatus {
  /** Kinds of identity that the scale set would then have, as Azure names them. */
  readonly type: 'None' | 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';
  /** Resource ids of the identities that would be attached. */
  readonly attach: readonly string[];
  /** Resource ids of the identities that would be detached. */
  readonly detach: readonly string[];
  /** What the change would mean for what runs on the nodes. */
  readonly warnings: readonly string[];
  /**
   * Body of the PATCH that would be sent, as JSON; of the first, where more than 150 identities need several. Absent
   * where nothing would change, and where it would name what others declare.
   */
  readonly request?: string;
}

/** How it stands, written by the operator. */
export interface VmssIdentityBindingStatus {
  /** The generation of the spec that this status speaks of; -1 before the first look. */
  readonly observedGeneration: number;
  /**
   * `Ready` says whether the scale set has what is declared. `Reconciling` is present, and True, while the operator works
   * on it or waits for something that may come; `Stalled` while a person has to act.
   */
  readonly conditions?: readonly Condition[];
  readonly scaleSet?: ScaleSetStatus;
  readonly systemAssigned?: SystemAssignedStatus;
  /** How each identity stands that this binding declares, or that is still attached for it. */
  readonly userAssigned?: readonly IdentityStatus[];
  /** User-assigned identities assigned, of those declared, such as `3/3`. */
  readonly summary?: string;
  /**
   * How many user-assigned identities the scale set has that no binding declares. The ledger of the scale set (`kubectl
   * get vil`) names them.
   */
  readonly foreignCount?: number;
  readonly plan?: PlanStatus;
  /** Value of the annotation `reconcile.vmss-identity.dev/requested-at` that was last acted on. */
  readonly lastHandledReconcileAt?: string;
}

/** A binding that something was done for. */
export interface LedgerMember {
  /** Namespace of the binding. */
  readonly namespace: string;
  /** Name of the binding. */
  readonly name: string;
  /** Uid of the binding; one of the same name and another uid is another binding. */
  readonly uid: string;
}

/** An identity that the operator attached, or is about to attach. */
export interface LedgerEntry {
  /** Resource id of the identity. */
  readonly resourceId: string;
  /**
   * `Attaching` and `Detaching` are written before Azure is asked, and settled when Azure has been seen to have done it.
   * `Reattaching` is an attached identity that is being detached and attached again.
   */
  readonly phase: 'Attaching' | 'Attached' | 'Detaching' | 'Reattaching';
  /** When the entry took this phase. */
  readonly since: string;
  /**
   * When it was last begun to detach the identity and attach it again, because it had been created again under the same
   * name. That is done at most once in 24 hours.
   */
  readonly reattachedAt?: string;
  /** The bindings that it was attached for. */
  readonly for: readonly LedgerMember[];
}

/** Present when the operator turned on the system-assigned identity, or is about to. */
export interface LedgerSystemAssigned {
  /** How far that is; `Enabling` and `Disabling` are written before Azure is asked. */
  readonly phase: 'Enabling' | 'Enabled' | 'Disabling';
  /** When it took this phase. */
  readonly since: string;
  /** The bindings that it was turned on for. */
  readonly for: readonly LedgerMember[];
}

/** How it failed; absent while it runs. */
export interface LedgerError {
  /** Azure's error code. */
  readonly code: string;
  /** What it means, in a sentence. */
  readonly message: string;
}

/** The last operation of the operator on this scale set, while something of it is still to be settled. */
export interface LedgerOperation {
  /** When it was sent to Azure. */
  readonly startedAt: string;
  readonly lastError?: LedgerError;
}

/**
 * Identities about to be detached for `mode: Exclusive`, once the list has stood unchanged for the operator's
 * `--exclusive-delay`.
 */
export interface LedgerWait {
  /** Resource ids of the identities. */
  readonly detach: readonly string[];
  /** Since when the list has stood. */
  readonly since: string;
  /** The scale set's bindings as they were then, each as `uid/generation`; any change starts the wait anew. */
  readonly bindings: readonly string[];
}

/** What was done. */
export interface VmssIdentityLedgerSpec {
  /** Resource id of the scale set. */
  readonly scaleSetId: string;
  /**
   * `properties.uniqueId` of the scale set. Another one under the same id is another scale set, and everything in this
   * ledger is void.
   */
  readonly uniqueId?: string;
  /** The identities that the operator attached, or is about to attach. */
  readonly entries: readonly LedgerEntry[];
  readonly systemAssigned?: LedgerSystemAssigned;
  readonly operation?: LedgerOperation;
  readonly exclusive?: LedgerWait;
  /**
   * User-assigned identities on the scale set that no binding declares and the operator did not attach, for the platform
   * team's eyes.
   */
  readonly foreign: readonly string[];
}

/** What is allowed, to whom, and what is never detached. */
export interface VmssIdentityPolicySpec {
  /** Names of the namespaces that this policy allows something to; `*` stands for any letters. */
  readonly namespaces: readonly string[];
  /**
   * The scale sets that may be bound to, as resource ids in any letter case. The subscription is spelled out; `*` stands
   * for any characters inside the name of the resource group and of the scale set; `**` stands for everything below, as
   * the last part only.
   */
  readonly scaleSets: readonly string[];
  /**
   * The user-assigned identities that may be bound to those scale sets, as resource ids with wildcards as in `scaleSets`.
   */
  readonly userAssigned: readonly string[];
  /** Whether those scale sets' system-assigned identity may be turned on, or on and off. */
  readonly systemAssigned: 'Deny' | 'Enable' | 'EnableAndDisable';
  /** Whether bindings to those scale sets may be `mode: Exclusive`, which detaches what no binding declares. */
  readonly exclusive: 'Deny' | 'Allow';
  /**
   * Whether bindings may take over (`adopt: true`) those identities on those scale sets when someone else attached them.
   */
  readonly adopt: 'Deny' | 'Allow';
  /**
   * Identities that the operator never detaches, from any scale set and for anyone, as resource ids with wildcards as in
   * `scaleSets`. The lists of all policies count together, whatever their namespaces.
   */
  readonly protected: readonly string[];
}
