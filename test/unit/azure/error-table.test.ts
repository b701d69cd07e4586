/** Every error that Azure is known to answer with, word for word, and what is made of it. */
import { describe, expect, it } from 'vitest';

import { classifyReply } from '../../../src/azure/errors.ts';
import type { Failure } from '../../../src/reconcile/azure-port.ts';
import { errorBody, identityPath, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const [one, two, gone] = [identityPath('one'), identityPath('two'), identityPath('gone')];
const CLIENT =
  "The client '11111111-2222-4333-8444-555555555555' with object id '66666666-7777-4888-8999-aaaaaaaaaaaa'";
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const WRITE = 'Microsoft.Compute/virtualMachineScaleSets/write';

interface Row {
  readonly what: string;
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expected: Partial<Failure>;
}

/** The 429 of Compute: the policy stands in the details, and the figures in JSON inside of a string. */
function computeThrottle(policy: string): object {
  const figures = {
    operationGroup: policy,
    startTime: '2026-03-01T11:58:00.0000000+00:00',
    endTime: '2026-03-01T12:01:00.0000000+00:00',
    allowedRequestCount: 162,
    measuredRequestCount: 191,
  };
  return errorBody(
    'OperationNotAllowed',
    'The server rejected the request because too many requests have been received for this subscription.',
    {
      details: [{ code: 'TooManyRequests', target: policy, message: JSON.stringify(figures) }],
      innererror: { internalErrorCode: 'TooManyRequestsReceived' },
    },
  );
}

function identityOperation(inner: string, status = 'BadRequest'): object {
  return errorBody(
    'FailedIdentityOperation',
    `Identity operation for resource '${scaleSetPath()}' failed with error 'Failed to perform resource identity operation. Status: '${status}'. Response: '${inner}'.'.`,
  );
}

const ROWS: readonly Row[] = [
  {
    what: 'a token that is not one',
    status: 401,
    body: errorBody('InvalidAuthenticationToken', 'The access token is invalid.'),
    headers: {
      'www-authenticate':
        'Bearer authorization_uri="https://login.windows.net/t", error="invalid_token", error_description="The access token is invalid."',
    },
    expected: { kind: 'credential', code: 'InvalidAuthenticationToken', hadNoEffect: true },
  },
  {
    what: 'a token past its time',
    status: 401,
    body: errorBody(
      'ExpiredAuthenticationToken',
      "The access token expiry UTC time '3/1/2026 11:00:00 AM' is earlier than current UTC time '3/1/2026 12:00:00 PM'.",
    ),
    expected: { kind: 'credential', code: 'ExpiredAuthenticationToken' },
  },
  {
    what: 'a token for another audience',
    status: 401,
    body: errorBody(
      'InvalidAuthenticationTokenAudience',
      "The access token has been obtained for wrong audience or resource 'https://graph.microsoft.com'. It should exactly match with one of the allowed audiences 'https://management.azure.com/'.",
    ),
    expected: { kind: 'credential', code: 'InvalidAuthenticationTokenAudience' },
  },
  {
    what: 'a token of another tenant',
    status: 401,
    body: errorBody(
      'InvalidAuthenticationTokenTenant',
      "The access token is from the wrong issuer 'https://sts.windows.net/a/'. It must match the tenant 'https://sts.windows.net/b/' associated with this subscription.",
    ),
    expected: { kind: 'operatorMisconfigured', code: 'InvalidAuthenticationTokenTenant' },
  },
  {
    what: 'a missing right on the scale set',
    status: 403,
    body: errorBody(
      'AuthorizationFailed',
      `${CLIENT} does not have authorization to perform action '${WRITE}' over scope '${scaleSetPath()}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ),
    expected: { kind: 'notAuthorised', code: 'AuthorizationFailed', action: WRITE, identityIds: [] },
  },
  {
    what: 'identities that are gone or may not be assigned',
    status: 403,
    body: errorBody(
      'LinkedAuthorizationFailed',
      `${CLIENT} has permission to perform action '${WRITE}' on scope '${scaleSetPath()}'; however, it does not have permission to perform action '${ASSIGN}' on the linked scope(s) '${one},${two}' or the linked scope(s) are invalid.`,
    ),
    expected: {
      kind: 'identityRefused',
      code: 'LinkedAuthorizationFailed',
      action: ASSIGN,
      identityIds: [one, two],
      hadNoEffect: true,
    },
  },
  {
    what: 'an identity that is gone',
    status: 400,
    body: identityOperation(`{"error":{"code":"BadRequest","message":"Resource '${one}' was not found."}}`),
    expected: { kind: 'identityRefused', code: 'FailedIdentityOperation', identityIds: [one], hadNoEffect: true },
  },
  {
    what: 'an identity that is gone and not of the request',
    status: 400,
    body: identityOperation(`{"error":{"code":"BadRequest","message":"Resource '${gone}' was not found."}}`),
    expected: { kind: 'blockedByForeignIdentity', code: 'FailedIdentityOperation', identityIds: [gone] },
  },
  {
    what: 'more identities than one request may have',
    status: 400,
    body: identityOperation(
      `{"error":{"code":"BadRequest","message":"User Assigned Identities Number '151' Assign exceed limit '150' in one request."}}`,
    ),
    expected: { kind: 'rejected', code: 'FailedIdentityOperation', identityIds: [] },
  },
  {
    what: 'the ids of an identity in a request',
    status: 400,
    body: errorBody('InvalidIdentityValues', `Invalid value for the identities '${one}'.`),
    expected: { kind: 'rejected', code: 'InvalidIdentityValues' },
  },
  {
    what: 'a system-assigned identity on a Flexible scale set',
    status: 400,
    body: errorBody(
      'InvalidParameter',
      "The value 'SystemAssigned' of parameter 'identity' is not allowed. Allowed values are: UserAssigned, None.",
      { target: 'identity' },
    ),
    expected: { kind: 'rejected', code: 'InvalidParameter' },
  },
  {
    what: 'identities beside a type that has none',
    status: 400,
    body: errorBody(
      'InvalidParameter',
      'ResourceIdentity identityIds should not be provided if the type is "SystemAssigned".',
      { target: 'resourceIdentity.identityIds' },
    ),
    expected: { kind: 'rejected', code: 'InvalidParameter' },
  },
  {
    what: 'an identity that is given twice',
    status: 400,
    body: errorBody(
      'InvalidParameter',
      `ResourceIdentity identityId '${one}' cannot be duplicated in the provided identityIds list`,
    ),
    expected: { kind: 'rejected', code: 'InvalidParameter' },
  },
  {
    what: 'an identity without its type',
    status: 400,
    body: errorBody('InvalidRequestContent', "Required property 'type' not found in JSON. Path 'identity', line 1."),
    expected: { kind: 'rejected', code: 'InvalidRequestContent' },
  },
  {
    what: 'an api-version that does not exist',
    status: 400,
    body: errorBody(
      'NoRegisteredProviderFound',
      "No registered resource provider found for location 'westeurope' and API version '2018-12-01' for type 'virtualMachineScaleSets'. The supported api-versions are '2024-07-01, 2024-11-01'. The supported locations are 'westeurope, northeurope'.",
    ),
    expected: { kind: 'operatorMisconfigured', code: 'NoRegisteredProviderFound' },
  },
  {
    what: 'no api-version',
    status: 400,
    body: errorBody(
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    ),
    expected: { kind: 'operatorMisconfigured', code: 'MissingApiVersionParameter' },
  },
  {
    what: 'no scale set',
    status: 404,
    body: errorBody(
      'ResourceNotFound',
      "The Resource 'Microsoft.Compute/virtualMachineScaleSets/web' under resource group 'shop-rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    ),
    expected: { kind: 'notFound', code: 'ResourceNotFound' },
  },
  {
    what: 'no resource group',
    status: 404,
    body: errorBody('ResourceGroupNotFound', "Resource group 'shop-rg' could not be found."),
    expected: { kind: 'notFound', code: 'ResourceGroupNotFound' },
  },
  {
    what: 'no subscription',
    status: 404,
    body: errorBody('SubscriptionNotFound', `The subscription '${SUBSCRIPTION}' could not be found.`),
    expected: { kind: 'notAuthorised', code: 'SubscriptionNotFound' },
  },
  {
    what: 'a conflict with a concurrent request',
    status: 409,
    body: errorBody(
      'Conflict',
      'The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog to get more details on the conflicting requests.',
    ),
    expected: { kind: 'busy', code: 'Conflict', hadNoEffect: true },
  },
  {
    what: 'a scale set that is being deleted',
    status: 409,
    body: errorBody(
      'OperationNotAllowed',
      "Operation 'Update Virtual Machine Scale Set' is not allowed on Virtual Machine Scale Set 'web' since it is marked for deletion. For more information on your operations, please refer to https://aka.ms/activitylog.",
    ),
    expected: { kind: 'busy', code: 'OperationNotAllowed' },
  },
  {
    what: 'an etag that is not the present one',
    status: 412,
    body: errorBody('PreconditionFailed', 'Etag provided in if-match header "2" does not match etag "3" of resource.'),
    expected: { kind: 'changedUnderneath', code: 'PreconditionFailed', hadNoEffect: true },
  },
  {
    what: "ARM's throttle",
    status: 429,
    headers: { 'retry-after': '11' },
    body: errorBody(
      'SubscriptionRequestsThrottled',
      `Number of 'read' requests for subscription '${SUBSCRIPTION}' actor '66666666-7777-4888-8999-aaaaaaaaaaaa' exceeded. Please try again after '10' seconds.`,
    ),
    expected: { kind: 'throttled', code: 'SubscriptionRequestsThrottled', retryAfterMs: 11_000, hadNoEffect: false },
  },
  {
    what: "Compute's throttle",
    status: 429,
    headers: { 'retry-after': '120' },
    body: computeThrottle('VMScaleSetActionsResource'),
    expected: {
      kind: 'throttled',
      code: 'OperationNotAllowed',
      retryAfterMs: 120_000,
      throttledPolicy: 'VMScaleSetActionsResource',
    },
  },
  {
    what: 'a throttle of the identity service inside of another error',
    status: 429,
    body: identityOperation('Request is temporarily throttled. Retry after 20 seconds', '429'),
    expected: { kind: 'throttled', code: 'FailedIdentityOperation', retryAfterMs: 20_000 },
  },
];

describe("Azure's answer", () => {
  it.each(ROWS)('$status $expected.code to $what is $expected.kind', ({ status, body, headers, expected }) => {
    const asked = { scope: scaleSetPath(), requestIds: [one, two], nowMs: NOW };
    const failure = classifyReply({ status, body, headers: new Map(Object.entries(headers ?? {})) }, asked);
    expect(failure).toMatchObject(expected);
  });
});
