import { nextGuid } from '../guids.ts';
import { isJsonObject, type JsonObject, Refusal, type Reply } from '../http.ts';
import { groupKey, scaleSetId, scaleSetType } from '../resource-id.ts';
import type { Operation, ScaleSet } from '../state.ts';
import { hasEtags, identityShape } from './api-versions.ts';
import { type ArmCall, type ListRoute, readBody, requireGroup, requireMethod, type ResourceRoute } from './arm-call.ts';
import { authorize } from './authorization.ts';
import * as errors from './errors.ts';
import { applyIdentityChange, checkIdentityChange } from './identity-merge.ts';
import { type IdentityChange, readIdentityChange } from './identity-request.ts';
import { changeModel, upgradeWith } from './instances.ts';
import { checkIdentitiesExist, checkLinkedAccess } from './linked-access.ts';
import { operationLink, preempt, startOperation } from './operations.ts';
import { listResources } from './paging.ts';
import { normalLocation } from './regions.ts';
import { applyModel, createModel } from './scale-set-model.ts';
import { etagOf, viewScaleSet } from './scale-set-view.ts';
import { preciseTime } from './times.ts';

const actions = {
  GET: `${scaleSetType}/read`,
  PUT: `${scaleSetType}/write`,
  PATCH: `${scaleSetType}/write`,
  DELETE: `${scaleSetType}/delete`,
} as const;

export function listScaleSets(arm: ArmCall, route: ListRoute): Reply {
  const { state, subscription, version } = arm;
  return listResources(arm, route, actions.GET, subscription.scaleSets, (set) => viewScaleSet(state, set, version));
}

export function handleScaleSet(arm: ArmCall, route: ResourceRoute): Reply {
  requireMethod(arm, Object.keys(actions));
  const method = arm.call.method as keyof typeof actions;
  authorize(arm.state, arm.caller, actions[method], scaleSetId({ ...route, subscriptionId: arm.subscription.id }));
  requireGroup(arm, route.resourceGroup);
  const set = arm.subscription.scaleSets.get(groupKey(route));
  if (method === 'DELETE') return set === undefined ? { status: 204 } : remove(arm, set);
  if (method === 'PUT') return set === undefined ? create(arm, route) : update(arm, set, 'PUT');
  if (set === undefined) throw new Refusal(errors.resourceNotFound(scaleSetType, route.name, route.resourceGroup));
  return method === 'PATCH' ? update(arm, set, 'PATCH') : showing(arm, set, 200);
}

function create(arm: ArmCall, route: ResourceRoute): Reply {
  const { state, call } = arm;
  const body = readBody(arm);
  const location = body['location'];
  if (typeof location !== 'string') throw new Refusal(errors.locationRequired());
  const target: ScaleSet = {
    subscriptionId: arm.subscription.id,
    resourceGroup: requireGroup(arm, route.resourceGroup).name,
    name: route.name,
    location: normalLocation(location),
    uniqueId: nextGuid(state.guids),
    timeCreated: preciseTime(call.nowMs),
    etag: 1,
    provisioningState: 'Succeeded',
    operationId: undefined,
    operationMs: undefined,
    identity: { systemAssigned: undefined, userAssigned: new Map() },
    ...createModel(body),
  };
  const change = readChange(arm, target, body);
  checkPreconditions(arm, undefined);
  if (change !== undefined) changeIdentity(arm, target, change, 'PUT');
  arm.subscription.scaleSets.set(groupKey(target), target);
  return accepted(arm, target, startOperation(state, target, 'Create', attachedBy(change), call.nowMs), 201);
}

function update(arm: ArmCall, set: ScaleSet, method: 'PUT' | 'PATCH'): Reply {
  const { state, call } = arm;
  const body = readBody(arm);
  const { location } = body;
  if (typeof location === 'string' && method === 'PUT' && normalLocation(location) !== set.location) {
    throw new Refusal(errors.locationDiffers(set.name, set.resourceGroup, set.location, location));
  }
  const change = readChange(arm, set, body);
  if (set.provisioningState === 'Deleting') throw new Refusal(errors.markedForDeletion(set.name));
  checkPreconditions(arm, set);
  checkIdle(set);
  if (change !== undefined) changeIdentity(arm, set, change, method);
  const upgrades = changeModel(state, set, call.nowMs, () => {
    applyModel(set, body, method);
  });
  set.etag += 1;
  const operation = startOperation(state, set, 'Update', attachedBy(change), call.nowMs);
  upgradeWith(operation, set, upgrades);
  return accepted(arm, set, operation, 200);
}

