import type { AccessTokenClaims } from '../entra/access-token.ts';
import { type Call, Refusal, type Reply } from '../http.ts';
import { fold, groupKey, identityType, scaleSetType } from '../resource-id.ts';
import type { State, Subscription } from '../state.ts';
import { chargePoll } from '../throttling/compute-requests.ts';
import { metered } from '../throttling/meter.ts';
import { chargeSubscription } from '../throttling/subscription-requests.ts';
import { managedIdentityApiVersions, offeredComputeVersions, resolveApiVersion } from './api-versions.ts';
import { type ArmCall, requireMethod } from './arm-call.ts';
import * as errors from './errors.ts';
import { handleCloudMetadata } from './management/cloud-metadata.ts';
import { handleManagement } from './management/management.ts';
import { parseManagementRoute } from './management/management-paths.ts';
import { requireRegistered } from './management/providers.ts';
import { readOperation } from './operation-results.ts';
import { parseRoute, type Route } from './paths.ts';
import { authenticate } from './rights/authentication.ts';
import { holdsRoleAround } from './rights/authorization.ts';
import { listPermissions } from './rights/permissions.ts';
import { handleScaleSetChild } from './scale-set-children.ts';
import { handleScaleSet, listScaleSets } from './scale-sets.ts';
import { handleUserAssigned, listUserAssigned } from './user-assigned.ts';

/** Azure Resource Manager's part of the host. */
export function handleArm(state: State, call: Call): Reply {
  const metadata = handleCloudMetadata(state, call);
  if (metadata !== undefined) return metadata;
  const management = parseManagementRoute(call.segments);
  if (management !== undefined) return handleManagement(state, call, management);
  const route = parseRoute(call.segments);
  const subscription = route === undefined ? undefined : state.subscriptions.get(fold(route.subscriptionId));
  const caller = authenticate(state, call, subscription?.tenantId);
  return metered((meter) => {
    if (subscription !== undefined) chargeSubscription(state, call, caller, subscription, meter);
    if (route === undefined) return errors.unknownPath(`/${call.segments.join('/')}`);
    const asked = call.query.get('api-version');
    if (asked === null || asked === '') return errors.missingApiVersion();
    if (subscription === undefined || isHidden(state, caller, route)) {
      return errors.subscriptionNotFound(route.subscriptionId);
    }
    const version = knownVersion(state, subscription, route, asked);
    return dispatch({ state, call, caller, subscription, version, meter }, route);
  });
}

/** Whether a caller without any role in the subscription is told that there is none. A poll link is its own right. */
function isHidden(state: State, caller: AccessTokenClaims, route: Route): boolean {
  if (state.settings.withoutRole !== 'SubscriptionNotFound' || route.kind === 'Operation') return false;
  return !holdsRoleAround(state, caller, `/subscriptions/${route.subscriptionId}`);
}

function dispatch(arm: ArmCall, route: Route): Reply {
  switch (route.kind) {
    case 'Operation':
      requireMethod(arm, ['GET']);
      chargePoll(arm, route.operationId);
      return readOperation(arm, route.operationId);
    case 'List':
      requireMethod(arm, ['GET']);
      return route.resource === 'ScaleSet' ? listScaleSets(arm, route) : listUserAssigned(arm, route);
    case 'Permissions':
      requireMethod(arm, ['GET']);
      return listPermissions(arm, route.scope);
    case 'Child':
      return handleScaleSetChild(arm, route);
    case 'Resource':
      if (arm.call.method === 'PUT')
        requireRegistered(arm, route.resource === 'ScaleSet' ? scaleSetType : identityType);
      return route.resource === 'ScaleSet' ? handleScaleSet(arm, route) : handleUserAssigned(arm, route);
  }
}

function knownVersion(state: State, subscription: Subscription, route: Route, asked: string): string {
  if (route.kind === 'Permissions') return asked;
  const ofIdentity = route.kind !== 'Operation' && route.resource === 'Identity';
  const known = ofIdentity ? managedIdentityApiVersions : offeredComputeVersions(state.settings);
  const { computeApiVersions, strictApiVersions } = state.settings;
  const exact = strictApiVersions || (!ofIdentity && computeApiVersions !== undefined);
  const version = resolveApiVersion(asked, known, exact);
  if (version !== undefined) return version;
  const type =
    route.kind === 'Operation'
      ? 'locations/operations'
      : ofIdentity
        ? 'userAssignedIdentities'
        : 'virtualMachineScaleSets';
  throw new Refusal(errors.noRegisteredProvider(locationOf(subscription, route), asked, type, known));
}

/** The location that the message names: the resource's own, else its group's, else none. */
function locationOf(subscription: Subscription, route: Exclude<Route, { kind: 'Permissions' }>): string {
  if (route.kind === 'Operation') return '';
  const group = subscription.resourceGroups.get(fold(route.resourceGroup ?? ''))?.location ?? '';
  if (route.kind === 'List') return group;
  const resources = route.resource === 'ScaleSet' ? subscription.scaleSets : subscription.identities;
  return resources.get(groupKey(route))?.location ?? group;
}
