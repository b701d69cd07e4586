import { isJsonObject, type Json, type JsonObject, present, Refusal, type Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { ResourceGroup } from '../../state.ts';
import { type ArmCall, readBody, requireGroup, requireMethod } from '../arm-call.ts';
import * as errors from '../errors.ts';
import { page } from '../paging.ts';
import { authorize, isAllowed } from '../rights/authorization.ts';
import {
  groupLocationDiffers,
  groupNameOutOfBounds,
  invalidGroupName,
  noSuchGroupLocation,
} from './management-errors.ts';
import { isRegion, normalLocation, regions } from './regions.ts';
import { startGroupDeletion } from './resource-group-deletion.ts';

const type = 'Microsoft.Resources/subscriptions/resourceGroups';
const actions = {
  GET: `${type}/read`,
  HEAD: `${type}/read`,
  PUT: `${type}/write`,
  PATCH: `${type}/write`,
  DELETE: `${type}/delete`,
} as const;

/** `GET /subscriptions/{s}/resourcegroups`: those that the caller may read. */
export function listGroups(arm: ArmCall): Reply {
  const readable = [...arm.subscription.resourceGroups].filter(([, { name }]) =>
    isAllowed(arm.state, arm.caller, actions.GET, groupId(arm, name)),
  );
  return page(arm, readable, (group) => viewGroup(arm, group));
}

/** `/subscriptions/{s}/resourcegroups/{g}`. */
export function handleGroup(arm: ArmCall, name: string): Reply {
  requireMethod(arm, Object.keys(actions));
  const method = arm.call.method as keyof typeof actions;
  authorize(arm.state, arm.caller, actions[method], groupId(arm, name));
  switch (method) {
    case 'GET':
      return { status: 200, body: viewGroup(arm, requireGroup(arm, name)) };
    case 'HEAD':
      return { status: arm.subscription.resourceGroups.has(fold(name)) ? 204 : 404 };
    case 'PUT':
      return put(arm, name);
    case 'PATCH':
      return patch(arm, requireGroup(arm, name));
    case 'DELETE':
      return startGroupDeletion(arm, requireGroup(arm, name));
  }
}

function put(arm: ArmCall, name: string): Reply {
  const { location, managedBy, tags } = readBody(arm);
  if (typeof location !== 'string') throw new Refusal(errors.locationRequired());
  const groups = arm.subscription.resourceGroups;
  const existing = groups.has(fold(name)) ? requireGroup(arm, name) : undefined;
  if (existing !== undefined && normalLocation(location) !== existing.location) {
    throw new Refusal(groupLocationDiffers(existing.location, location));
  }
  if (existing === undefined) checkNew(name, location);
  const group: ResourceGroup = existing ?? { name, location: normalLocation(location) };
  if (typeof managedBy === 'string') group.managedBy = managedBy;
  group.tags = isJsonObject(tags) ? tags : undefined;
  groups.set(fold(name), group);
  return { status: existing === undefined ? 201 : 200, body: viewGroup(arm, group) };
}

function checkNew(name: string, location: string): void {
  const invalid = name.replaceAll(/[\p{L}\p{N}._()-]/gu, '');
  if (invalid !== '') throw new Refusal(invalidGroupName(name, invalid));
  if (name.length > 90 || name.endsWith('.')) throw new Refusal(groupNameOutOfBounds(name));
  if (!isRegion(location)) {
    const available = regions.map((each) => each.name);
    throw new Refusal(noSuchGroupLocation(location, available));
  }
}

function patch(arm: ArmCall, group: ResourceGroup): Reply {
  const { managedBy, tags } = readBody(arm);
  if (typeof managedBy === 'string') group.managedBy = managedBy;
  if (isJsonObject(tags)) group.tags = tags;
  return { status: 200, body: viewGroup(arm, group) };
}

function groupId({ subscription }: ArmCall, name: string): string {
  return `/subscriptions/${subscription.id}/resourceGroups/${name}`;
}

function viewGroup(arm: ArmCall, group: ResourceGroup): JsonObject {
  return present<Json>({
    id: groupId(arm, group.name),
    name: group.name,
    type: 'Microsoft.Resources/resourceGroups',
    location: group.location,
    managedBy: group.managedBy,
    tags: group.tags,
    properties: { provisioningState: group.deletion === undefined ? 'Succeeded' : 'Deleting' },
  });
}
