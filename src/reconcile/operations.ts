/** A write that Azure works on: looked at from time to time, while no worker waits for it. */
import type { ArmKey } from '../identity/arm-id.ts';
import type { PlannedPatch } from '../identity/patch.ts';
import { isTerminal } from '../identity/scale-set.ts';
import { hasten } from './accepted.ts';
import type { AzurePort, Failure, FailureKind, OperationHandle } from './azure-port.ts';
import type { ListedScaleSet } from './inventory/subscription-inventory.ts';
import type { OperationInFlight } from './memory.ts';
import { refuse } from './refusals.ts';
import type { Subject } from './subject.ts';

/** What keeps one look at the link from telling anything, but not the next. */
const PASSING: ReadonlySet<FailureKind> = new Set(['transient', 'throttled', 'credential']);
/** Looks in a row that tell nothing before the link is taken for a bad one. */
const USELESS_LOOKS = 5;
const FIRST_LOOK_MS = 2000;
const LOOK_MS = 5000;
const LONGEST_LOOK_MS = 30_000;
/** After this long an operation counts as timed out: nothing is written, and it is looked at rarely. */
export const OPERATION_DEADLINE_MS = 30 * 60_000;
const TIMED_OUT_LOOK_MS = 5 * 60_000;
/** So long after a list told of the operation, or could have, it is looked at by itself. */
const NO_WORD_MS = 60_000;
const NO_WORD_OF_TIMED_OUT_MS = 6 * 60_000;

/**
 * The operation that an accepted write began.
 * @param etag of the scale set as the write was planned from
 */
export function begin(
  patch: PlannedPatch,
  etag: string,
  handle: OperationHandle | undefined,
  now: number,
): OperationInFlight {
  const { attach, systemAssigned } = patch.delta;
  return {
    ...(handle === undefined ? {} : { handle }),
    startedAt: now,
    identityIds: attach.map(({ resourceId }) => resourceId),
    keys: attach.map(({ key }): ArmKey => key),
    attaches: attach.length > 0 || systemAssigned === 'on',
    systemAssigned,
    nextLookAt: now + Math.max(FIRST_LOOK_MS, handle?.retryAfterMs ?? 0),
    waitMs: LOOK_MS,
    uselessLooks: 0,
    timedOut: false,
    etag,
  };
}

