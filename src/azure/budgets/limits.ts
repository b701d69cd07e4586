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
  /** Azure may give what comes back in such steps, in seconds, and nothing in between. */
  readonly stepSeconds: number;
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

type Size = Pick<Policy, 'capacity' | 'perSecond' | 'stepSeconds'>;

const everySecond = (refill: number, capacity: number): Size => ({ capacity, perSecond: refill, stepSeconds: 1 });
const everyMinute = (refill: number, capacity: number): Size => ({
  capacity,
  perSecond: refill / 60,
  stepSeconds: 60,
});
/** Counted within 20 s, of which nothing says that they come in steps. */
const within20Seconds = (capacity: number): Size => ({ capacity, perSecond: capacity / 20, stepSeconds: 0 });

const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  ArmReads: { ...everySecond(25, 250), drawnBy: 'principal', on: 'reads in a subscription' },
  ArmWrites: { ...everySecond(10, 200), drawnBy: 'principal', on: 'writes in a subscription' },
  GetVMScaleSetResource: { ...everyMinute(12, 36), drawnBy: 'scaleSet', on: 'reads of one scale set' },
  GetVMScaleSetSubscriptionMaximum: {
    ...everyMinute(800, 2400),
    drawnBy: 'everyone',
    on: 'reads of scale sets in a region',
    alsoCalled: ['GetVMScaleSet3Min', 'GetVMScaleSet30Min'],
  },
  VMScaleSetActionsResource: { ...everyMinute(4, 12), drawnBy: 'scaleSet', on: 'changes of one scale set' },
  VMScaleSetActionsSubscriptionMaximum: {
    ...everyMinute(500, 1500),
    drawnBy: 'everyone',
    on: 'changes of scale sets in a region',
  },
  HighCostGetVMScaleSet: {
    ...everyMinute(360, 1080),
    drawnBy: 'everyone',
    on: 'lists of scale sets',
    alsoCalled: ['HighCostGetVMScaleSetSubscriptionMaximum', 'HighCostGetVMScaleSet3Min', 'HighCostGetVMScaleSet30Min'],
  },
  GetOperationResource: { ...everyMinute(15, 45), drawnBy: 'scaleSet', on: 'looks at the operations of one scale set' },
  GetOperationSubscriptionMaximum: {
    ...everyMinute(5000, 15_000),
    drawnBy: 'everyone',
    on: 'looks at operations in a region',
  },
  IdentityAssignment: {
    ...within20Seconds(300),
    drawnBy: 'everyone',
    on: 'assignments of identities in a subscription and region',
  },
  IdentityAssignmentOfTenant: {
    ...within20Seconds(400),
    drawnBy: 'everyone',
    on: 'assignments of identities in a tenant and region',
  },
  ManagedIdentityReads: { ...everySecond(25, 250), drawnBy: 'unknown', on: 'reads of identities' },
  PermissionReads: { ...everySecond(25, 250), drawnBy: 'unknown', on: 'reads of permissions' },
};

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
    capacity: Math.min(oursOf(name, share, capacity), capacity - stepOf(name)),
    perMs: (perSecond * (isShared(name, share) ? share : 1)) / 1000,
    enforced: share > 0 && known && drawnBy !== 'unknown',
  };
}

/**
 * What is the operator's of so many tokens that Azure says are left. Of a scale set, what comes back in a minute is always
 * its owner's (4 of 12 writes), so that it is below 0 when others have drawn on the rest.
 */
export function oursOf(name: PolicyName, share: number, left: number): number {
  if (isPerScaleSet(name)) return left - stepOf(name);
  return isShared(name, share) ? left * share : left;
}

/** What comes back in one step is never counted on at once: Azure may be late with it. */
function stepOf(name: PolicyName): number {
  const { perSecond, stepSeconds } = POLICIES[name];
  return perSecond * stepSeconds;
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
