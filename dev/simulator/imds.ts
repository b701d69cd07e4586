import { issueAccessToken } from './entra/access-token.ts';
import { isKnownResource } from './entra/token-endpoint.ts';
import type { Call, Reply } from './http.ts';
import { findIdentity, fold, parseIdentityId } from './resource-id.ts';
import type { Principal, State } from './state.ts';

/** The token endpoint of the Instance Metadata Service: what a managed identity on a node asks. Numbers are strings. */
export function handleImds(state: State, call: Call): Reply | undefined {
  if (fold(call.segments[0] ?? '') !== 'metadata') return undefined;
  if (call.segments.map(fold).join('/') !== 'metadata/identity/oauth2/token') return undefined;
  if (call.method !== 'GET') return { status: 405, headers: { allow: 'GET' } };
  if (fold(call.request.headers['metadata'] ?? '') !== 'true') {
    return refuse('invalid_request', 'Required metadata header not specified');
  }
  if (call.query.get('api-version') === null)
    return refuse('invalid_request', 'Required query variable api-version is missing');
  const resource = call.query.get('resource');
  if (resource === null) return refuse('invalid_request', 'Required query variable resource is missing');
  const principal = chosenPrincipal(state, call.query);
  if (principal === undefined) return refuse('invalid_request', 'Identity not found');
  if (!isKnownResource(state, resource)) {
    return refuse(
      'invalid_resource',
      `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`,
    );
  }
  const seconds = Math.floor(call.nowMs / 1000);
  const life = state.settings.tokenSeconds;
  return {
    status: 200,
    body: {
      access_token: issueAccessToken(state, principal, resource, call.nowMs),
      client_id: principal.clientId,
      expires_in: String(life),
      expires_on: String(seconds + life),
      ext_expires_in: String(life),
      not_before: String(seconds),
      resource,
      token_type: 'Bearer',
    },
  };
}

function refuse(error: string, description: string): Reply {
  return { status: 400, body: { error, error_description: description } };
}

/** By client id, object id or resource id; without any of them the first managed identity, as on a node that has one. */
function chosenPrincipal(state: State, query: URLSearchParams): Principal | undefined {
  const managed = [...state.principals.values()].filter((principal) => principal.managedIdentity);
  const clientId = query.get('client_id');
  const objectId = query.get('object_id') ?? query.get('principal_id');
  const resourceId = query.get('msi_res_id') ?? query.get('mi_res_id');
  if (clientId !== null) return managed.find((principal) => fold(principal.clientId) === fold(clientId));
  if (objectId !== null) return managed.find((principal) => fold(principal.objectId) === fold(objectId));
  if (resourceId === null) return managed[0];
  const parsed = parseIdentityId(resourceId);
  const identity = parsed === undefined ? undefined : findIdentity(state, parsed);
  return managed.find((principal) => principal.clientId === identity?.clientId);
}
