/** What every call to ARM has in common: send, classify what is not a success, read what is. */
import type { Failure, Result } from '../reconcile/azure-port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ReplyBody } from './body.ts';
import { queuedFailure, type SendInTurn, type TurnOutcome } from './budgets/in-turn.ts';
import type { ArmCall } from './call.ts';
import { type Asked, classifyReply } from './errors.ts';
import { fencedFailure } from './fence.ts';
import { readOnlyFailure } from './read-only.ts';
import type { ArmReply, AzureLog } from './request.ts';
import { requestIdOf } from './request-ids.ts';
import type { ArmUrls, IdentityApiVersion } from './urls.ts';
import type { Read, ReadScaleSet } from './wire.ts';

export interface Arm {
  readonly send: SendInTurn;
  readonly url: ArmUrls;
  /** In the shape of the api-version that is asked for. */
  readonly readScaleSet: ReadScaleSet;
  readonly clock: Clock;
  readonly log: AzureLog;
  /** What identities are read with: the newest version until the cloud says that it does not have it. */
  readonly identityApi: { version: IdentityApiVersion };
}

/** Sends; anything but a 2xx is a failure. */
export async function ask(
  arm: Arm,
  call: ArmCall,
  asked: Omit<Asked, 'nowMs'>,
  signal: AbortSignal,
): Promise<Result<ArmReply>> {
  const outcome = await arm.send(call, signal);
  if (outcome.got === 'reply' && outcome.reply.status >= 200 && outcome.reply.status < 300) {
    return { ok: true, value: outcome.reply };
  }
  return { ok: false, failure: failureOf(outcome, { ...asked, nowMs: arm.clock.now() }) };
}

/** Reads a success's body, which is a failure of its own kind when it cannot be read. */
export function read<T>(reply: ArmReply, scope: string, reader: (body: unknown) => Read<T>): Result<T> {
  if (reply.body.is !== 'json') {
    const why = reply.body.is === 'empty' ? 'it is empty' : reply.body.why;
    return { ok: false, failure: unreadable(reply, scope, why) };
  }
  const result = reader(reply.body.value);
  return result.readable
    ? { ok: true, value: result.value }
    : { ok: false, failure: unreadable(reply, scope, result.problem) };
}

/** A reply that was not understood: never the truth about anything, so it is asked for again. */
export function unreadable(reply: ArmReply, scope: string, problem: string): Failure {
  const requestId = requestIdOf(reply.headers);
  return {
    kind: 'transient',
    code: 'UnreadableReply',
    message: `Azure's reply about ${scope} cannot be used: ${problem}; it is asked for again.`,
    identityIds: [],
    ...(requestId === undefined ? {} : { requestId }),
    hadNoEffect: false,
  };
}

/** The failure of an outcome that is not a success. */
export function failureOf(outcome: TurnOutcome, asked: Asked): Failure {
  switch (outcome.got) {
    case 'reply':
      return inTurn(classifyReply({ ...outcome.reply, body: bodyValue(outcome.reply.body) }, asked), outcome.turnInMs);
    case 'queued':
      return queuedFailure(outcome.turn);
    case 'fenced':
      return fencedFailure(outcome.retryMs);
    case 'readOnly':
      return readOnlyFailure();
    case 'noToken':
      return {
        kind: 'credential',
        code: outcome.failure.code,
        message: outcome.failure.message,
        identityIds: [],
        hadNoEffect: true,
      };
    case 'nothing':
      return {
        kind: 'transient',
        code: outcome.code,
        message: `Azure gave no answer about ${asked.scope} (${outcome.code}); it is tried again.`,
        identityIds: [],
        hadNoEffect: !outcome.sent,
      };
  }
}

/** A request that Azure throttled comes again when it has its turn, which may be later than Azure said. */
export function inTurn(failure: Failure, turnInMs: number | undefined): Failure {
  return failure.kind === 'throttled' && turnInMs !== undefined ? { ...failure, retryAfterMs: turnInMs } : failure;
}

function bodyValue(body: ReplyBody): unknown {
  return body.is === 'json' ? body.value : undefined;
}
