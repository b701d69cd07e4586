/**
 * Long-running operations, looked at one at a time. The SDK's poller is not used: it loses the error's code, polls twice
 * as often as Azure allows, and sends the token to whatever host a header names.
 */
import { asciiLower } from '../identity/arm-id.ts';
import type { Failure, OperationHandle, OperationStatus, Result } from '../reconcile/azure-port.ts';
import { type Arm, failureOf, inTurn, unreadable } from './arm.ts';
import type { TurnOutcome } from './budgets/in-turn.ts';
import { type Asked, classifyOperation } from './errors.ts';
import { member, textOf } from './json.ts';
import type { ArmReply } from './request.ts';
import { retryAfterOf } from './retry-after.ts';

/** The operation that a reply announces. A link that leads elsewhere is none: the scale set itself tells how it goes. */
export function operationOf(arm: Arm, reply: ArmReply): OperationHandle | undefined {
  const asyncOperation = usableLink(arm, reply, 'azure-asyncoperation');
  if (asyncOperation !== undefined) return withWait(arm, reply, { link: asyncOperation, via: 'azureAsyncOperation' });
  const location = reply.status === 202 ? usableLink(arm, reply, 'location') : undefined;
  return location === undefined ? undefined : withWait(arm, reply, { link: location, via: 'location' });
}

/** Looks once. */
export async function pollOperation(
  arm: Arm,
  operation: OperationHandle,
  requestIds: readonly string[],
  signal: AbortSignal,
): Promise<Result<OperationStatus>> {
  const url = arm.url({ to: 'link', link: operation.link });
  if (url === undefined) throw new TypeError('an operation is polled at the ARM endpoint only');
  const outcome = await arm.send({ operation: 'poll_operation', method: 'GET', url }, signal);
  const asked = { scope: 'the operation', requestIds, nowMs: arm.clock.now() };
  if (outcome.got !== 'reply') return { ok: false, failure: couldNotLook(failureOf(outcome, asked)) };
  const { reply } = outcome;
  if (reply.status === 404 || reply.status === 410) return { ok: true, value: { state: 'unknown' } };
  if (reply.status < 200 || reply.status >= 300) {
    const failed = operation.via === 'location' ? refusedLate(outcome, asked) : undefined;
    return failed === undefined
      ? { ok: false, failure: couldNotLook(failureOf(outcome, asked)) }
      : { ok: true, value: failed };
  }
  const status =
    operation.via === 'location' ? byStatusCode(arm, operation, reply) : byResource(arm, operation, reply, asked);
  if (status === undefined) return { ok: false, failure: unreadable(reply, asked.scope, 'it has no status') };
  if (status.state !== 'failed') return { ok: true, value: status };
  return { ok: true, value: { ...status, failure: inTurn(status.failure, outcome.turnInMs) } };
}

/** The resource at Azure-AsyncOperation: always a 200 whose `status` tells. Undefined when it cannot be read. */
function byResource(arm: Arm, operation: OperationHandle, reply: ArmReply, asked: Asked): OperationStatus | undefined {
  const body = reply.body.is === 'json' ? reply.body.value : undefined;
  const status = textOf(member(body, 'status'));
  if (status === undefined) return undefined;
  switch (asciiLower(status)) {
    case 'succeeded':
      return { state: 'succeeded' };
    case 'failed':
      return failed('Failed', body, reply, asked);
    case 'canceled':
    case 'cancelled':
      return failed('Canceled', body, reply, asked);
    default:
      // InProgress, Running, Updating, …: providers name what is not over as they like.
      return { state: 'running', operation: withWait(arm, reply, { link: operation.link, via: operation.via }) };
  }
}

/**
 * The URL at Location: 202 while it runs, then what the request would have been answered at once, or nothing. Undefined
 * when that is no answer of Azure's.
 */
function byStatusCode(arm: Arm, operation: OperationHandle, reply: ArmReply): OperationStatus | undefined {
  if (reply.status !== 202) return reply.body.is === 'unreadable' ? undefined : { state: 'succeeded' };
  const link = usableLink(arm, reply, 'location') ?? operation.link;
  return { state: 'running', operation: withWait(arm, reply, { link, via: 'location' }) };
}

/**
 * A failed operation at Location is answered as the request itself would have been. A refusal of the look is another
 * matter, and so is what any request may meet.
 */
function refusedLate(outcome: TurnOutcome & { readonly got: 'reply' }, asked: Asked): OperationStatus | undefined {
  if (outcome.reply.body.is !== 'json') return undefined;
  const failure = failureOf(outcome, asked);
  return failure.hadNoEffect && !ABOUT_THE_OPERATOR.has(failure.kind)
    ? { state: 'failed', failure: { ...failure, hadNoEffect: false } }
    : undefined;
}

/** What failed is the change of the scale set, whatever was asked to hear of it. */
function failed(status: 'Failed' | 'Canceled', body: unknown, reply: ArmReply, asked: Asked): OperationStatus {
  const change = { ...asked, scope: 'the scale set' };
  return { state: 'failed', failure: classifyOperation(status, body, reply.headers, change) };
}

/**
 * Whatever a look at an operation was answered, it says nothing about the operation: at most about the operator's own
 * rights or haste. What the write did stays unknown, so `hadNoEffect` is false.
 */
function couldNotLook(failure: Failure): Failure {
  if (failure.kind === 'queued') return failure;
  const told = failure.kind === 'throttled' || ABOUT_THE_OPERATOR.has(failure.kind);
  const kind = told ? failure.kind : 'transient';
  const message = told ? failure.message : `The state of the operation could not be read (${failure.code}).`;
  return { ...failure, kind, message, identityIds: [], hadNoEffect: false };
}

const ABOUT_THE_OPERATOR: ReadonlySet<Failure['kind']> = new Set([
  'credential',
  'notAuthorised',
  'operatorMisconfigured',
]);

function usableLink(arm: Arm, reply: ArmReply, header: string): string | undefined {
  const link = reply.headers.get(header);
  if (link === undefined) return undefined;
  if (arm.url({ to: 'link', link }) !== undefined) return link;
  arm.log.warn('a link to an operation does not lead to the ARM endpoint and is not followed', { header });
  return undefined;
}

function withWait(arm: Arm, reply: ArmReply, operation: Omit<OperationHandle, 'retryAfterMs'>): OperationHandle {
  const retryAfterMs = retryAfterOf(reply.headers, arm.clock.now());
  return { ...operation, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
