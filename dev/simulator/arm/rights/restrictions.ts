import type { AccessTokenClaims } from '../../entra/access-token.ts';
import { Refusal } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { DenyAssignment, Lock, PolicyAssignment } from '../../restrictions.ts';
import type { State } from '../../state.ts';
import { covers, reaches } from './action-match.ts';
import * as errors from './restriction-errors.ts';

/**
 * What stands in the way of a request that the caller's roles allow. A policy is judged last, since it looks at what the
 * request would make of the resource.
 * @throws Refusal 409 MissingSubscriptionRegistration, ReadOnlyDisabledSubscription or ScopeLocked, 403 RequestDisallowedByPolicy
 */
export function checkRestrictions(state: State, action: string, scope: string): void {
  const { restrictions } = state;
  const subscription = subscriptionOf(scope);
  const namespace = fold(action.split('/')[0] ?? '');
  const unregistered = restrictions.unregisteredProviders.find(
    (each) => fold(each.subscription) === subscription && fold(each.namespace) === namespace,
  );
  if (unregistered !== undefined) throw new Refusal(errors.missingRegistration(unregistered.namespace));
  const operation = operationOf(action);
  if (operation === 'read') return;

  const disabled = restrictions.disabledSubscriptions.find((id) => fold(id) === subscription);
  if (disabled !== undefined) throw new Refusal(errors.disabledSubscription(disabled));
  const locks = restrictions.locks.filter((lock) => reaches(lock.scope, scope) && stops(lock, operation));
  if (locks.length > 0) throw new Refusal(errors.scopeLocked(scope, operation, locks));
  const type = resourceTypeOf(action);
  const policies = restrictions.policies.filter((policy) => reaches(policy.scope, scope) && isAbout(policy, type));
  if (policies.length > 0 && fold(action).endsWith('/write')) {
    throw new Refusal(errors.disallowedByPolicy(scope, type, policies));
  }
}

/** The deny assignment that takes the action from the caller, if one does. */
export function denyAssignmentOver(
  state: State,
  caller: AccessTokenClaims,
  action: string,
  scope: string,
): DenyAssignment | undefined {
  const exempts = ({ except = [] }: DenyAssignment): boolean =>
    except.some((clientId) => fold(clientId) === fold(caller.clientId));
  return state.restrictions.denyAssignments.find(
    (assignment) => covers(assignment, action, scope) && !exempts(assignment),
  );
}

/** An action on a resource (`…/manualUpgrade/action`) is a write to ARM's locks. */
function operationOf(action: string): 'read' | 'write' | 'delete' {
  const verb = fold(action).split('/').at(-1);
  return verb === 'read' || verb === 'delete' ? verb : 'write';
}

function stops(lock: Lock, operation: 'write' | 'delete'): boolean {
  return lock.level === 'ReadOnly' || operation === 'delete';
}

function isAbout({ resourceTypes }: PolicyAssignment, type: string): boolean {
  return resourceTypes === undefined || resourceTypes.some((each) => fold(each) === fold(type));
}

/** `Microsoft.Compute/virtualMachineScaleSets/write` is about a `Microsoft.Compute/virtualMachineScaleSets`. */
function resourceTypeOf(action: string): string {
  return action.split('/').slice(0, 2).join('/');
}

function subscriptionOf(scope: string): string {
  return fold(scope.split('/')[2] ?? '');
}
