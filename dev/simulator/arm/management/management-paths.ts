import { fold } from '../../resource-id.ts';

/** What Resource Manager itself answers for, apart from resources. Spellings are the caller's. */
export type ManagementRoute =
  { readonly kind: 'Tenants' | 'Subscriptions' } | ({ readonly subscriptionId: string } & SubscriptionRoute);

export type SubscriptionRoute =
  | { readonly kind: 'Subscription' | 'Locations' | 'Providers' | 'Groups' }
  | { readonly kind: 'Provider' | 'Register' | 'Unregister'; readonly namespace: string }
  | { readonly kind: 'Group'; readonly name: string }
  | { readonly kind: 'OperationResult'; readonly token: string };

export function parseManagementRoute(segments: readonly string[]): ManagementRoute | undefined {
  const [root, subscriptionId, ...rest] = segments;
  if (subscriptionId === undefined && fold(root ?? '') === 'tenants') return { kind: 'Tenants' };
  if (fold(root ?? '') !== 'subscriptions') return undefined;
  if (subscriptionId === undefined) return { kind: 'Subscriptions' };
  const route = inSubscription(rest);
  return route === undefined ? undefined : { subscriptionId, ...route };
}

function inSubscription(rest: readonly string[]): SubscriptionRoute | undefined {
  const [collection, name, action] = rest;
  if (collection === undefined) return { kind: 'Subscription' };
  if (rest.length > 3) return undefined;
  switch (fold(collection)) {
    case 'locations':
      return name === undefined ? { kind: 'Locations' } : undefined;
    case 'providers':
      return ofProvider(name, action);
    case 'resourcegroups':
      if (action !== undefined) return undefined;
      return name === undefined ? { kind: 'Groups' } : { kind: 'Group', name };
    case 'operationresults':
      return name === undefined || action !== undefined ? undefined : { kind: 'OperationResult', token: name };
    default:
      return undefined;
  }
}

function ofProvider(namespace: string | undefined, action: string | undefined): SubscriptionRoute | undefined {
  if (namespace === undefined) return { kind: 'Providers' };
  switch (action === undefined ? undefined : fold(action)) {
    case undefined:
      return { kind: 'Provider', namespace };
    case 'register':
      return { kind: 'Register', namespace };
    case 'unregister':
      return { kind: 'Unregister', namespace };
    default:
      return undefined;
  }
}
