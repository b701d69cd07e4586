import { createHmac } from 'node:crypto';

import { nextGuid } from '../guids.ts';
import type { Call } from '../http.ts';
import { findIdentity, fold, groupKey, parseIdentityId, scaleSetId } from '../resource-id.ts';
import type { Operation, OperationOutcome, ScaleSet, State } from '../state.ts';
import { preempted } from './errors.ts';
import { upgrade } from './instances.ts';
import { catchUp, keepLists, noteChange } from './lagging-lists.ts';

/**
 * Puts a scale set in hand: it is `Creating`, `Updating` or `Deleting` until the operation is due.
 * @param fixedOutcome what the write itself has already decided; undefined: what was planned for it
 */
export function startOperation(
  state: State,
  set: ScaleSet,
  kind: Operation['kind'],
  attached: readonly string[],
  nowMs: number,
  fixedOutcome?: OperationOutcome,
): Operation | undefined {
  const outcome = fixedOutcome ?? takePlannedOutcome(state, set);
  const lengthMs = set.operationMs ?? state.settings.operationMs;
  const operation: Operation = {
    id: nextGuid(state.guids),
    kind,
    subscriptionId: set.subscriptionId,
    location: set.location,
    scaleSet: set,
    attached,
    startMs: nowMs,
    outcome,
    status: 'InProgress',
    endMs: undefined,
    error: undefined,
    errorStatus: undefined,
    forgotten: false,
  };
  if (lengthMs === 0 && outcome.kind === 'Succeed') {
    end(state, operation, nowMs);
    return undefined;
  }
  dropOldest(state, nowMs);
  state.operations.set(operation.id, operation);
  set.operationId = operation.id;
  set.provisioningState = kind === 'Create' ? 'Creating' : kind === 'Delete' ? 'Deleting' : 'Updating';
  if (outcome.kind !== 'Stuck') schedule(state, operation, nowMs + lengthMs);
  noteChange(state, set, nowMs);
  return operation;
}

/** Those that ended so long ago that their links are 404 anyway, as far as they stand at the front. */
function dropOldest(state: State, nowMs: number): void {
  for (const [id, operation] of state.operations) {
    if (operation.status === 'InProgress' || isRemembered(state, operation, nowMs)) return;
    state.operations.delete(id);
  }
}

/** Whether its links still answer. */
export function isRemembered(state: State, operation: Operation, nowMs: number): boolean {
  if (operation.forgotten) return false;
  return operation.endMs === undefined || nowMs < operation.endMs + state.settings.operationRetentionMs;
}

function takePlannedOutcome(state: State, set: ScaleSet): OperationOutcome {
  const id = fold(scaleSetId(set));
  const index = state.plannedOutcomes.findIndex((plan) => plan.scaleSetId === undefined || plan.scaleSetId === id);
  const plan = state.plannedOutcomes[index];
  if (plan === undefined) return { kind: 'Succeed' };
  plan.remaining -= 1;
  if (plan.remaining <= 0) state.plannedOutcomes.splice(index, 1);
  return plan.outcome;
}

function schedule(state: State, operation: Operation, dueMs: number): void {
  let at = state.due.length;
  while (at > 0 && (state.due[at - 1]?.dueMs ?? 0) > dueMs) at -= 1;
  state.due.splice(at, 0, { dueMs, operationId: operation.id });
}

/** Brings about everything that time has brought about until `nowMs`, in the order in which it fell due. */
export function settle(state: State, nowMs: number): void {
  keepLists(state);
  for (let next = state.due[0]; next !== undefined && next.dueMs <= nowMs; next = state.due[0]) {
    state.due.shift();
    const operation = state.operations.get(next.operationId);
    if (operation?.status === 'InProgress') end(state, operation, next.dueMs);
  }
  catchUp(state, nowMs);
}

/** Ends an operation before its time, stuck ones included; what it comes to is what was planned, and success if it was stuck. */
export function finishNow(state: State, operation: Operation, nowMs: number): void {
  if (operation.status === 'InProgress') end(state, operation, nowMs);
}

/**
 * A newer operation on the same scale set takes over.
 * @returns the identities that were being attached: the model has them, so it is the newer one's to see that through
 */
export function preempt(state: State, set: ScaleSet, nowMs: number): readonly string[] {
  const running = set.operationId === undefined ? undefined : state.operations.get(set.operationId);
  if (running?.status !== 'InProgress') return [];
  running.status = state.settings.preemptedStatus;
  running.error = preempted;
  running.endMs = nowMs;
  set.operationId = undefined;
  return running.attached;
}

function end(state: State, operation: Operation, endMs: number): void {
  operation.endMs = endMs;
  operation.scaleSet.operationId = undefined;
  if (operation.outcome.kind === 'Fail') fail(operation, operation.outcome);
  else succeed(state, operation);
  noteChange(state, operation.scaleSet, endMs);
}

/** It leaves the model as it was asked for, and the identities that it attached without ids. */
function fail(operation: Operation, outcome: Extract<OperationOutcome, { kind: 'Fail' }>): void {
  operation.status = outcome.status ?? 'Failed';
  operation.error = { code: outcome.code, message: outcome.message };
  operation.errorStatus = outcome.httpStatus;
  operation.scaleSet.provisioningState = 'Failed';
}

function succeed(state: State, operation: Operation): void {
  operation.status = 'Succeeded';
  operation.scaleSet.provisioningState = 'Succeeded';
  if (operation.kind === 'Delete') remove(state, operation.scaleSet);
  else revealIds(state, operation);
  if (operation.upgrades !== undefined) upgrade(operation.scaleSet, operation.upgrades);
}

function remove(state: State, set: ScaleSet): void {
  const sets = state.subscriptions.get(fold(set.subscriptionId))?.scaleSets;
  if (sets?.get(groupKey(set)) === set) sets.delete(groupKey(set));
}

function revealIds(state: State, operation: Operation): void {
  for (const id of operation.attached) {
    const assigned = operation.scaleSet.identity.userAssigned.get(id);
    const parsed = parseIdentityId(id);
    const identity = parsed === undefined ? undefined : findIdentity(state, parsed);
    if (assigned === undefined || assigned.orphaned || identity === undefined) continue;
    assigned.ids ??= { principalId: identity.principalId, clientId: identity.clientId };
  }
}

// --- on the wire ----------------------------------------------------------------------------------------------------

/** Poll links carry a certificate chain; a proxy with small header limits breaks on them. */
const linkFiller = 'MIIHhzCCBm-gAwIBAgITHgY2'.repeat(112);

/** `azure-asyncoperation` as Compute sends it: about 3 kB, signed. `monitor`: the form that goes into `location`. */
export function operationLink(
  state: State,
  operation: Operation,
  call: Call,
  version: string,
  monitor: boolean,
): string {
  const path = `/subscriptions/${operation.subscriptionId}/providers/Microsoft.Compute/locations/${operation.location}/operations/${operation.id}`;
  const signed = signature(state, operation);
  const query = [
    `p=${operation.scaleSet.uniqueId}`,
    ...(monitor ? ['monitor=true'] : []),
    `api-version=${version}`,
    `t=${String(operation.startMs)}`,
    `c=${linkFiller}`,
    `s=${signed.repeat(8)}`,
    `h=${signed}`,
  ];
  return `${call.origin}${path}?${query.join('&')}`;
}

/** Whether a link is one that `operationLink` made, whole. */
export function isSigned(state: State, operation: Operation, call: Call): boolean {
  return call.query.get('h') === signature(state, operation);
}

function signature(state: State, operation: Operation): string {
  return createHmac('sha256', state.signingKey).update(operation.id).digest('base64url');
}
