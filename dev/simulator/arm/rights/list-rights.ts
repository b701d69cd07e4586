import { Refusal } from '../../http.ts';
import type { ArmCall } from '../arm-call.ts';
import { authorizationFailed } from '../errors.ts';
import { holdsRoleAround, isAllowed } from './authorization.ts';
import { checkRestrictions } from './restrictions.ts';

/**
 * What of a list the caller is shown. ARM answers a list to anyone who holds a role around its scope, and leaves out
 * what the caller may not read (projectkudu/AzureResourceExplorer#254, Azure/azure-sdk-for-go#14110); only without any
 * role is the list itself refused (Azure/CloudShell#561). `settings.listRights` has it refused to whoever may not read all of it.
 * @param resourceGroup undefined: a list of the whole subscription
 * @returns whether the resource with an id is shown
 * @throws Refusal 403 AuthorizationFailed, and those of `checkRestrictions`
 */
export function authorizeList(
  { state, caller, subscription }: ArmCall,
  action: string,
  resourceGroup: string | undefined,
): (id: string) => boolean {
  const whole = `/subscriptions/${subscription.id}`;
  const scope = resourceGroup === undefined ? whole : `${whole}/resourceGroups/${resourceGroup}`;
  const filters = state.settings.listRights === 'Filter';
  const mayList = isAllowed(state, caller, action, scope) || (filters && holdsRoleAround(state, caller, scope));
  if (!mayList) {
    // As ARM names the scope: that of a group's list ends in the provider (Azure/azure-sdk-for-go#3117).
    const [namespace = ''] = action.split('/');
    const named = resourceGroup === undefined ? scope : `${scope}/providers/${namespace}`;
    throw new Refusal(authorizationFailed(caller, action, named));
  }
  checkRestrictions(state, action, scope);
  return filters ? (id) => isAllowed(state, caller, action, id) : () => true;
}
