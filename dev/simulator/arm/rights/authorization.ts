import type { AccessTokenClaims } from '../../entra/access-token.ts';
import { Refusal } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { Grant, State } from '../../state.ts';
import { authorizationFailed } from '../errors.ts';
import { covers, reaches } from './action-match.ts';
import { denyAssignmentFailed } from './restriction-errors.ts';
import { checkRestrictions, denyAssignmentOver } from './restrictions.ts';

/**
 * Rights first, whatever there is at the scope; then what stands in everybody's way.
 * @throws Refusal 403 AuthorizationFailed or DenyAssignmentAuthorizationFailed, and those of `checkRestrictions`
 */
export function authorize(state: State, caller: AccessTokenClaims, action: string, scope: string): void {
  if (!isPermitted(state, caller, action, scope)) throw new Refusal(authorizationFailed(caller, action, scope));
  const assignment = denyAssignmentOver(state, caller, action, scope);
  if (assignment !== undefined) throw new Refusal(denyAssignmentFailed(caller, action, scope, assignment));
  checkRestrictions(state, action, scope);
}

/** Whether a role has it, and neither a denial nor a deny assignment takes it away. */
export function isAllowed(state: State, caller: AccessTokenClaims, action: string, scope: string): boolean {
  return isPermitted(state, caller, action, scope) && denyAssignmentOver(state, caller, action, scope) === undefined;
}

/** A permission has to cover it and no denial may. A caller that is no longer known has no rights at all. */
export function isPermitted(state: State, caller: AccessTokenClaims, action: string, scope: string): boolean {
  const principal = state.principals.get(fold(caller.clientId));
  if (principal === undefined) return false;
  const has = (grant: Grant): boolean => covers(grant, action, scope);
  return principal.permissions.some(has) && !principal.denials.some(has);
}

/** Whether the caller holds a role at the scope, above it or anywhere below it, whatever the role is good for. */
export function holdsRoleAround(state: State, caller: AccessTokenClaims, scope: string): boolean {
  const permissions = state.principals.get(fold(caller.clientId))?.permissions ?? [];
  return permissions.some((grant) => reaches(grant.scope, scope) || reaches(scope, grant.scope));
}

/** A row of `…/providers/Microsoft.Authorization/permissions`. */
export interface EffectivePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** The caller's effective rights at a scope, a row for each role, as Microsoft.Authorization tells them. */
export function permissionsAt(state: State, caller: AccessTokenClaims, scope: string): readonly EffectivePermission[] {
  const principal = state.principals.get(fold(caller.clientId));
  const here = (grants: readonly Grant[]): readonly Grant[] => grants.filter((grant) => reaches(grant.scope, scope));
  const denied = here(principal?.denials ?? []).flatMap(({ actions }) => actions);
  return here(principal?.permissions ?? []).map(({ actions, notActions }) => ({
    actions,
    notActions: [...notActions, ...denied],
  }));
}
