/**
 * The table that turns what Azure answered into a {@link Failure}: the HTTP status first, then the error code, then the
 * text. No other file decides what a failure is.
 *
 * | status                  | code                                                       | kind                     |
 * |-------------------------|------------------------------------------------------------|--------------------------|
 * | 401                     | InvalidAuthenticationTokenTenant                           | operatorMisconfigured    |
 * | 401                     | any other                                                  | credential               |
 * | 404                     | ResourceNotFound, naming an identity, to a write           | identityRefused, blockedByForeignIdentity |
 * | 404                     | ResourceNotFound, ResourceGroupNotFound                    | notFound                 |
 * | 404                     | SubscriptionNotFound                                       | notAuthorised            |
 * | 404                     | none or any other: a proxy's page proves nothing           | transient                |
 * | 412                     | any                                                        | changedUnderneath        |
 * | 429                     | any, `OperationNotAllowed` too                             | throttled                |
 * | 408, 1xx–3xx, 5xx       | any                                                        | transient                |
 * | any other 4xx,          | the codes of {@link KIND_OF_CODE} and the three judged     | see there                |
 * | or a failed operation   | by their text                                              |                          |
 * | any other 4xx           | any other, "Retry after N seconds" in its text             | throttled                |
 * | 403 / 409               | none or any other                                          | notAuthorised / busy     |
 * | any other 4xx           | any other                                                  | rejected                 |
 * | any other 4xx           | none: a proxy's page, or a body cut off                    | transient                |
 * | operation Canceled      | none                                                       | busy                     |
 * | operation Failed        | any other                                                  | rejected                 |
 */
import { asciiLower } from '../identity/arm-id.ts';
import type { Failure, FailureKind } from '../reconcile/azure-port.ts';
import { type AzureError, readAzureError } from './error-body.ts';
import { messageFor } from './messages.ts';
import { isAssign, type NamedIdentities, namedIdentities, readLinkedRefusal, refusedAction } from './refusal.ts';
import { requestIdOf } from './request-ids.ts';
import { type ReplyHeaders, retryAfterInText, retryAfterOf } from './retry-after.ts';

/** An answer, whatever its body is: JSON, text or nothing. */
export interface AnsweredWith {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: unknown;
}

/** What was asked, as far as it helps to understand the answer. */
export interface Asked {
  /** The resource the request was about, named in messages. */
  readonly scope: string;
  /** The identities a write carried, as the request spelled them. */
  readonly requestIds: readonly string[];
  /** Wall-clock time of the answer, in milliseconds, for a Retry-After that is a date. */
  readonly nowMs: number;
}

/** A failure from an HTTP answer that is not a success. Never throws, whatever the body. */
export function classifyReply(reply: AnsweredWith, asked: Asked): Failure {
  const error = readAzureError(reply.body);
  const verdict = judgeReply(reply.status, error, asked.requestIds);
  const answered = reply.status >= 400 && reply.status < 500;
  return failure(verdict, error, `HTTP${String(reply.status)}`, reply.headers, asked, {
    hadNoEffect: answered && reply.status !== 408 && reply.status !== 429,
  });
}

/**
 * A failure from an operation that Azure accepted and then failed or cancelled. Its error is judged as if it had been a
 * refusal, but it is none: the model may hold what was asked, so `hadNoEffect` is false.
 * @param body of the operation, or its `error` alone
 */
export function classifyOperation(
  status: 'Failed' | 'Canceled',
  body: unknown,
  headers: ReplyHeaders,
  asked: Asked,
): Failure {
  const error = readAzureError(body);
  const cancelled: Verdict = { kind: 'busy', code: undefined };
  const verdict = judgeRefusal(error, asked.requestIds) ?? (status === 'Canceled' ? cancelled : rejected(error));
  const found = failure(verdict, error, `Operation${status}`, headers, asked, { hadNoEffect: false });
  if (found.kind !== 'transient') return found;
  // It was asked, and it answered: what went wrong did so in Azure.
  return {
    ...found,
    message: `Azure could not finish the change of ${asked.scope} (${found.code}); it is tried again.`,
  };
}

