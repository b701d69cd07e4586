import { nextGuid } from '../guids.ts';
import type { Call, Reply } from '../http.ts';
import type { State } from '../state.ts';

/** An OAuth error in Entra's dress: an AADSTS number, a trace id, a time. */
function entraError(
  state: State,
  call: Call,
  error: { readonly number: number; readonly status: number; readonly oauth: string; readonly text: string },
): Reply {
  const timestamp = new Date(call.nowMs).toISOString().replace('T', ' ').replace(/\.\d+/, '');
  const traceId = nextGuid(state.guids);
  const correlationId = call.request.headers['client-request-id'] ?? nextGuid(state.guids);
  const trailer = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    status: error.status,
    body: {
      error: error.oauth,
      error_description: `AADSTS${String(error.number)}: ${error.text} ${trailer}`,
      error_codes: [error.number],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${call.origin}/error?code=${String(error.number)}`,
    },
  };
}

/** `2023-01-10T14:09:13.9700000Z`: as Entra writes a time in a message. */
export function ticks(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}

export interface EntraErrors {
  unknownTenant(tenant: string): Reply;
  unsupportedGrant(grant: string): Reply;
  missingParameter(name: string): Reply;
  malformedRequest(): Reply;
  noTenant(): Reply;
  missingCredential(): Reply;
  unknownApplication(clientId: string, tenant: string): Reply;
  disabledApplication(clientId: string, name: string): Reply;
  badSecret(clientId: string): Reply;
  scopeWithoutDefault(scope: string): Reply;
  unknownResource(resource: string, tenant: string): Reply;
  malformedAssertion(): Reply;
  noFederatedCredentials(clientId: string): Reply;
  issuerMismatch(issuer: string): Reply;
  subjectMismatch(subject: string): Reply;
  audienceMismatch(audience: string): Reply;
  assertionOutOfTime(times: { readonly from: string; readonly to: string }): Reply;
  badAssertionSignature(reason: string): Reply;
}

const federationHelp =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ' +
  'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';
const wrongTenant =
  'This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.';

/** Each failure of the token endpoint that a workload meets, worded as Entra words it. */
export function entraErrors(state: State, call: Call): EntraErrors {
  const fail = (number: number, status: number, oauth: string, text: string): Reply =>
    entraError(state, call, { number, status, oauth, text });
  return {
    unknownTenant: (tenant) =>
      fail(
        90002,
        400,
        'invalid_request',
        `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. ` +
          'Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.',
      ),
    unsupportedGrant: (grant) =>
      fail(70003, 400, 'unsupported_grant_type', `The app requested an unsupported grant type '${grant}'.`),
    missingParameter: (name) =>
      fail(900144, 400, 'invalid_request', `The request body must contain the following parameter: '${name}'.`),
    malformedRequest: () => fail(9002313, 400, 'invalid_request', 'Invalid request. Request is malformed or invalid.'),
    noTenant: () =>
      fail(
        50059,
        400,
        'invalid_request',
        'No tenant-identifying information found in either the request or implied by any provided credentials.',
      ),
    missingCredential: () =>
      fail(
        7000218,
        401,
        'invalid_client',
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      ),
    unknownApplication: (clientId, tenant) =>
      fail(
        700016,
        400,
        'unauthorized_client',
        `Application with identifier '${clientId}' was not found in the directory '${tenant}'. ${wrongTenant} ` +
          'You may have sent your authentication request to the wrong tenant.',
      ),
    disabledApplication: (clientId, name) =>
      fail(7000112, 400, 'unauthorized_client', `Application '${clientId}'(${name}) is disabled.`),
    badSecret: (clientId) =>
      fail(
        7000215,
        401,
        'invalid_client',
        'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ' +
          `not the client secret ID, for a secret added to app '${clientId}'.`,
      ),
    scopeWithoutDefault: (scope) =>
      fail(
        1002012,
        400,
        'invalid_scope',
        `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default ` +
          'suffixed to the resource identifier (application ID URI).',
      ),
    unknownResource: (resource, tenant) =>
      fail(
        500011,
        400,
        'invalid_resource',
        `The resource principal named ${resource} was not found in the tenant named ${tenant}. ${wrongTenant} ` +
          'You might have sent your authentication request to the wrong tenant.',
      ),
    malformedAssertion: () => fail(50027, 400, 'invalid_request', 'JWT token is invalid or malformed.'),
    noFederatedCredentials: (clientId) =>
      fail(70025, 401, 'invalid_client', `The client '${clientId}' has no configured federated identity credentials.`),
    issuerMismatch: (issuer) =>
      fail(
        700211,
        401,
        'invalid_client',
        `No matching federated identity record found for presented assertion issuer '${issuer}'. ${federationHelp}`,
      ),
    subjectMismatch: (subject) =>
      fail(
        700213,
        401,
        'invalid_client',
        `No matching federated identity record found for presented assertion subject '${subject}'. ${federationHelp}`,
      ),
    audienceMismatch: (audience) =>
      fail(
        700212,
        401,
        'invalid_client',
        `No matching federated identity record found for presented assertion audience '${audience}'. ${federationHelp}`,
      ),
    assertionOutOfTime: ({ from, to }) =>
      fail(
        700024,
        401,
        'invalid_client',
        `Client assertion is not within its valid time range. Current time: ${ticks(call.nowMs)}, ` +
          `assertion valid from ${from}, expiry time of assertion ${to}. Review the documentation at ` +
          'https://learn.microsoft.com/entra/identity-platform/certificate-credentials .',
      ),
    badAssertionSignature: (reason) =>
      fail(50013, 401, 'invalid_client', `Assertion failed signature validation. [Reason - ${reason}]`),
  };
}
