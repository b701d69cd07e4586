import { fold } from '../../resource-id.ts';
import type { Grant } from '../../state.ts';

type Actions = Pick<Grant, 'scope' | 'actions'> & { readonly notActions?: readonly string[] };

/** Whether a role, a denial or a deny assignment has this action at this scope. In any case. */
export function covers(grant: Actions, action: string, scope: string): boolean {
  if (!reaches(grant.scope, scope)) return false;
  const folded = fold(action);
  const fits = (pattern: string): boolean => matchesAction(fold(pattern), folded);
  return grant.actions.some(fits) && grant.notActions?.some(fits) !== true;
}

/** Whether what is given at one scope holds at another: there, and everywhere below. `/` reaches everything. */
export function reaches(from: string, scope: string): boolean {
  const [above, below] = [trimmed(from), trimmed(scope)];
  return below === above || below.startsWith(`${above}/`);
}

function trimmed(scope: string): string {
  return fold(scope).replace(/\/+$/, '');
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
