import type { AccessTokenClaims } from '../../entra/access-token.ts';
import { type Call, Refusal, type Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { State } from '../../state.ts';
import { metered } from '../../throttling/meter.ts';
import { chargeSubscription } from '../../throttling/subscription-requests.ts';
import { resolveApiVersion, resourcesApiVersions } from '../api-versions.ts';
import { type ArmCall, requireMethod } from '../arm-call.ts';
import * as errors from '../errors.ts';
import { authenticate } from '../rights/authentication.ts';
import { listLocations } from './locations.ts';
import { invalidApiVersion } from './management-errors.ts';
import type { ManagementRoute, SubscriptionRoute } from './management-paths.ts';
import { listProviders, readProvider, registerProvider, unregisterProvider } from './providers.ts';
import { readGroupDeletion } from './resource-group-deletion.ts';
import { handleGroup, listGroups } from './resource-groups.ts';
import { listSubscriptions, listTenants, readSubscription } from './subscriptions.ts';

/** Resource Manager's own part: what subscriptions, providers and resource groups there are. */
export function handleManagement(state: State, call: Call, route: ManagementRoute): Reply {
  if (!('subscriptionId' in route)) {
    const caller = authenticate(state, call, undefined);
    requireVersion(state, call);
    return atTenant({ state, call, caller }, route.kind);
  }
  const subscription = state.subscriptions.get(fold(route.subscriptionId));
  const caller = authenticate(state, call, subscription?.tenantId);
  return metered((meter) => {
    if (subscription !== undefined) chargeSubscription(state, call, caller, subscription, meter);
    const version = requireVersion(state, call);
    if (subscription === undefined) return errors.subscriptionNotFound(route.subscriptionId);
    return inSubscription({ state, call, caller, subscription, version, meter }, route);
  });
}

interface TenantCall {
  readonly state: State;
  readonly call: Call;
  readonly caller: AccessTokenClaims;
}

function atTenant(arm: TenantCall, kind: 'Tenants' | 'Subscriptions'): Reply {
  requireMethod(arm, ['GET']);
  return kind === 'Tenants' ? listTenants(arm.caller) : listSubscriptions(arm.state, arm.caller);
}

function inSubscription(arm: ArmCall, route: SubscriptionRoute): Reply {
  if (route.kind === 'Group') return handleGroup(arm, route.name);
  requireMethod(arm, [route.kind === 'Register' || route.kind === 'Unregister' ? 'POST' : 'GET']);
  switch (route.kind) {
    case 'Subscription':
      return readSubscription(arm);
    case 'Locations':
      return listLocations(arm);
    case 'Providers':
      return listProviders(arm);
    case 'Provider':
      return readProvider(arm, route.namespace);
    case 'Register':
      return registerProvider(arm, route.namespace);
    case 'Unregister':
      return unregisterProvider(arm, route.namespace);
    case 'Groups':
      return listGroups(arm);
    case 'OperationResult':
      return readGroupDeletion(arm, route.token);
  }
}

/** The version as the caller gave it: it changes nothing here, but has to be one. */
function requireVersion({ settings }: State, call: Call): string {
  const asked = call.query.get('api-version');
  if (asked === null || asked === '') throw new Refusal(errors.missingApiVersion());
  if (resolveApiVersion(asked, resourcesApiVersions, settings.strictApiVersions) !== undefined) return asked;
  throw new Refusal(invalidApiVersion(asked, resourcesApiVersions));
}
