import type { AccessTokenClaims } from '../entra/access-token.ts';
import { Refusal } from '../http.ts';
import { fold } from '../resource-id.ts';
import type { Grant, State } from '../state.ts';
import { authorizationFailed } from './errors.ts';

/** @throws Refusal 403 AuthorizationFailed when the caller may not do this there */
export function authorize(state: State, caller: AccessTokenClaims, action: string, scope: string): void {
  if (!isAllowed(state, caller, action, scope)) throw new Refusal(authorizationFailed(caller, action, scope));
}

/** A permission has to cover it and no denial may. A caller that is no longer known has no rights at all. */
export function isAllowed(state: State, caller: AccessTokenClaims, action: string, scope: string): boolean {
  const principal = state.principals.get(fold(caller.clientId));
  if (principal === undefined) return false;
  const covers = (grant: Grant): boolean => covered(grant, fold(action), fold(scope));
  return principal.permissions.some(covers) && !principal.denials.some(covers);
}

/** The caller's effective rights at a scope, a row for each role, as Microsoft.Authorization tells them. */
export function permissionsAt(
  state: State,
  caller: AccessTokenClaims,
  scope: string,
): readonly { readonly actions: readonly string[]; readonly notActions: readonly string[] }[] {
  const principal = state.principals.get(fold(caller.clientId));
  const here = (grants: readonly Grant[]): readonly Grant[] => grants.filter((grant) => reaches(grant, fold(scope)));
  const denied = here(principal?.denials ?? []).flatMap(({ actions }) => actions);
  return here(principal?.permissions ?? []).map(({ actions, notActions }) => ({
    actions,
    notActions: [...notActions, ...denied],
  }));
}

function reaches(grant: Grant, scope: string): boolean {
  const prefix = fold(grant.scope).replace(/\/+$/, '');
  return scope === prefix || scope.startsWith(`${prefix}/`);
}

function covered(grant: Grant, action: string, scope: string): boolean {
  if (!reaches(grant, scope)) return false;
  const fits = (pattern: string): boolean => matchesAction(fold(pattern), action);
  return grant.actions.some(fits) && !grant.notActions.some(fits);
}

/** A star between two slashes stands for no segment too: Managed Identity Operator's `userAssignedIdentities/*\/assign/action`. */
function matchesAction(pattern: string, action: string): boolean {
  return matchesWildcard(pattern, action) || matchesWildcard(pattern.replaceAll('/*/', '/'), action);
}

/** `*` stands for any run of characters. Linear: each literal part is looked for once, from where the last one ended. */
function matchesWildcard(pattern: string, text: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
