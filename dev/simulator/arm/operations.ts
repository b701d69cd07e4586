import { createHmac } from 'node:crypto';

import { nextGuid } from '../guids.ts';
import { type Call, present, type Reply } from '../http.ts';
import { findIdentity, fold, groupKey, parseIdentityId, scaleSetId } from '../resource-id.ts';
import type { Operation, OperationOutcome, ScaleSet, State } from '../state.ts';
import { operationNotFound, preempted } from './errors.ts';
import { upgrade } from './instances.ts';
import { preciseTime } from './times.ts';

/** Puts a scale set in hand: it is `Creating`, `Updating` or `Deleting` until the operation is due. */
export function startOperation(
  state: State,
  set: ScaleSet,
  kind: Operation['kind'],
  attached: readonly string[],
  nowMs: number,
): Operation | undefined {
  const outcome = takePlannedOutcome(state, set);
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
  };
  if (lengthMs === 0 && outcome.kind === 'Succeed') {
    end(state, operation, nowMs);
    return undefined;
  }
  state.operations.set(operation.id, operation);
  set.operationId = operation.id;
  set.provisioningState = kind === 'Create' ? 'Creating' : kind === 'Delete' ? 'Deleting' : 'Updating';
  if (outcome.kind !== 'Stuck') schedule(state, operation, nowMs + lengthMs);
  return operation;
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
  for (let next = state.due[0]; next !== undefined && next.dueMs <= nowMs; next = state.due[0]) {
    state.due.shift();
    const operation = state.operations.get(next.operationId);
    if (operation?.status === 'InProgress') end(state, operation, next.dueMs);
  }
}

/** Ends an operation before its time, stuck ones included; what it comes to is what was planned, and success if it was stuck. */
export function finishNow(state: State, operation: Operation, nowMs: number): void {
  if (operation.status === 'InProgress') end(state, operation, nowMs);
}

/** A newer operation on the same scale set takes over. */
export function preempt(state: State, set: ScaleSet, nowMs: number): void {
  const running = set.operationId === undefined ? undefined : state.operations.get(set.operationId);
  if (running?.status !== 'InProgress') return;
  running.status = 'Canceled';
  running.error = preempted;
  running.endMs = nowMs;
  set.operationId = undefined;
}

/** A failed operation leaves the model as it was asked for, and the identities that it attached without ids. */
function end(state: State, operation: Operation, endMs: number): void {
  const { scaleSet, outcome } = operation;
  operation.endMs = endMs;
  scaleSet.operationId = undefined;
  if (outcome.kind === 'Fail') {
    operation.status = outcome.status ?? 'Failed';
    operation.error = { code: outcome.code, message: outcome.message };
    scaleSet.provisioningState = 'Failed';
    return;
  }
  operation.status = 'Succeeded';
  scaleSet.provisioningState = 'Succeeded';
  if (operation.kind === 'Delete') remove(state, scaleSet);
  else revealIds(state, operation);
  if (operation.upgrades !== undefined) upgrade(scaleSet, operation.upgrades);
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

function signature(state: State, operation: Operation): string {
  return createHmac('sha256', state.signingKey).update(operation.id).digest('base64url');
}

/** What the poll link answers: always 200 with a status; 404 for a link that was cut, forged or forgotten. */
export function readOperation(state: State, call: Call, operationId: string): Reply {
  const operation = state.operations.get(fold(operationId));
  if (operation === undefined || call.query.get('h') !== signature(state, operation)) return operationNotFound();
  if (call.query.get('monitor') === 'true') {
    return { status: operation.status === 'InProgress' ? 202 : 200 };
  }
  return {
    status: 200,
    body: present<unknown>({
      startTime: preciseTime(operation.startMs),
      endTime: operation.endMs === undefined ? undefined : preciseTime(operation.endMs),
      status: operation.status,
      error: operation.error,
      name: operation.id,
    }),
  };
}