export type Progress =
  | { readonly state: 'running'; readonly operation: OperationInFlight }
  | { readonly state: 'succeeded' }
  /** It is over, and nobody knows how it ended: the scale set tells what came of it. */
  | { readonly state: 'over' }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface LookTools {
  readonly azure: AzurePort;
  /** Whether the scale set itself says so: where there is no link, none that is of use, or a list that says so. */
  readonly isOver: () => Promise<boolean>;
  /** What the newest list shows, if it was asked for after our own last look at and write to the scale set. */
  readonly listed: ListedScaleSet | undefined;
  /** Lists watch over the operations in flight. */
  readonly watched: boolean;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Looks at the operation if it is time to: at a list where lists watch over it, else at its link. */
export async function follow(operation: OperationInFlight, tools: LookTools): Promise<Progress> {
  const { azure, isOver, watched, now, signal } = tools;
  const word = watched || operation.timedOut ? wordOfList(operation, tools) : 'none';
  if (word === 'running') return { state: 'running', operation: watchedLater(operation, now) };
  // A list may lag behind, so that the scale set itself has to say so too.
  if (word === 'succeeded') {
    return (await isOver()) ? { state: 'over' } : { state: 'running', operation: watchedLater(operation, now) };
  }
  const wasWatched = operation.watched === true && !watched;
  if (now < operation.nextLookAt && word !== 'failed' && !wasWatched) return { state: 'running', operation };
  if (operation.handle === undefined || operation.timedOut) {
    return (await isOver()) ? { state: 'over' } : { state: 'running', operation: later(operation, now) };
  }
  const look = await azure.pollOperation(operation.handle, operation.identityIds, signal);
  if (!look.ok && look.failure.kind === 'queued') {
    return { state: 'running', operation: inTurn(operation, now, look.failure.retryAfterMs) };
  }
  if (!look.ok) return { state: 'running', operation: afterUselessLook(operation, look.failure, now) };
  switch (look.value.state) {
    case 'running': {
      const { operation: handle } = look.value;
      const seen = { ...operation, handle, uselessLooks: 0 };
      return { state: 'running', operation: later(seen, now, handle.retryAfterMs) };
    }
    case 'succeeded':
      return { state: 'succeeded' };
    case 'unknown':
      return { state: 'over' };
    case 'failed':
      return { state: 'failed', failure: look.value.failure };
  }
}

/** What a list says of the operation; `none` when it is to be looked at itself. */
function wordOfList(
  { etag, startedAt, timedOut }: OperationInFlight,
  { listed, now }: LookTools,
): 'running' | 'succeeded' | 'failed' | 'none' {
  // One that still shows what the write was planned from was drawn up before it.
  const isNews = listed !== undefined && (etag === undefined || listed.scaleSet.etag !== etag);
  if (isNews && isTerminal(listed.scaleSet.provisioningState)) {
    return listed.scaleSet.provisioningState === 'Succeeded' ? 'succeeded' : 'failed';
  }
  const patienceMs = timedOut ? NO_WORD_OF_TIMED_OUT_MS : NO_WORD_MS;
  return now - (isNews ? listed.at : startedAt) < patienceMs ? 'running' : 'none';
}

/** Until a list says more. */
function watchedLater(operation: OperationInFlight, now: number): OperationInFlight {
  if (isOverdue(operation, now)) return later(operation, now);
  return { ...operation, watched: true, nextLookAt: now + NO_WORD_MS };
}

function isOverdue({ startedAt }: OperationInFlight, now: number): boolean {
  return now - startedAt >= OPERATION_DEADLINE_MS;
}

/** A link that may not be read, or never tells anything, is let go; that Azure cannot be asked at all is not its fault. */
function afterUselessLook(
  operation: OperationInFlight,
  { kind, retryAfterMs }: Failure,
  now: number,
): OperationInFlight {
  const uselessLooks = operation.uselessLooks + (kind === 'transient' ? 1 : 0);
  const next = { ...later(operation, now, retryAfterMs), uselessLooks };
  return PASSING.has(kind) && uselessLooks < USELESS_LOOKS ? next : withoutLink(next);
}

/** The scale set's own state is watched instead. */
function withoutLink({ handle: _handle, ...rest }: OperationInFlight): OperationInFlight {
  return rest;
}

/** It was not looked at, so that nothing is learnt from it, and the waits between looks grow no longer. */
function inTurn(operation: OperationInFlight, now: number, waitMs = 0): OperationInFlight {
  return isOverdue(operation, now) ? later(operation, now) : { ...operation, nextLookAt: now + waitMs };
}

function later(operation: OperationInFlight, now: number, retryAfterMs = 0): OperationInFlight {
  if (isOverdue(operation, now)) {
    return { ...operation, watched: false, timedOut: true, nextLookAt: now + TIMED_OUT_LOOK_MS };
  }
  const waitMs = Math.max(operation.waitMs, retryAfterMs);
  return {
    ...operation,
    watched: false,
    nextLookAt: now + waitMs,
    waitMs: Math.min(LONGEST_LOOK_MS, Math.ceil(operation.waitMs * 1.5)),
  };
}

const RESEND_SOON_MS = 5000;

/**
 * A failed operation takes nothing back: the scale set's model may hold its target. What it carried is sent again later,
 * soon where others were in the way, when Azure says so where it throttled.
 */
export function noteFailedOperation(
  subject: Subject,
  { keys, startedAt }: OperationInFlight,
  { kind, code, message, retryAfterMs }: Failure,
  now: number,
): void {
  const { memory } = subject;
  memory.failedOperation = { startedAt: new Date(startedAt).toISOString(), lastError: { code, message } };
  const reason = kind === 'identityRefused' ? 'IdentityRefused' : 'OperationFailed';
  const toldMs = kind === 'throttled' ? retryAfterMs : undefined;
  const waitMs = kind === 'busy' ? RESEND_SOON_MS : toldMs;
  const why = { state: 'Failed', reason, message, cause: 'operation', absolute: toldMs !== undefined } as const;
  for (const key of keys) refuse(subject, key, now, why, waitMs);
  if (waitMs !== undefined) hasten(memory, startedAt, now + waitMs);
}

/** Nobody saw the last operation end, and what it was to attach does not work: that is sent again as after a failure. */
export function noteLostOperation(subject: Subject, key: ArmKey, now: number): void {
  const { memory, ledger } = subject;
  const message = 'Azure did not finish attaching it';
  const startedAt = ledger?.spec.operation?.startedAt ?? new Date(now).toISOString();
  memory.failedOperation ??= { startedAt, lastError: { code: 'OutcomeUnknown', message } };
  refuse(subject, key, now, { state: 'Failed', reason: 'OperationFailed', message, cause: 'operation' });
}