interface Verdict {
  readonly kind: FailureKind;
  /** The code that decided; undefined when none did. */
  readonly code: string | undefined;
  readonly identityIds?: readonly string[];
  readonly action?: string | undefined;
}

/**
 * ARM's own words for what is not there. Compute's bare `NotFound` is none of them: it has said so of scale sets that ARM
 * knew (openshift/openshift-azure#1540), and so does any gateway.
 */
const NOT_FOUND: ReadonlySet<string> = new Set(['resourcenotfound', 'resourcegroupnotfound']);

function judgeReply(status: number, error: AzureError, requestIds: readonly string[]): Verdict {
  const [code] = error.codes;
  if (status === 401) {
    const tenant = error.codes.some((each) => asciiLower(each) === 'invalidauthenticationtokentenant');
    return { kind: tenant ? 'operatorMisconfigured' : 'credential', code };
  }
  if (status === 404) return judgeMissing(code, error.text, requestIds);
  if (status === 412) return { kind: 'changedUnderneath', code };
  if (status === 429) return { kind: 'throttled', code };
  if (status === 408 || status < 400 || status >= 500) return { kind: 'transient', code };
  const refusal = judgeRefusal(error, requestIds);
  if (refusal !== undefined) return refusal;
  if (status === 403) return { kind: 'notAuthorised', code, action: refusedAction(error.text) };
  if (status === 409) return { kind: 'busy', code };
  return code === undefined ? { kind: 'transient', code } : rejected(error);
}

function judgeMissing(code: string | undefined, text: string, requestIds: readonly string[]): Verdict {
  const folded = asciiLower(code ?? '');
  if (folded === 'subscriptionnotfound') return { kind: 'notAuthorised', code };
  if (!NOT_FOUND.has(folded)) return { kind: 'transient', code };
  const named = requestIds.length === 0 ? undefined : namedIdentities(text, requestIds);
  return named?.any === true ? refused(code, named) : { kind: 'notFound', code };
}

/** Codes that say by themselves what a refusal is, in lower case. */
const KIND_OF_CODE: ReadonlyMap<string, FailureKind> = new Map([
  ['authorizationfailed', 'notAuthorised'],
  ['subscriptionnotfound', 'notAuthorised'],
  ['scopelocked', 'blockedByAdministrator'],
  ['denyassignmentauthorizationfailed', 'blockedByAdministrator'],
  ['requestdisallowedbypolicy', 'blockedByAdministrator'],
  ['requestdisallowedbyazure', 'blockedByAdministrator'],
  ['readonlydisabledsubscription', 'blockedByAdministrator'],
  ['missingsubscriptionregistration', 'blockedByAdministrator'],
  ['noregisteredproviderfound', 'operatorMisconfigured'],
  ['invalidapiversionparameter', 'operatorMisconfigured'],
  ['missingapiversionparameter', 'operatorMisconfigured'],
  ['invalidauthenticationtokentenant', 'operatorMisconfigured'],
  ['conflict', 'busy'],
  ['conflictingconcurrentwritenotallowed', 'busy'],
  ['anotheroperationinprogress', 'busy'],
  ['operationpreempted', 'busy'],
  ['preconditionfailed', 'changedUnderneath'],
  ['toomanyrequests', 'throttled'],
  ['subscriptionrequeststhrottled', 'throttled'],
  ['retryableerror', 'transient'],
  ['internaloperationerror', 'transient'],
  ['internalexecutionerror', 'transient'],
  ['internalservererror', 'transient'],
  ['servertimeout', 'transient'],
  ['serviceunavailable', 'transient'],
] as const);

/** Refusals by code, then by text; undefined when neither says anything. */
function judgeRefusal(error: AzureError, requestIds: readonly string[]): Verdict | undefined {
  for (const code of error.codes) {
    const verdict = judgeCode(code, error, requestIds);
    if (verdict !== undefined) return verdict;
  }
  return saysThrottled(error.text) ? { kind: 'throttled', code: error.codes[0] } : undefined;
}

