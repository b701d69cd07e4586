import type { ArmCall } from '../arm/arm-call.ts';
import { Refusal } from '../http.ts';
import { fold, foldLocation, groupKey, scaleSetId } from '../resource-id.ts';
import type { ScaleSet } from '../state.ts';
import { type Charge, charge } from './buckets.ts';
import { computeThrottled } from './errors.ts';
import type { LimitName, Scope } from './limits.ts';
import { newMeter } from './meter.ts';
import { retryAfter } from './retry-after.ts';

/** Compute's policies for one scale set, under its own names. `VMScaleSetActions` are updates of any kind. */
type ScaleSetPolicy = 'GetVMScaleSet' | 'VMScaleSetActions' | 'CreateVMScaleSet' | 'DeleteVMScaleSet';

/**
 * Compute counts what reaches it: what Resource Manager has let through, about a scale set that is there or is to be.
 * @throws Refusal 429 OperationNotAllowed
 */
export function chargeScaleSet(
  arm: ArmCall,
  policy: ScaleSetPolicy,
  target: Pick<ScaleSet, 'subscriptionId' | 'resourceGroup' | 'name' | 'location'>,
): void {
  const scope = { subscription: target.subscriptionId, location: target.location, scaleSet: scaleSetId(target) };
  const charges = [one(`${policy}SubscriptionMaximum`, scope), one(`${policy}Resource`, scope)];
  if (policy === 'GetVMScaleSet') {
    chargeCompute(arm, charges);
    return;
  }
  arm.meter.headers['x-ms-request-charge'] = '0';
  // Nothing here works on instances: their queues are shown as they are on a write of the identity alone.
  chargeCompute(arm, charges, ['VMScaleSetBatchedVMRequestsSubscriptionMaximum;6000', 'VmssQueuedVMOperations;0']);
}

/**
 * A page of a list. Resource Manager asks each location where there are some of these scale sets; the tokens of one are
 * shown, those of several are not. Only subscriptions are limited, not groups.
 * @throws Refusal 429 OperationNotAllowed when one of the locations turns it down
 */
export function chargeList(arm: ArmCall, resourceGroup: string | undefined): void {
  const { scaleSets, id } = arm.subscription;
  const prefix = resourceGroup === undefined ? '' : groupKey({ resourceGroup, name: '' });
  const spellings = new Set<string>();
  for (const [key, { location }] of scaleSets) if (key.startsWith(prefix)) spellings.add(location);
  const locations = new Set([...spellings].map(foldLocation));
  const charges = [...locations].map((location) =>
    one('HighCostGetVMScaleSetSubscriptionMaximum', { subscription: id, location }),
  );
  chargeCompute(locations.size > 1 ? { ...arm, meter: newMeter() } : arm, charges);
}

/**
 * A look at an operation, whichever of its links is followed.
 * @throws Refusal 429 OperationNotAllowed
 */
export function chargePoll(arm: ArmCall, operationId: string): void {
  const operation = arm.state.operations.get(fold(operationId));
  if (operation === undefined) return;
  const scope = { subscription: operation.subscriptionId, location: operation.location, operation: operation.id };
  chargeCompute(arm, [one('GetOperationResource', scope), one('GetOperationSubscriptionMaximum', scope)]);
}

function one(limit: LimitName, scope: Scope): Charge {
  return { limit, scope, tokens: 1 };
}

function chargeCompute(
  { state, call, caller, meter }: ArmCall,
  charges: readonly Charge[],
  also: readonly string[] = [],
): void {
  const told = state.settings.throttlingRetryAfter === 'Header';
  const { remaining, short } = charge(state, caller.clientId, charges, { minimumMs: 0, told }, call.nowMs);
  const shown = charges.map(({ limit }, index) => `${limit};${String(remaining[index])}`);
  for (const policy of [...shown, ...also]) meter.policies.push(`Microsoft.Compute/${policy}`);
  if (short === undefined) return;
  throw new Refusal(computeThrottled(short.limit, short, retryAfter(state.settings, short.seconds)));
}
