/** What administrators, or Azure itself, have put in the way of everybody, whatever roles a caller holds. */
export interface Restrictions {
  readonly locks: readonly Lock[];
  readonly denyAssignments: readonly DenyAssignment[];
  readonly policies: readonly PolicyAssignment[];
  /** Ids of subscriptions that can only be read. */
  readonly disabledSubscriptions: readonly string[];
  readonly unregisteredProviders: readonly UnregisteredProvider[];
}

/** On a scope and all below: ReadOnly lets nothing but reads through, CanNotDelete everything but deletes. */
export interface Lock {
  readonly scope: string;
  readonly level: 'ReadOnly' | 'CanNotDelete';
}

/** Takes actions from everyone but the exempted, as AKS does on its node resource groups. */
export interface DenyAssignment {
  readonly scope: string;
  readonly name: string;
  /** 32 hexadecimal digits. Default: made of scope and name. */
  readonly id?: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  /** Client ids that it does not concern. */
  readonly except?: readonly string[];
}

/** An assignment of an Azure Policy with effect `deny`, for what it finds wrong with every write that it is about. */
export interface PolicyAssignment {
  readonly scope: string;
  readonly name: string;
  /** Default: the name. */
  readonly displayName?: string;
  /** Name of the policy definition. Default: the name. */
  readonly definition?: string;
  /** Its non-compliance message. */
  readonly message?: string;
  /** The types it is about. Default: all. */
  readonly resourceTypes?: readonly string[];
}

/** A subscription that is not registered to use a resource provider, such as Microsoft.Compute. */
export interface UnregisteredProvider {
  readonly subscription: string;
  readonly namespace: string;
}

export const noRestrictions: Restrictions = {
  locks: [],
  denyAssignments: [],
  policies: [],
  disabledSubscriptions: [],
  unregisteredProviders: [],
};

export function addRestrictions(to: Restrictions, more: Partial<Restrictions>): Restrictions {
  return {
    locks: [...to.locks, ...(more.locks ?? [])],
    denyAssignments: [...to.denyAssignments, ...(more.denyAssignments ?? [])],
    policies: [...to.policies, ...(more.policies ?? [])],
    disabledSubscriptions: [...to.disabledSubscriptions, ...(more.disabledSubscriptions ?? [])],
    unregisteredProviders: [...to.unregisteredProviders, ...(more.unregisteredProviders ?? [])],
  };
}
