import { describe, expect, it } from 'vitest';

import { classifyOperation, classifyReply } from '../../../src/azure/errors.ts';
import type { Failure, FailureKind } from '../../../src/reconcile/azure-port.ts';
import { errorBody, identityPath, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ASKED = { scope: scaleSetPath(), requestIds: [identityPath('one'), identityPath('two')], nowMs: NOW };

function answered(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Failure {
  return classifyReply({ status, body, headers: new Map(Object.entries(headers)) }, ASKED);
}

function failed(code: string, message: string, status: 'Failed' | 'Canceled' = 'Failed'): Failure {
  return classifyOperation(status, { code, message }, new Map<string, string>(), ASKED);
}

const CLIENT = "The client '11111111-2222' with object id '33333333-4444'";

describe('an answer of Azure is classified', () => {
  const rows: readonly [status: number, code: string, message: string, kind: FailureKind][] = [
    [401, 'InvalidAuthenticationToken', 'The access token is invalid.', 'credential'],
    [
      401,
      'ExpiredAuthenticationToken',
      'The access token expiry UTC time is earlier than current UTC time.',
      'credential',
    ],
    [
      401,
      'InvalidAuthenticationTokenTenant',
      "The access token is from the wrong issuer 'a'.",
      'operatorMisconfigured',
    ],
    [
      403,
      'AuthorizationFailed',
      `${CLIENT} does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' over scope '${scaleSetPath()}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      'notAuthorised',
    ],
    [403, 'SomethingNew', 'No.', 'notAuthorised'],
    [
      403,
      'DenyAssignmentAuthorizationFailed',
      `${CLIENT} has an authorization with ABAC condition that is not fulfilled`,
      'blockedByAdministrator',
    ],
    [403, 'RequestDisallowedByPolicy', "Resource 'web' was disallowed by policy.", 'blockedByAdministrator'],
    [
      409,
      'ScopeLocked',
      'The scope cannot perform write operation because following scope(s) are locked.',
      'blockedByAdministrator',
    ],
    [
      409,
      'ReadOnlyDisabledSubscription',
      'The subscription is disabled and therefore marked as read only.',
      'blockedByAdministrator',
    ],
    [
      409,
      'MissingSubscriptionRegistration',
      "The subscription is not registered to use namespace 'Microsoft.Compute'.",
      'blockedByAdministrator',
    ],
    [400, 'InvalidIdentityValues', `Invalid value for the identities '${identityPath('one')}'.`, 'rejected'],
    [
      400,
      'InvalidParameter',
      "The value 'SystemAssigned' of parameter 'identity' is not allowed. Allowed values are: UserAssigned, None.",
      'rejected',
    ],
    [
      400,
      'NoRegisteredProviderFound',
      "No registered resource provider found for location 'westeurope' and API version '2018-12-01' for type 'virtualMachineScaleSets'.",
      'operatorMisconfigured',
    ],
    [
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
      'operatorMisconfigured',
    ],
    [400, 'InvalidRequestContent', "Required property 'type' not found in JSON. Path 'identity'", 'rejected'],
    [
      404,
      'ResourceNotFound',
      "The Resource 'Microsoft.Compute/virtualMachineScaleSets/web' under resource group 'shop-rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
      'notFound',
    ],
    [404, 'ResourceGroupNotFound', "Resource group 'shop-rg' could not be found.", 'notFound'],
    [404, 'SubscriptionNotFound', `The subscription '${SUBSCRIPTION}' could not be found.`, 'notAuthorised'],
    [404, 'InvalidResourceType', 'The resource type could not be found in the namespace.', 'transient'],
    [404, 'NotFound', 'The entity was not found in this Azure location.', 'transient'],
    [
      409,
      'Conflict',
      'The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog to get more details on the conflicting requests.',
      'busy',
    ],
    [
      409,
      'OperationNotAllowed',
      "Operation 'Update Virtual Machine Scale Set' is not allowed on Virtual Machine Scale Set 'web' since it is marked for deletion.",
      'busy',
    ],
    [
      409,
      'OperationNotAllowed',
      'Operation could not be completed as it results in exceeding approved Total Regional Cores quota.',
      'rejected',
    ],
    [409, 'ConflictingConcurrentWriteNotAllowed', 'Wait.', 'busy'],
    [409, 'OperationPreempted', 'Operation execution has been preempted by a more recent operation.', 'busy'],
    [409, 'SomethingNew', 'No.', 'busy'],
    [
      412,
      'PreconditionFailed',
      'Etag provided in if-match header "2" does not match etag "3" of resource.',
      'changedUnderneath',
    ],
    [
      429,
      'SubscriptionRequestsThrottled',
      `Number of 'read' requests for subscription '${SUBSCRIPTION}' actor 'x' exceeded. Please try again after '10' seconds.`,
      'throttled',
    ],
    [
      429,
      'OperationNotAllowed',
      'The server rejected the request because too many requests have been received for this subscription.',
      'throttled',
    ],
    [408, 'RequestTimeout', 'Too slow.', 'transient'],
    [500, 'InternalServerError', 'Encountered internal server error.', 'transient'],
    [503, 'ServerBusy', 'Busy.', 'transient'],
    [307, 'Redirect', 'Go elsewhere.', 'transient'],
  ];
  it.each(rows)('%i %s: %s', (status, code, message, kind) => {
    expect(answered(status, errorBody(code, message))).toMatchObject({ kind, code });
  });

  it('takes a 404 without an error of ARM for no proof that anything is gone', () => {
    expect(answered(404, undefined)).toMatchObject({ kind: 'transient', code: 'HTTP404' });
    expect(answered(404, '<html>not here</html>').kind).toBe('transient');
  });

  it('takes a 404 to a write that names an identity for a refusal of that identity', () => {
    const text =
      "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/one' under resource group 'identities' was not found.";
    expect(answered(404, errorBody('ResourceNotFound', text))).toMatchObject({
      kind: 'identityRefused',
      identityIds: [identityPath('one')],
    });
  });

  it.each([400, 405, 407, 413, 414, 421, 431])(
    'takes a %i without an error of ARM for the word of a proxy, or of a reply cut off',
    (status) => {
      const page = { kind: 'transient', code: `HTTP${String(status)}`, hadNoEffect: true };
      expect(answered(status, undefined)).toMatchObject(page);
      expect(answered(status, '<html>Bad request</html>')).toMatchObject(page);
    },
  );

  it('takes a missing right to assign an identity for a refusal of that identity, whatever its code', () => {
    const right = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
    const text = `${CLIENT} does not have authorization to perform action '${right}' over scope '${identityPath('two')}' or the scope is invalid.`;
    expect(answered(403, errorBody('AuthorizationFailed', text))).toMatchObject({
      kind: 'identityRefused',
      identityIds: [identityPath('two')],
      action: right,
    });
  });

  it('does not put a 403 without any word of ARM down to a missing role alone', () => {
    const failure = answered(403, '<html>Blocked</html>');
    expect(failure).toMatchObject({ kind: 'notAuthorised', code: 'HTTP403' });
    expect(failure.message).toMatch(/proxies and firewalls.*role assignments/);
  });

  it('names the refused action', () => {
    const text = `${CLIENT} does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/write' over scope '/x' or the scope is invalid.`;
    const failure = answered(403, errorBody('AuthorizationFailed', text));
    expect(failure.action).toBe('Microsoft.Compute/virtualMachineScaleSets/write');
    expect(failure.message).toContain("'Microsoft.Compute/virtualMachineScaleSets/write'");
    expect(failure.message).toContain(scaleSetPath());
  });

  it('sees a code that stands in the details only', () => {
    const body = errorBody('BadRequest', 'One or more errors.', {
      details: [{ code: 'ScopeLocked', message: 'Locked.' }],
    });
    expect(answered(409, body)).toMatchObject({ kind: 'blockedByAdministrator', code: 'ScopeLocked' });
  });

  it('sees an error that is wrapped into a string', () => {
    const body = JSON.stringify(errorBody('ScopeLocked', 'Locked.'));
    expect(answered(409, body).code).toBe('ScopeLocked');
    expect(answered(409, { error: body }).code).toBe('ScopeLocked');
  });

  it('sees an error without an envelope, and one of OData', () => {
    expect(answered(409, { code: 'ScopeLocked', message: 'Locked.' }).code).toBe('ScopeLocked');
    expect(
      answered(409, { 'odata.error': { code: 'ScopeLocked', message: { lang: 'en', value: 'Locked.' } } }).code,
    ).toBe('ScopeLocked');
  });

  it('shows no code that is not one', () => {
    expect(answered(400, errorBody('<script>', 'x')).code).toBe('HTTP400');
  });

  it('tells that a refusal had no effect, but not a throttle, a time-out or a fault of the server', () => {
    const effects = [400, 403, 404, 409, 412, 401, 408, 429, 500, 307].map(
      (status) => answered(status, undefined).hadNoEffect,
    );
    expect(effects).toEqual([true, true, true, true, true, true, false, false, false, false]);
  });

  it("keeps Azure's name of the request", () => {
    expect(answered(500, undefined, { 'x-ms-request-id': 'r-1' }).requestId).toBe('r-1');
  });
});

describe('a wait that Azure asks for', () => {
  const body = errorBody('TooManyRequests', 'Slow down.');
  const rows: readonly [name: string, value: string, ms: number | undefined][] = [
    ['retry-after', '17', 17_000],
    ['retry-after', 'Sun, 01 Mar 2026 12:00:40 GMT', 40_000],
    ['retry-after', 'Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['retry-after', '1.5', 1500],
    ['retry-after', '-5', undefined],
    ['retry-after', 'soon', undefined],
    ['retry-after', '99999999999', 86_400_000],
    ['retry-after-ms', '250', 250],
    ['x-ms-retry-after-ms', '1250', 1250],
  ];
  it.each(rows)('is read from %s: %s', (name, value, ms) => {
    expect(answered(429, body, { [name]: value }).retryAfterMs).toBe(ms);
  });

  it('is read from the text when no header has it', () => {
    const text = "Number of 'read' requests exceeded. Please try again after '10' seconds.";
    expect(answered(429, errorBody('SubscriptionRequestsThrottled', text)).retryAfterMs).toBe(10_000);
  });

  it.each([
    ['Retry after 20 seconds', 20_000],
    ["Please try again after '10' seconds.", 10_000],
    ['Please retry after 2 minutes.', 120_000],
    ['Rate limit is exceeded. Try again in 5 seconds.', 5_000],
    ['retry-after: 1 hour', 3_600_000],
    ['Please try again in a few minutes.', undefined],
    ['It was retried after 3 attempts.', undefined],
  ])('is read from a text: %s', (text, ms) => {
    expect(answered(429, errorBody('TooManyRequests', text)).retryAfterMs).toBe(ms);
  });

  it('is unknown when neither says it', () => {
    expect(answered(429, body)).not.toHaveProperty('retryAfterMs');
  });
});

describe('the policy whose limit was reached', () => {
  const details = (...entries: readonly object[]): object =>
    errorBody('OperationNotAllowed', 'The server rejected the request.', { details: entries });

  it('is the target of the detail that says so', () => {
    const body = details(
      { code: 'Other', target: 'elsewhere', message: 'x' },
      { code: 'TooManyRequests', target: 'HighCostGetVMScaleSet30Min', message: 'x' },
    );
    expect(answered(429, body).throttledPolicy).toBe('HighCostGetVMScaleSet30Min');
  });

  it('is the operation group of its message where it has no target', () => {
    const message = JSON.stringify({ operationGroup: 'GetVMScaleSet3Min', allowedRequestCount: 1 });
    expect(answered(429, details({ code: 'TooManyRequests', message })).throttledPolicy).toBe('GetVMScaleSet3Min');
  });

  it.each([
    ['nobody names it', errorBody('SubscriptionRequestsThrottled', 'Try again.')],
    ['its name is none', details({ code: 'TooManyRequests', target: 'a policy\nwith a line break', message: 'x' })],
    ['its name is endless', details({ code: 'TooManyRequests', target: 'x'.repeat(200), message: 'x' })],
  ])('is unknown when %s', (_, body) => {
    expect(answered(429, body)).not.toHaveProperty('throttledPolicy');
  });

  it('belongs to a throttle alone', () => {
    const body = details({ code: 'TooManyRequests', target: 'GetVMScaleSet3Min', message: 'x' });
    expect(answered(503, body)).not.toHaveProperty('throttledPolicy');
  });
});

describe('an operation that failed', () => {
  it('may have had an effect, whatever its code', () => {
    expect(failed('ScopeLocked', 'Locked.').hadNoEffect).toBe(false);
  });

  const rows: readonly [code: string, message: string, kind: FailureKind][] = [
    ['OperationPreempted', 'Operation execution has been preempted by a more recent operation.', 'busy'],
    ['TooManyRequests', 'Slow down.', 'throttled'],
    ['InternalExecutionError', 'An internal execution error occurred.', 'transient'],
    ['VMExtensionProvisioningError', 'VM has reported a failure when processing extension.', 'rejected'],
    ['ResourceNotFound', 'The Resource of some network was not found.', 'rejected'],
    [
      'OperationNotAllowed',
      'The server rejected the request because too many requests have been received.',
      'throttled',
    ],
  ];
  it.each(rows)('is classified by its code: %s', (code, message, kind) => {
    expect(failed(code, message)).toMatchObject({ kind, code });
  });

  it.each([
    ['in an envelope', { error: { code: 'OperationPreempted', message: 'x' } }],
    ['in the operation, beside its times', { status: 'Failed', error: { code: 'OperationPreempted' } }],
    ['without an envelope', { status: 'Failed', code: 'OperationPreempted', message: 'x' }],
    ['in its details alone', { error: { details: [{ code: 'OperationPreempted', message: 'x' }] } }],
    ['in an inner error', { error: { innererror: { code: 'OperationPreempted' } } }],
    ['in a text that is JSON', { error: { message: '{"error":{"code":"OperationPreempted"}}' } }],
    ['in another case', { error: { code: 'operationpreempted' } }],
  ])('is classified by a code that stands %s', (_, body) => {
    const failure = classifyOperation('Failed', body, new Map<string, string>(), ASKED);
    expect(failure).toMatchObject({ kind: 'busy', hadNoEffect: false });
    expect(failure.code.toLowerCase()).toBe('operationpreempted');
  });

  it.each([undefined, null, {}, { error: null }, { error: 'failed' }, { error: [] }, 'failed', 7])(
    'is rejected without any code: %j',
    (body) => {
      const failure = classifyOperation('Failed', body, new Map<string, string>(), ASKED);
      expect(failure).toMatchObject({ kind: 'rejected', code: 'OperationFailed', hadNoEffect: false });
    },
  );

  it('by a fault of Azure says so, and not that Azure could not be asked', () => {
    expect(failed('InternalExecutionError', 'An internal execution error occurred.')).toMatchObject({
      kind: 'transient',
      message: `Azure could not finish the change of ${scaleSetPath()} (InternalExecutionError); it is tried again.`,
    });
  });

  it('by a throttle of the identity service is to be sent again when that is over', () => {
    const text =
      "Identity operation for resource 'x' failed with error 'Request is temporarily throttled. Retry after 20 seconds'";
    expect(failed('FailedIdentityOperation', text)).toMatchObject({ kind: 'throttled', retryAfterMs: 20_000 });
  });

  it('was preempted if it was cancelled without a reason', () => {
    const failure = classifyOperation('Canceled', undefined, new Map<string, string>(), ASKED);
    expect(failure).toMatchObject({ kind: 'busy', code: 'OperationCanceled' });
  });
});
