import { fold } from '../../resource-id.ts';

/**
 * The scope whose permissions a path asks for: a subscription, a group, or any resource in one, whatever its type.
 * Undefined for any other path. As it is spelled.
 */
export function permissionsScope(segments: readonly string[]): string | undefined {
  if (fold(segments.slice(-3).join('/')) !== 'providers/microsoft.authorization/permissions') return undefined;
  const scope = segments.slice(0, -3);
  const [root = '', subscriptionId, groups, , providers, , ...typesAndNames] = scope;
  const isSubscription = scope.length === 2;
  const isGroup = scope.length === 4;
  const isResource =
    fold(providers ?? '') === 'providers' && typesAndNames.length >= 2 && typesAndNames.length % 2 === 0;
  if (fold(root) !== 'subscriptions' || subscriptionId === undefined) return undefined;
  if (!isSubscription && (fold(groups ?? '') !== 'resourcegroups' || !(isGroup || isResource))) return undefined;
  return `/${scope.join('/')}`;
}
