import type { Caller } from '../arm/errors.ts';
import { preciseTime } from '../arm/times.ts';
import type { Reply } from '../http.ts';
import type { Shortage } from './bucket.ts';
import type { LimitName } from './limits.ts';

export type RequestClass = 'read' | 'write' | 'delete';

/** Resource Manager's own refusal. The time to wait stands in the text, whether or not it is a header too. */
export function subscriptionThrottled(
  kind: RequestClass,
  subscriptionId: string,
  caller: Caller,
  seconds: number,
  headers: Readonly<Record<string, string>>,
): Reply {
  const message =
    `Number of '${kind}' requests for subscription '${subscriptionId}' actor '${caller.objectId}' exceeded. Please try again after ` +
    `'${String(seconds)}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`;
  return { status: 429, headers, body: { error: { code: 'SubscriptionRequestsThrottled', message } } };
}

/** Compute's refusal: the policy stands in `details`, whose message is a text of JSON. Its code is also that of a 409. */
export function computeThrottled(
  policy: LimitName,
  shortage: Shortage,
  headers: Readonly<Record<string, string>>,
): Reply {
  const measured = {
    operationGroup: policy,
    startTime: preciseTime(shortage.windowStartMs),
    endTime: preciseTime(shortage.windowEndMs),
    allowedRequestCount: shortage.allowed,
    measuredRequestCount: shortage.measured,
  };
  const error = {
    code: 'OperationNotAllowed',
    message: 'The server rejected the request because too many requests have been received for this subscription.',
    details: [{ code: 'TooManyRequests', target: policy, message: JSON.stringify(measured) }],
    innererror: { internalErrorCode: 'TooManyRequestsReceived' },
  };
  return { status: 429, headers, body: { error } };
}

/** The identity service's refusal as Compute passes it on: the time to wait stands deep in the text, and nowhere else. */
export function identityThrottled(
  scaleSet: string,
  seconds: number,
): { readonly code: string; readonly message: string } {
  const reason =
    `Request is temporarily throttled because resource ${scaleSet} has issued too many requests. ` +
    `Retry after ${String(seconds)} seconds.`;
  const inner = JSON.stringify({ error: { code: '429', message: reason } });
  return {
    code: 'FailedIdentityOperation',
    message:
      `Identity operation for resource '${scaleSet}' failed with error 'Failed to perform resource identity operation. ` +
      `Status: '429'. Response: '${inner}'.'.`,
  };
}
