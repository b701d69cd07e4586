/** Whether effective permissions allow an action, as ARM itself reads them. */
import { asciiLower } from '../identity/arm-id.ts';
import { isObject, member } from './json.ts';

/**
 * @param permissions entries of `…/providers/Microsoft.Authorization/permissions`, one for each role the caller holds. A
 * role allows what one of its `actions` matches and none of its `notActions`; another role may allow it all the same.
 */
export function allows(permissions: readonly unknown[], action: string): boolean {
  return permissions.some(
    (role) =>
      isObject(role) &&
      patterns(role, 'actions').some((pattern) => matchesAction(pattern, action)) &&
      !patterns(role, 'notActions').some((pattern) => matchesAction(pattern, action)),
  );
}

function patterns(role: unknown, name: string): readonly string[] {
  const list = member(role, name);
  return Array.isArray(list) ? list.filter((pattern) => typeof pattern === 'string') : [];
}

/**
 * Case does not count; `*` stands for any characters, slashes too, and a segment `*` for none as well: the built-in role
 * Managed Identity Operator writes a star between `userAssignedIdentities` and `assign/action`, and it does allow
 * `…/userAssignedIdentities/assign/action`.
 * In time linear in pattern times action.
 */
function matchesAction(pattern: string, action: string): boolean {
  const [first = '', ...rest] = asciiLower(pattern).split('*');
  const text = asciiLower(action);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let [before, end] = [first, first.length];
  for (const part of rest) {
    const at = text.indexOf(part, end - sharedSlash(before, part));
    if (at < 0) return false;
    [before, end] = [part, at + part.length];
  }
  return text.length - (end - sharedSlash(before, last)) >= last.length && text.endsWith(last);
}

/** Where a star stands between two slashes, they may be one and the same. */
function sharedSlash(before: string, after: string): 0 | 1 {
  return before.endsWith('/') && after.startsWith('/') ? 1 : 0;
}
