/**
 * Azure's limits as far as the operator's requests meet them: token buckets that fill up at a steady rate.
 *
 * Sources: "Understand how Azure Resource Manager throttles requests" (per principal, subscription and kind of request),
 * "Throttling policies and limits for Compute" (per minute: refill and capacity), "Azure subscription limits, managed
 * identities" (assignments per 20 s). Compute's policies are called as its own headers and refusals call them.
 */

export type PolicyName =
  | 'ArmReads'
  | 'ArmWrites'
  | 'GetVMScaleSetResource'
  | 'GetVMScaleSetSubscriptionMaximum'
  | 'VMScaleSetActionsResource'
  | 'VMScaleSetActionsSubscriptionMaximum'
  | 'HighCostGetVMScaleSet'
  | 'GetOperationResource'
  | 'GetOperationSubscriptionMaximum'
  | 'IdentityAssignment'
  | 'IdentityAssignmentOfTenant'
  | 'ManagedIdentityReads'
  | 'PermissionReads';

interface Policy {
  /** Tokens that Azure's bucket holds when it is full. */
  readonly capacity: number;
  readonly perSecond: number;
  /**
   * Who draws from the bucket: the operator's principal alone; every client of the subscription or the tenant; whoever
   * works on one scale set. Of a limit that is not documented, nothing is known but what a Retry-After says; its figures
   * are those at which requests come again after one.
   */
  readonly drawnBy: 'principal' | 'everyone' | 'scaleSet' | 'unknown';
  /** What it limits, for people. */
  readonly on: string;
  /** Other names that Azure has, or had, for it in refusals. */
  readonly alsoCalled?: readonly string[];
}

const perMinute = (refill: number, capacity: number): Pick<Policy, 'capacity' | 'perSecond'> => ({
  capacity,
  perSecond: refill / 60,
});

const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  ArmReads: { capacity: 250, perSecond: 25, drawnBy: 'principal', on: 'reads in a subscription' },
  ArmWrites: { capacity: 200, perSecond: 10, drawnBy: 'principal', on: 'writes in a subscription' },
  GetVMScaleSetResource: { ...perMinute(12, 36), drawnBy: 'scaleSet', on: 'reads of one scale set' },
  GetVMScaleSetSubscriptionMaximum: {
    ...perMinute(800, 2400),
    drawnBy: 'everyone',
    on: 'reads of scale sets in a region',
    alsoCalled: ['GetVMScaleSet3Min', 'GetVMScaleSet30Min'],
  },
  VMScaleSetActionsResource: { ...perMinute(4, 12), drawnBy: 'scaleSet', on: 'changes of one scale set' },
  VMScaleSetActionsSubscriptionMaximum: {
    ...perMinute(500, 1500),
    drawnBy: 'everyone',
    on: 'changes of scale sets in a region',
  },
  HighCostGetVMScaleSet: {
    ...perMinute(360, 1080),
    drawnBy: 'everyone',
    on: 'lists of scale sets',
    alsoCalled: ['HighCostGetVMScaleSet3Min', 'HighCostGetVMScaleSet30Min'],
  },
  GetOperationResource: { ...perMinute(15, 45), drawnBy: 'scaleSet', on: 'looks at the operations of one scale set' },
  GetOperationSubscriptionMaximum: {
    ...perMinute(5000, 15_000),
    drawnBy: 'everyone',
    on: 'looks at operations in a region',
  },
  IdentityAssignment: {
    capacity: 300,
    perSecond: 15,
    drawnBy: 'everyone',
    on: 'assignments of identities in a subscription and region',
  },
  IdentityAssignmentOfTenant: {
    capacity: 400,
    perSecond: 20,
    drawnBy: 'everyone',
    on: 'assignments of identities in a tenant and region',
  },
  ManagedIdentityReads: { capacity: 250, perSecond: 25, drawnBy: 'unknown', on: 'reads of identities' },
  PermissionReads: { capacity: 250, perSecond: 25, drawnBy: 'unknown', on: 'reads of permissions' },
};

/** Of what whoever works on one scale set may draw, so much is left to its owner: 4 of 12 writes. */
const LEFT_TO_OWNER = 1 / 3;

/** The operator's part of a limit. */
export interface Budget {
  readonly capacity: number;
  /** Tokens that come back in a millisecond. */
  readonly perMs: number;
  /** False: nothing is kept back unless Azure says so; the figures are the rate at which requests come again then. */
  readonly enforced: boolean;
}

/**
 * @param share the part of what is shared with other clients, above 0 to 1; 0 for no budget at all
 * @param known false where it is not known which of Azure's buckets a request draws from
 */
export function budgetOf(name: PolicyName, share: number, known = true): Budget {
  const { capacity, perSecond, drawnBy } = POLICIES[name];
  return {
    capacity: oursOf(name, share, capacity),
    perMs: (perSecond * (isShared(name, share) ? share : 1)) / 1000,
    enforced: share > 0 && known && drawnBy !== 'unknown',
  };
}

/** What is the operator's of so many tokens that Azure says are left; below 0 when even the owner's part is drawn on. */
export function oursOf(name: PolicyName, share: number, left: number): number {
  const { capacity, drawnBy } = POLICIES[name];
  if (drawnBy === 'scaleSet') return left - capacity * LEFT_TO_OWNER;
  return isShared(name, share) ? left * share : left;
}

function isShared(name: PolicyName, share: number): boolean {
  return POLICIES[name].drawnBy === 'everyone' && share > 0;
}

export function isPerScaleSet(name: PolicyName): boolean {
  return POLICIES[name].drawnBy === 'scaleSet';
}

/** What the policy limits, for people. */
export function limitedBy(name: PolicyName): string {
  return POLICIES[name].on;
}

/** Whether a refusal that names this policy means that one. */
export function isCalled(name: PolicyName, azureName: string): boolean {
  return name === azureName || POLICIES[name].alsoCalled?.includes(azureName) === true;
}
