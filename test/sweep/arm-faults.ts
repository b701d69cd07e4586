/** What Azure can answer that is no success, a row for each of the kinds of failure that design §3 tells apart. */
import { failedIdentityOperation, identityReasons, linkedAuthorizationFailed } from '../../dev/simulator/arm/errors.ts';
import type { FaultEffect } from '../../dev/simulator/faults.ts';
import type { Reply } from '../../dev/simulator/http.ts';
import type { OperationOutcome } from '../../dev/simulator/state.ts';
import { CLIENT, identityIdOf, scaleSetIdOf } from './names.ts';

/** What a request asks for, as far as some answers are only given to some. */
export type Asks = 'read' | 'list' | 'write';

export interface ArmFault {
  readonly what: string;
  readonly effect: FaultEffect;
  /** Default: any request gets it. */
  readonly to?: readonly Asks[];
  /** How long Azure is left alone for it, where that is for longer, in milliseconds. */
  readonly recoveryMs?: number;
  /** What the operator logs as an error because of it. Default: nothing. */
  readonly logs?: RegExp;
}

type Answer = Extract<FaultEffect, { kind: 'status' }>;

const refusal = (status: number, code: string, message = 'Said so by the test.'): Answer => ({
  kind: 'status',
  status,
  code,
  message,
});

const saidBy = ({ status, body }: Reply): FaultEffect => ({ kind: 'status', status, body });

const caller = { clientId: CLIENT, objectId: CLIENT };
const linked = (identity: string): FaultEffect =>
  saidBy(linkedAuthorizationFailed(caller, scaleSetIdOf('web'), [identityIdOf(identity)]));

const failedFor = (identity: string): FaultEffect =>
  saidBy(failedIdentityOperation(scaleSetIdOf('web'), identityReasons.notFound(identityIdOf(identity))));

const MINUTE_MS = 60_000;
/** The second step for what Azure refuses by name, with jitter: some of it had been refused before. */
const REFUSED_MS = 13 * MINUTE_MS;
/** The step for what an administrator forbids. */
const FORBIDDEN_MS = 45 * MINUTE_MS;
/** What was rejected without a reason is tried again after an hour. */
const REJECTED_MS = 75 * MINUTE_MS;

/** One of each kind. */
export const armFaults: readonly ArmFault[] = [
  // transient
  { what: '500 after it was done', effect: { ...refusal(500, 'InternalServerError'), applied: true }, to: ['write'] },
  { what: 'a reset after it was done', effect: { kind: 'reset', applied: true }, to: ['write'] },
  { what: "a proxy's page for 200", effect: { kind: 'status', status: 200, text: '<html>', applied: true } },
  { what: 'a read without the identity', effect: { kind: 'withoutIdentity' }, to: ['read', 'list'] },
  { what: 'an empty list', effect: { kind: 'status', status: 200, body: { value: [] } }, to: ['list'] },
  // throttled
  { what: '429', effect: { ...refusal(429, 'TooManyRequests'), headers: { 'retry-after': '20' } } },
  // credential
  { what: '401', effect: refusal(401, 'ExpiredAuthenticationToken') },
  // not authorised
  { what: '403 AuthorizationFailed', effect: refusal(403, 'AuthorizationFailed') },
  // not found
  { what: '404 ResourceNotFound', effect: refusal(404, 'ResourceNotFound') },
  // busy
  { what: '409 Conflict', effect: refusal(409, 'Conflict') },
  // changed underneath
  { what: '412', effect: refusal(412, 'PreconditionFailed') },
  // blocked by an administrator
  { what: '409 ScopeLocked', effect: refusal(409, 'ScopeLocked'), recoveryMs: FORBIDDEN_MS },
  // identity refused
  { what: '403 for one identity', effect: linked('one'), to: ['write'], recoveryMs: REFUSED_MS },
  { what: '400 for one identity', effect: failedFor('one'), to: ['write'], recoveryMs: REFUSED_MS },
  // blocked by a foreign identity
  { what: '400 for an identity of others', effect: failedFor('guest'), to: ['write'], recoveryMs: REFUSED_MS },
  // operator's fault
  {
    what: '400 NoRegisteredProviderFound',
    effect: refusal(400, 'NoRegisteredProviderFound'),
    logs: /check --arm-api-version and --cloud/,
    recoveryMs: REFUSED_MS,
  },
  // rejected
  { what: '400 InvalidParameter', effect: refusal(400, 'InvalidParameter'), recoveryMs: REJECTED_MS },
];

/** Other words for the same. */
export const moreArmFaults: readonly ArmFault[] = [
  { what: '500', effect: refusal(500, 'InternalServerError') },
  { what: '503 that says when', effect: { ...refusal(503, 'ServerBusy'), headers: { 'retry-after': '7' } } },
  { what: 'a reset', effect: { kind: 'reset' } },
  { what: "a proxy's page for 404", effect: { kind: 'status', status: 404, text: '<html>' } },
  { what: '409 with the time in its text', effect: refusal(409, 'OperationNotAllowed', 'Retry after 20 seconds.') },
  { what: '404 SubscriptionNotFound', effect: refusal(404, 'SubscriptionNotFound') },
  {
    what: '403 RequestDisallowedByPolicy',
    effect: refusal(403, 'RequestDisallowedByPolicy'),
    recoveryMs: FORBIDDEN_MS,
  },
  { what: '403 for two', effect: linked('two'), to: ['write'], recoveryMs: REFUSED_MS },
];

/** What an operation can come to that Azure had accepted. */
export const operationFailures: readonly (readonly [what: string, outcome: OperationOutcome])[] = [
  ['fails', { kind: 'Fail', code: 'InternalOperationError', message: 'Said so by the test.' }],
  ['is cancelled', { kind: 'Fail', status: 'Canceled', code: 'OperationPreempted', message: 'Said so by the test.' }],
  ['is rejected', { kind: 'Fail', code: 'InvalidParameter', message: 'Said so by the test.' }],
];
