import { nextGuid } from '../guids.ts';
import { isJsonObject, type Json, type JsonObject, present, Refusal, type Reply } from '../http.ts';
import { fold, groupKey, identityId, identityType } from '../resource-id.ts';
import type { IsolationScope, State, UserAssignedIdentity } from '../state.ts';
import { hasAssignmentRestrictions, hasIsolationScope } from './api-versions.ts';
import { type ArmCall, type ListRoute, readBody, requireGroup, requireMethod, type ResourceRoute } from './arm-call.ts';
import { readRestrictions } from './assignment-restrictions.ts';
import * as errors from './errors.ts';
import { respell } from './id-casing.ts';
import { noteChange } from './lagging-lists.ts';
import { normalLocation } from './management/regions.ts';
import { listResources } from './paging.ts';
import { authorize } from './rights/authorization.ts';

/** Microsoft's naming rules. A seed may have shorter names, which nobody could create. */
const validName = /^[a-z\d][\w-]{2,127}$/i;

const actions = {
  GET: `${identityType}/read`,
  PUT: `${identityType}/write`,
  PATCH: `${identityType}/write`,
  DELETE: `${identityType}/delete`,
} as const;

export function listUserAssigned(arm: ArmCall, route: ListRoute): Reply {
  const { state, subscription, version } = arm;
  const view = (identity: UserAssignedIdentity): JsonObject => viewIdentityResource(state, identity, version);
  return listResources(arm, route, actions.GET, subscription.identities, view);
}

export function handleUserAssigned(arm: ArmCall, route: ResourceRoute): Reply {
  requireMethod(arm, Object.keys(actions));
  const { state, subscription, version } = arm;
  const method = arm.call.method as keyof typeof actions;
  authorize(state, arm.caller, actions[method], identityId({ ...route, subscriptionId: subscription.id }));
  const group = requireGroup(arm, route.resourceGroup);
  const identity = subscription.identities.get(groupKey(route));
  switch (method) {
    case 'GET':
      return { status: 200, body: viewIdentityResource(state, required(route, identity), version) };
    case 'PATCH':
      return patch(arm, required(route, identity));
    case 'PUT':
      return put(arm, { ...route, resourceGroup: group.name }, identity);
    case 'DELETE':
      if (identity === undefined) return { status: 204 };
      deleteIdentity(state, identity, arm.call.nowMs);
      return { status: 200 };
  }
}

function required(route: ResourceRoute, identity: UserAssignedIdentity | undefined): UserAssignedIdentity {
  if (identity !== undefined) return identity;
  throw new Refusal(errors.resourceNotFound(identityType, route.name, route.resourceGroup));
}

function put(arm: ArmCall, route: ResourceRoute, existing: UserAssignedIdentity | undefined): Reply {
  const body = readBody(arm);
  const { location, tags } = body;
  if (typeof location !== 'string') throw new Refusal(errors.locationRequired());
  const wantedTags = isJsonObject(tags) ? tags : undefined;
  if (existing !== undefined) {
    if (normalLocation(location) !== existing.location) {
      throw new Refusal(errors.locationDiffers(existing.name, existing.resourceGroup, existing.location, location));
    }
    existing.tags = wantedTags;
    Object.assign(existing, readRestrictions(body));
    return { status: 200, body: viewIdentityResource(arm.state, existing, arm.version) };
  }
  if (!validName.test(route.name)) throw new Refusal(errors.invalidIdentityName(route.name));
  const created = createIdentity(arm.state, {
    ...route,
    subscriptionId: arm.subscription.id,
    location: normalLocation(location),
    tags: wantedTags,
    ...readRestrictions(body),
  });
  const shown = viewIdentityResource(arm.state, created, arm.version);
  return { status: 201, headers: { location: identityId(created) }, body: shown };
}

/** Tags only, all of them at once: nothing else of an identity can change. */
function patch(arm: ArmCall, identity: UserAssignedIdentity): Reply {
  const { tags } = readBody(arm);
  if (isJsonObject(tags)) identity.tags = tags;
  return { status: 200, body: viewIdentityResource(arm.state, identity, arm.version) };
}

/** A new principal each time, whatever stood under that name before. */
export function createIdentity(
  state: State,
  wanted: {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly name: string;
    readonly location: string;
    readonly tags?: JsonObject | undefined;
    readonly principalId?: string | undefined;
    readonly clientId?: string | undefined;
    readonly isolationScope?: IsolationScope;
    readonly assignableTo?: readonly string[] | undefined;
  },
): UserAssignedIdentity {
  const subscription = state.subscriptions.get(fold(wanted.subscriptionId));
  if (subscription === undefined) throw new Error(`no subscription ${wanted.subscriptionId}`);
  const identity: UserAssignedIdentity = {
    subscriptionId: subscription.id,
    resourceGroup: wanted.resourceGroup,
    name: wanted.name,
    location: wanted.location,
    tenantId: subscription.tenantId,
    principalId: wanted.principalId ?? nextGuid(state.guids),
    clientId: wanted.clientId ?? nextGuid(state.guids),
    isolationScope: wanted.isolationScope ?? 'None',
    assignableTo: wanted.assignableTo ?? [],
    tags: wanted.tags,
  };
  subscription.identities.set(groupKey(identity), identity);
  return identity;
}

/** Scale sets keep it in their dictionary, and nothing but taking it off and on again mends that. */
export function deleteIdentity(state: State, identity: UserAssignedIdentity, nowMs: number): void {
  state.subscriptions.get(fold(identity.subscriptionId))?.identities.delete(groupKey(identity));
  const id = fold(identityId(identity));
  for (const subscription of state.subscriptions.values()) {
    for (const set of subscription.scaleSets.values()) {
      const assigned = set.identity.userAssigned.get(id);
      if (assigned === undefined) continue;
      assigned.orphaned = true;
      noteChange(state, set, nowMs);
    }
  }
}

function viewIdentityResource(state: State, identity: UserAssignedIdentity, version: string): JsonObject {
  const { tenantId, principalId, clientId } = identity;
  return present<Json>({
    id: respell(identityId(identity), state.settings.idCasing),
    name: identity.name,
    type: identityType,
    location: identity.location,
    tags: identity.tags ?? {},
    properties: present<Json>({
      isolationScope: hasIsolationScope(version) ? identity.isolationScope : undefined,
      assignmentRestrictions: hasAssignmentRestrictions(version) ? { providers: identity.assignableTo } : undefined,
      tenantId,
      principalId,
      clientId,
    }),
  });
}
