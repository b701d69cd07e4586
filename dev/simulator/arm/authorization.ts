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

function covered(grant: Grant, action: string, scope: string): boolean {
  const prefix = fold(grant.scope).replace(/\/+$/, '');
  if (scope !== prefix && !scope.startsWith(`${prefix}/`)) return false;
  const fits = (pattern: string): boolean => matchesWildcard(fold(pattern), action);
  return grant.actions.some(fits) && !grant.notActions.some(fits);
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