function judgeCode(code: string, error: AzureError, requestIds: readonly string[]): Verdict | undefined {
  switch (asciiLower(code)) {
    case 'linkedauthorizationfailed':
      return judgeLinked(code, error.text, requestIds);
    case 'failedidentityoperation':
      return judgeIdentityOperation(code, error.text, requestIds);
    case 'operationnotallowed':
      return { kind: judgeNotAllowed(error.text), code };
    default: {
      const kind = KIND_OF_CODE.get(asciiLower(code));
      if (kind === undefined) return undefined;
      return kind === 'notAuthorised' ? judgeUnauthorised(code, error.text, requestIds) : { kind, code };
    }
  }
}

/** One code for three things: an operation under way, an exhausted quota, and a throttle. */
function judgeNotAllowed(text: string): FailureKind {
  if (/\bquota\b/i.test(text)) return 'rejected';
  return saysThrottled(text) ? 'throttled' : 'busy';
}

/** A missing right is one on the scale set, unless it is said to be that to assign an identity. */
function judgeUnauthorised(code: string, text: string, requestIds: readonly string[]): Verdict {
  const action = refusedAction(text);
  const named = isAssign(action) ? namedIdentities(text, requestIds) : undefined;
  return named?.any === true ? refused(code, named, action) : { kind: 'notAuthorised', code, action };
}

function judgeLinked(code: string, text: string, requestIds: readonly string[]): Verdict {
  const { action, assign, named } = readLinkedRefusal(text, requestIds);
  return assign ? refused(code, named, action) : { kind: 'notAuthorised', code, action };
}

/**
 * `FailedIdentityOperation` wraps whatever the identity service answered: a throttle or an outage of its own, too. One
 * that names no identity may still be the fault of one of the request's, which sending them one by one brings out.
 */
function judgeIdentityOperation(code: string, text: string, requestIds: readonly string[]): Verdict {
  if (saysThrottled(text)) return { kind: 'throttled', code };
  const named = namedIdentities(text, requestIds);
  if (named.any) return refused(code, named);
  const inner = /\bStatus: '([a-z]{1,40})'/i.exec(text)?.[1];
  if (inner !== undefined && SERVER_FAULTS.has(asciiLower(inner))) return { kind: 'transient', code };
  if (requestIds.length === 0 || /\bexceed limit\b/i.test(text)) return { kind: 'rejected', code };
  return { kind: 'identityRefused', code };
}

/** .NET's names of the HTTP statuses with which the identity service says that the fault is its own. */
const SERVER_FAULTS: ReadonlySet<string> = new Set([
  'requesttimeout',
  'internalservererror',
  'badgateway',
  'serviceunavailable',
  'gatewaytimeout',
]);

/** A refusal that names only identities which the request does not carry is not about the request. */
function refused(code: string | undefined, named: NamedIdentities, action?: string): Verdict {
  return named.requested.length === 0 && named.any
    ? { kind: 'blockedByForeignIdentity', code, identityIds: named.foreign, action }
    : { kind: 'identityRefused', code, identityIds: named.requested, action };
}

function rejected(error: AzureError): Verdict {
  return { kind: 'rejected', code: error.codes[0] };
}

function saysThrottled(text: string): boolean {
  return (
    retryAfterInText(text) !== undefined ||
    /\b(?:temporarily throttled|too many requests|TooManyRequests)\b/i.test(text)
  );
}

function failure(
  verdict: Verdict,
  error: AzureError,
  otherwise: string,
  headers: ReplyHeaders,
  asked: Asked,
  effect: { readonly hadNoEffect: boolean },
): Failure {
  const code = shortCode(verdict.code) ?? otherwise;
  const identityIds = verdict.identityIds ?? [];
  const retryAfterMs = retryAfterOf(headers, asked.nowMs) ?? retryAfterInText(error.text);
  const requestId = requestIdOf(headers);
  return {
    kind: verdict.kind,
    code,
    message: messageFor({ kind: verdict.kind, code, scope: asked.scope, action: verdict.action, identityIds }),
    identityIds,
    ...(verdict.action === undefined ? {} : { action: verdict.action }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(verdict.kind === 'throttled' && error.throttledPolicy !== undefined
      ? { throttledPolicy: error.throttledPolicy }
      : {}),
    ...(requestId === undefined ? {} : { requestId }),
    ...effect,
  };
}

/** A code is shown and logged: only what looks like one passes. */
function shortCode(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z0-9_.:-]{1,80}$/.test(text) ? text : undefined;
}
