import { fold, identityType, scaleSetType } from '../resource-id.ts';
import { permissionsScope } from './rights/permissions-scope.ts';

export type ResourceKind = 'ScaleSet' | 'Identity';

/** Where in ARM a request points. Spellings are the caller's. */
export type Route =
  | {
      readonly kind: 'Resource';
      readonly resource: ResourceKind;
      readonly subscriptionId: string;
      readonly resourceGroup: string;
      readonly name: string;
    }
  | {
      readonly kind: 'List';
      readonly resource: ResourceKind;
      readonly subscriptionId: string;
      /** Undefined: the whole subscription. */
      readonly resourceGroup: string | undefined;
    }
  | {
      /** Something under a scale set: its instances, an action. */
      readonly kind: 'Child';
      readonly resource: 'ScaleSet';
      readonly subscriptionId: string;
      readonly resourceGroup: string;
      readonly name: string;
      readonly path: readonly string[];
    }
  | {
      /** What the caller may do at a scope. */
      readonly kind: 'Permissions';
      readonly subscriptionId: string;
      readonly scope: string;
    }
  | { readonly kind: 'Operation'; readonly subscriptionId: string; readonly operationId: string };

export function parseRoute(segments: readonly string[]): Route | undefined {
  const [root, subscriptionId, ...rest] = segments;
  if (fold(root ?? '') !== 'subscriptions' || subscriptionId === undefined) return undefined;
  const scope = permissionsScope(segments);
  if (scope !== undefined) return { kind: 'Permissions', subscriptionId, scope };
  const head = fold(rest[0] ?? '');
  if (head === 'resourcegroups' && rest[1] !== undefined && fold(rest[2] ?? '') === 'providers') {
    return inGroup(subscriptionId, rest[1], rest.slice(3));
  }
  return head === 'providers' ? inSubscription(subscriptionId, rest.slice(1)) : undefined;
}

function inGroup(subscriptionId: string, resourceGroup: string, tail: readonly string[]): Route | undefined {
  const [namespace = '', type = '', name] = tail;
  const resource = resourceKind(namespace, type);
  if (resource === 'ScaleSet' && name !== undefined && tail.length > 3) {
    return { kind: 'Child', resource, subscriptionId, resourceGroup, name, path: tail.slice(3) };
  }
  if (resource === undefined || tail.length > 3) return undefined;
  return name === undefined
    ? { kind: 'List', resource, subscriptionId, resourceGroup }
    : { kind: 'Resource', resource, subscriptionId, resourceGroup, name };
}

function inSubscription(subscriptionId: string, tail: readonly string[]): Route | undefined {
  const [namespace = '', type = '', location, operations, operationId] = tail;
  const resource = resourceKind(namespace, type);
  if (resource !== undefined && tail.length === 2) {
    return { kind: 'List', resource, subscriptionId, resourceGroup: undefined };
  }
  const isOperation =
    fold(`${namespace}/${type}/${operations ?? ''}`) === 'microsoft.compute/locations/operations' && tail.length === 5;
  if (!isOperation || location === undefined || operationId === undefined) return undefined;
  return { kind: 'Operation', subscriptionId, operationId };
}

function resourceKind(namespace: string, type: string): ResourceKind | undefined {
  const full = fold(`${namespace}/${type}`);
  if (full === fold(scaleSetType)) return 'ScaleSet';
  return full === fold(identityType) ? 'Identity' : undefined;
}
