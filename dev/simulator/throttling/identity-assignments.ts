import type { ArmCall } from '../arm/arm-call.ts';
import { userAssignedAfter } from '../arm/identity-merge.ts';
import type { IdentityChange } from '../arm/identity-request.ts';
import { Refusal } from '../http.ts';
import { scaleSetId } from '../resource-id.ts';
import type { OperationOutcome, ScaleSet } from '../state.ts';
import { charge } from './buckets.ts';
import { identityThrottled } from './errors.ts';

/** Both refusals that were ever recorded tell 20 s, the length of a window. */
const minimumMs = 20_000;

/**
 * The identity service counts each identity that a write attaches or detaches, whether or not there is such a one.
 * @returns what the operation comes to, if that is how the settings have it refuse; undefined when it does not refuse
 * @throws Refusal 429 FailedIdentityOperation
 */
export function chargeAssignments(
  arm: ArmCall,
  target: Pick<ScaleSet, 'subscriptionId' | 'resourceGroup' | 'name' | 'location' | 'identity'>,
  change: IdentityChange,
  method: 'PATCH' | 'PUT',
): OperationOutcome | undefined {
  const tokens = assignments(target, change, method);
  if (tokens === 0) return undefined;
  const { state, subscription, caller, call } = arm;
  const scope = { subscription: subscription.id, tenant: subscription.tenantId, location: target.location };
  const charges = (['IdentityAssignmentsPerSubscription', 'IdentityAssignmentsPerTenant'] as const).map((limit) => ({
    limit,
    scope,
    tokens,
  }));
  const { short } = charge(state, caller.clientId, charges, { minimumMs, told: true }, call.nowMs);
  if (short === undefined) return undefined;
  const error = identityThrottled(scaleSetId(target), short.seconds);
  if (state.settings.identityThrottling === 'FailedOperation') return { kind: 'Fail', ...error };
  throw new Refusal({ status: 429, body: { error } });
}

/** One that an operation failed to attach stands in the model, and is attached anew by the next write that has it. */
function assignments(
  { identity }: Pick<ScaleSet, 'identity'>,
  change: IdentityChange,
  method: 'PATCH' | 'PUT',
): number {
  const before = identity.userAssigned;
  const after = userAssignedAfter(before, change, method);
  const attached = [...after.keys()].filter((id) => before.get(id)?.ids === undefined);
  const detached = [...before.keys()].filter((id) => !after.has(id));
  return attached.length + detached.length;
}
