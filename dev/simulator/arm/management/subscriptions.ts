import type { AccessTokenClaims } from '../../entra/access-token.ts';
import type { JsonObject, Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { State, Subscription } from '../../state.ts';
import type { ArmCall } from '../arm-call.ts';
import { authorize } from '../rights/authorization.ts';

/** `GET /subscriptions`: those of the caller's tenant in which it has a role, at whatever scope. */
export function listSubscriptions(state: State, caller: AccessTokenClaims): Reply {
  const visible = [...state.subscriptions.values()].filter(
    (subscription) => fold(subscription.tenantId) === fold(caller.tenantId) && hasRoleIn(state, caller, subscription),
  );
  const value = visible.map(viewSubscription);
  return { status: 200, body: { value, count: { type: 'Total', value: value.length } } };
}

/** `GET /subscriptions/{s}`. */
export function readSubscription(arm: ArmCall): Reply {
  const scope = `/subscriptions/${arm.subscription.id}`;
  authorize(arm.state, arm.caller, 'Microsoft.Resources/subscriptions/read', scope);
  return { status: 200, body: viewSubscription(arm.subscription) };
}

/** `GET /tenants`: the one that the caller belongs to. Everyone may. */
export function listTenants(caller: AccessTokenClaims): Reply {
  const domain = 'simulated.onmicrosoft.com';
  const tenant: JsonObject = {
    id: `/tenants/${caller.tenantId}`,
    tenantId: caller.tenantId,
    countryCode: 'US',
    displayName: 'Simulated Azure',
    domains: [domain],
    tenantCategory: 'Home',
    defaultDomain: domain,
    tenantType: 'AAD',
  };
  return { status: 200, body: { value: [tenant] } };
}

function hasRoleIn(state: State, caller: AccessTokenClaims, subscription: Subscription): boolean {
  const id = fold(`/subscriptions/${subscription.id}`);
  const grants = state.principals.get(fold(caller.clientId))?.permissions ?? [];
  return grants.some((grant) => {
    const scope = fold(grant.scope).replace(/\/+$/, '');
    return scope === '' || scope === id || scope.startsWith(`${id}/`);
  });
}

function viewSubscription({ id, tenantId, name }: Subscription): JsonObject {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: id,
    tenantId,
    displayName: name ?? id,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}
