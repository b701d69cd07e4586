import { nextGuid } from '../../guids.ts';
import { type Call, Refusal, type Reply } from '../../http.ts';
import { fold, groupKey } from '../../resource-id.ts';
import type { GroupDeletion, ResourceGroup, ScaleSet, State, UserAssignedIdentity } from '../../state.ts';
import type { ArmCall } from '../arm-call.ts';
import { noteChange } from '../lagging-lists.ts';
import { preempt } from '../operations.ts';
import { deleteIdentity } from '../user-assigned.ts';
import { operationResultNotFound } from './management-errors.ts';

/**
 * Begins to delete a group with all that is in it, or tells again of the deletion that runs. It is always answered as
 * something that takes time, even when `settings.operationMs` is 0.
 */
export function startGroupDeletion(arm: ArmCall, group: ResourceGroup): Reply {
  group.deletion ??= begin(arm, group);
  return running(arm.call, arm.subscription.id, group.deletion, arm.version);
}

/** @returns the token of its poll link */
function begin({ state, call, subscription }: ArmCall, group: ResourceGroup): string {
  const job = `RESOURCEGROUPDELETIONJOB-${group.name.toUpperCase()}-${nextGuid(state.guids)}`;
  const token = Buffer.from(JSON.stringify({ jobId: job, jobLocation: group.location })).toString('base64url');
  for (const set of scaleSetsIn(state, subscription.id, group.name)) {
    preempt(state, set, call.nowMs);
    set.provisioningState = 'Deleting';
  }
  const dueMs = call.nowMs + state.settings.operationMs;
  state.groupDeletions.set(token, { subscriptionId: subscription.id, group: group.name, dueMs, done: false });
  return token;
}

/** `GET /subscriptions/{s}/operationresults/{token}`: 202 until it is done, then an empty 200. */
export function readGroupDeletion({ state, call, subscription, version }: ArmCall, token: string): Reply {
  const deletion = state.groupDeletions.get(token);
  if (deletion === undefined) throw new Refusal(operationResultNotFound(token));
  return deletion.done ? { status: 200 } : running(call, subscription.id, token, version);
}

function running(call: Call, subscriptionId: string, token: string, version: string): Reply {
  const location = `${call.origin}/subscriptions/${subscriptionId}/operationresults/${token}?api-version=${version}`;
  return { status: 202, headers: { location, 'retry-after': '15' } };
}

/** Ends the deletions that are due by `nowMs`; all of them when it is undefined. */
export function settleGroupDeletions(state: State, nowMs: number | undefined): void {
  for (const deletion of state.groupDeletions.values()) {
    if (!deletion.done && (nowMs === undefined || deletion.dueMs <= nowMs)) end(state, deletion);
  }
}

function end(state: State, deletion: GroupDeletion): void {
  deletion.done = true;
  const subscription = state.subscriptions.get(fold(deletion.subscriptionId));
  if (subscription === undefined) return;
  for (const set of scaleSetsIn(state, deletion.subscriptionId, deletion.group)) {
    subscription.scaleSets.delete(groupKey(set));
    noteChange(state, set, deletion.dueMs);
  }
  for (const identity of identitiesIn(state, deletion.subscriptionId, deletion.group)) {
    deleteIdentity(state, identity, deletion.dueMs);
  }
  subscription.resourceGroups.delete(fold(deletion.group));
}

function scaleSetsIn(state: State, subscriptionId: string, group: string): readonly ScaleSet[] {
  return within(state.subscriptions.get(fold(subscriptionId))?.scaleSets, group);
}

function identitiesIn(state: State, subscriptionId: string, group: string): readonly UserAssignedIdentity[] {
  return within(state.subscriptions.get(fold(subscriptionId))?.identities, group);
}

function within<T>(resources: ReadonlyMap<string, T> | undefined, group: string): readonly T[] {
  const prefix = `${fold(group)}/`;
  return [...(resources ?? [])].filter(([key]) => key.startsWith(prefix)).map(([, resource]) => resource);
}
