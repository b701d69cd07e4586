import { nextGuid } from '../guids.ts';
import { type JsonObject, Refusal, type Reply } from '../http.ts';
import { groupKey, scaleSetId, scaleSetType } from '../resource-id.ts';
import type { OperationOutcome, ScaleSet } from '../state.ts';
import { chargeList, chargeScaleSet } from '../throttling/compute-requests.ts';
import { chargeAssignments } from '../throttling/identity-assignments.ts';
import { hasEtags, identityShape } from './api-versions.ts';
import { type ArmCall, type ListRoute, readBody, requireGroup, requireMethod, type ResourceRoute } from './arm-call.ts';
import * as errors from './errors.ts';
import { applyIdentityChange, checkIdentityChange } from './identity-merge.ts';
import { type IdentityChange, readIdentityChange } from './identity-request.ts';
import { checkIdentityService, deadThatStay } from './identity-service.ts';
import { changeModel, upgradeWith } from './instances.ts';
import { listedScaleSets } from './lagging-lists.ts';
import { normalLocation } from './management/regions.ts';
import { preempt, startOperation } from './operations.ts';
import { listResources } from './paging.ts';
import { authorize } from './rights/authorization.ts';
import { checkLinkedAccess } from './rights/linked-access.ts';
import { applyModel, createModel } from './scale-set-model.ts';
import { etagOf, viewScaleSet } from './scale-set-view.ts';
import { preciseTime } from './times.ts';
import { accepted, deleting, showing } from './write-replies.ts';

const actions = {
  GET: `${scaleSetType}/read`,
  PUT: `${scaleSetType}/write`,
  PATCH: `${scaleSetType}/write`,
  DELETE: `${scaleSetType}/delete`,
} as const;

type WriteMethod = 'PUT' | 'PATCH';

export function listScaleSets(arm: ArmCall, route: ListRoute): Reply {
  const { state, subscription, version } = arm;
  const listed = listedScaleSets(state, subscription);
  const view = (set: ScaleSet): JsonObject => viewScaleSet(state, set, version);
  const reply = listResources(arm, route, actions.GET, listed, view);
  chargeList(arm, route.resourceGroup);
  return reply;
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
  if (method === 'PATCH') return update(arm, set, 'PATCH');
  chargeScaleSet(arm, 'GetVMScaleSet', set);
  return showing(arm, set, 200);
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
  const change = readChange(arm, target, body, 'PUT');
  chargeScaleSet(arm, 'CreateVMScaleSet', target);
  checkPreconditions(arm, undefined);
  const outcome = change === undefined ? undefined : changeIdentity(arm, target, change, 'PUT');
  arm.subscription.scaleSets.set(groupKey(target), target);
  return accepted(arm, target, startOperation(state, target, 'Create', attachedBy(change), call.nowMs, outcome), 201);
}

function update(arm: ArmCall, set: ScaleSet, method: WriteMethod): Reply {
  const { state, call } = arm;
  const body = readBody(arm);
  const { location } = body;
  if (typeof location === 'string' && method === 'PUT' && normalLocation(location) !== set.location) {
    throw new Refusal(errors.locationDiffers(set.name, set.resourceGroup, set.location, location));
  }
  const change = readChange(arm, set, body, method);
  chargeScaleSet(arm, 'VMScaleSetActions', set);
  if (set.provisioningState === 'Deleting') throw new Refusal(errors.markedForDeletion(set.name));
  checkPreconditions(arm, set);
  if (state.settings.concurrentWrites === 'Conflict') checkIdle(set);
  const outcome = change === undefined ? undefined : changeIdentity(arm, set, change, method);
  const upgrades = changeModel(state, set, call.nowMs, () => {
    applyModel(set, body, method);
  });
  set.etag += 1;
  const attached = [...preempt(state, set, call.nowMs), ...attachedBy(change)];
  const operation = startOperation(state, set, 'Update', attached, call.nowMs, outcome);
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
  chargeScaleSet(arm, 'DeleteVMScaleSet', set);
  checkPreconditions(arm, set);
  const running = set.provisioningState === 'Deleting' ? state.operations.get(set.operationId ?? '') : undefined;
  if (running !== undefined) return deleting(arm, running);
  preempt(state, set, call.nowMs);
  set.etag += 1;
  const operation = startOperation(state, set, 'Delete', [], call.nowMs);
  return operation === undefined ? { status: 200 } : deleting(arm, operation);
}

/** ARM's own look at the identity, before Compute sees the request. */
function readChange(arm: ArmCall, target: ScaleSet, body: JsonObject, method: WriteMethod): IdentityChange | undefined {
  const { state, caller, subscription } = arm;
  const change = readIdentityChange(body, arm.call.request.body, identityShape(arm.version));
  if (change === undefined) return undefined;
  const linksDead = state.settings.deadIdentityBlocksWrites === 'LinkedAuthorizationFailed';
  const dead = linksDead ? deadThatStay(target, change, method) : [];
  checkLinkedAccess(state, caller, subscription, target, change, dead);
  return change;
}

/** @returns what the operation comes to, if the identity service has the last word there */
function changeIdentity(
  arm: ArmCall,
  set: ScaleSet,
  change: IdentityChange,
  method: WriteMethod,
): OperationOutcome | undefined {
  const { state } = arm;
  checkIdentityChange(set, change);
  const outcome = chargeAssignments(arm, set, change, method);
  checkIdentityService(state, set, change, method);
  set.identity = applyIdentityChange(state, set, change, method);
  return outcome;
}

function attachedBy(change: IdentityChange | undefined): readonly string[] {
  return (change?.named ?? []).filter(({ value }) => value !== null).map(({ id }) => id.folded);
}

/** `If-Match` and `If-None-Match`, compared as they are written; an empty one is none. */
function checkPreconditions({ call, version }: ArmCall, set: ScaleSet | undefined): void {
  if (!hasEtags(version)) return;
  const { 'if-match': match, 'if-none-match': noneMatch } = call.request.headers;
  const etag = set === undefined ? undefined : etagOf(set);
  if (match && !(match === '*' ? set !== undefined : match === etag)) {
    throw new Refusal(errors.etagMismatch(match, set?.etag ?? 0));
  }
  if (noneMatch && set !== undefined && (noneMatch === '*' || noneMatch === etag)) {
    throw new Refusal(errors.etagMatches(noneMatch, set.etag));
  }
}
