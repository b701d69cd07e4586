import type { Limit } from './bucket.ts';

/** What a bucket belongs to: there is one for each combination of these. */
export type ScopeMember = 'subscription' | 'tenant' | 'location' | 'principal' | 'scaleSet' | 'operation';

/** The values of those members. Principals by client id, scale sets by resource id; in any case. */
export type Scope = Readonly<Partial<Record<ScopeMember, string>>>;

interface LimitRow extends Limit {
  readonly per: readonly ScopeMember[];
}

const perSecond = (refill: number, capacity: number, ...per: readonly ScopeMember[]): LimitRow => ({
  capacity,
  refill,
  everyMs: 1_000,
  per,
});
const perMinute = (refill: number, capacity: number, ...per: readonly ScopeMember[]): LimitRow => ({
  capacity,
  refill,
  everyMs: 60_000,
  per,
});
const per20Seconds = (refill: number, ...per: readonly ScopeMember[]): LimitRow => ({
  capacity: refill,
  refill,
  everyMs: 20_000,
  per,
});

/**
 * Azure's own sizes. Resource Manager: learn.microsoft.com, azure-resource-manager/management/request-limits-and-throttling
 * (the whole simulated Azure is one of its regions). Compute: virtual-machines/compute-throttling-limits, under the
 * names that its headers and refusals give. Identity assignment: the limits of managed identities.
 */
const rows = {
  SubscriptionReads: perSecond(25, 250, 'subscription', 'principal'),
  SubscriptionWrites: perSecond(10, 200, 'subscription', 'principal'),
  SubscriptionDeletes: perSecond(10, 200, 'subscription', 'principal'),
  SubscriptionGlobalReads: perSecond(375, 3_750, 'subscription'),
  SubscriptionGlobalWrites: perSecond(150, 3_000, 'subscription'),
  SubscriptionGlobalDeletes: perSecond(150, 3_000, 'subscription'),

  GetVMScaleSetSubscriptionMaximum: perMinute(800, 2_400, 'subscription', 'location'),
  GetVMScaleSetResource: perMinute(12, 36, 'scaleSet'),
  HighCostGetVMScaleSetSubscriptionMaximum: perMinute(360, 1_080, 'subscription', 'location'),
  VMScaleSetActionsSubscriptionMaximum: perMinute(500, 1_500, 'subscription', 'location'),
  VMScaleSetActionsResource: perMinute(4, 12, 'scaleSet'),
  CreateVMScaleSetSubscriptionMaximum: perMinute(125, 375, 'subscription', 'location'),
  CreateVMScaleSetResource: perMinute(4, 12, 'scaleSet'),
  DeleteVMScaleSetSubscriptionMaximum: perMinute(175, 525, 'subscription', 'location'),
  DeleteVMScaleSetResource: perMinute(4, 12, 'scaleSet'),
  GetOperationSubscriptionMaximum: perMinute(5_000, 15_000, 'subscription', 'location'),
  GetOperationResource: perMinute(15, 45, 'operation'),

  IdentityAssignmentsPerSubscription: per20Seconds(300, 'subscription', 'location'),
  IdentityAssignmentsPerTenant: per20Seconds(400, 'tenant', 'location'),
} as const satisfies Readonly<Record<string, LimitRow>>;

export type LimitName = keyof typeof rows;

export const limits: Readonly<Record<LimitName, LimitRow>> = rows;
export const limitNames = Object.keys(rows) as readonly LimitName[];

/** Other sizes than Azure's, for a test that wants to exhaust them soon. What is left out stays. */
export type LimitSizes = Readonly<Partial<Record<LimitName, Partial<Limit>>>>;