/** @throws Refusal 409 while something else has the scale set in hand */
export function checkIdle({ provisioningState, name }: ScaleSet): void {
  if (provisioningState === 'Deleting') throw new Refusal(errors.markedForDeletion(name));
  if (provisioningState === 'Creating' || provisioningState === 'Updating') throw new Refusal(errors.conflict());
}

/** A deletion takes over from whatever is going on. Asked again, it is the same operation. */
function remove(arm: ArmCall, set: ScaleSet): Reply {
  const { state, call } = arm;
  checkPreconditions(arm, set);
  const running = set.provisioningState === 'Deleting' ? state.operations.get(set.operationId ?? '') : undefined;
  if (running !== undefined) return deleting(arm, running);
  preempt(state, set, call.nowMs);
  set.etag += 1;
  const operation = startOperation(state, set, 'Delete', [], call.nowMs);
  return operation === undefined ? { status: 200 } : deleting(arm, operation);
}

function deleting({ state, call, version }: ArmCall, operation: Operation): Reply {
  return {
    status: 202,
    headers: {
      'azure-asyncoperation': operationLink(state, operation, call, version, false),
      location: operationLink(state, operation, call, version, true),
      'azure-asyncnotification': 'Enabled',
      'retry-after': '10',
    },
  };
}

/** ARM's own look at the identity, before Compute sees the request. */
function readChange(arm: ArmCall, target: ScaleSet, body: JsonObject): IdentityChange | undefined {
  const change = readIdentityChange(body, arm.call.request.body, identityShape(arm.version));
  if (change !== undefined) checkLinkedAccess(arm.state, arm.caller, arm.subscription, target, change);
  return change;
}

function changeIdentity({ state }: ArmCall, set: ScaleSet, change: IdentityChange, method: 'PUT' | 'PATCH'): void {
  checkIdentityChange(set, change);
  checkIdentitiesExist(state, set, change);
  set.identity = applyIdentityChange(state, set, change, method);
}

function attachedBy(change: IdentityChange | undefined): readonly string[] {
  return (change?.named ?? []).filter(({ value }) => value !== null).map(({ id }) => id.folded);
}

/** `If-Match` and `If-None-Match`, compared as they are written. */
function checkPreconditions({ call, version }: ArmCall, set: ScaleSet | undefined): void {
  if (!hasEtags(version)) return;
  const { 'if-match': match, 'if-none-match': noneMatch } = call.request.headers;
  const etag = set === undefined ? undefined : etagOf(set);
  if (match !== undefined && !(match === '*' ? set !== undefined : match === etag)) {
    throw new Refusal(errors.etagMismatch(match, set?.etag ?? 0));
  }
  if (noneMatch !== undefined && set !== undefined && (noneMatch === '*' || noneMatch === etag)) {
    throw new Refusal(errors.etagMatches(noneMatch, set.etag));
  }
}

function accepted(arm: ArmCall, set: ScaleSet, operation: Operation | undefined, status: number): Reply {
  const reply = showing(arm, set, status);
  if (operation === undefined) return reply;
  const headers = {
    ...reply.headers,
    'azure-asyncoperation': operationLink(arm.state, operation, arm.call, arm.version, false),
    'azure-asyncnotification': 'Enabled',
  };
  return { ...reply, headers };
}

function showing({ state, version }: ArmCall, set: ScaleSet, status: number): Reply {
  const headers: Record<string, string> = hasEtags(version) ? { etag: etagOf(set) } : {};
  const body = viewScaleSet(state, set, version);
  return { status, headers, body: isJsonObject(body) ? body : {} };
}
