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
  if (call.request.headers['x-forwarded-for'] !== undefined) {
    return refuse('invalid_request', 'Requests with an X-Forwarded-For header are not served');
  }
  if (call.query.get('api-version') === null)
    return refuse('invalid_request', 'Required query variable api-version is missing');
  const resource = call.query.get('resource');
  if (resource === null) return refuse('invalid_request', 'Required query variable resource is missing');
  const principal = chosenPrincipal(state, call.query);
  if (principal === 'NotFound') return refuse('invalid_request', 'Identity not found');
  if (principal === 'Ambiguous') {
    return refuse(
      'invalid_request',
      'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
    );
  }
  if (principal.application === 'Disabled') {
    return refuse(
      'unauthorized_client',
      `AADSTS7000112: Application '${principal.clientId}'(${principal.name}) is disabled.`,
    );
  }
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

/**
 * By client id, object id or resource id. Without any of them the system-assigned identity, else the only user-assigned
 * one (hexadite/acs-keyvault-agent#43 shows what IMDS says to more than one).
 */
function chosenPrincipal(state: State, query: URLSearchParams): Principal | 'NotFound' | 'Ambiguous' {
  const managed = [...state.principals.values()].filter(
    ({ managedIdentity, application }) => managedIdentity !== undefined && application !== 'Deleted',
  );
  const clientId = query.get('client_id');
  const objectId = query.get('object_id') ?? query.get('principal_id');
  const resourceId = query.get('msi_res_id') ?? query.get('mi_res_id');
  const chosen = (fits: (principal: Principal) => boolean): Principal | 'NotFound' => managed.find(fits) ?? 'NotFound';
  if (clientId !== null) return chosen((principal) => fold(principal.clientId) === fold(clientId));
  if (objectId !== null) return chosen((principal) => fold(principal.objectId) === fold(objectId));
  if (resourceId === null) {
    const system = managed.find(({ managedIdentity }) => managedIdentity === 'SystemAssigned');
    return system ?? (managed.length > 1 ? 'Ambiguous' : (managed[0] ?? 'NotFound'));
  }
  const parsed = parseIdentityId(resourceId);
  const identity = parsed === undefined ? undefined : findIdentity(state, parsed);
  return chosen((principal) => principal.clientId === identity?.clientId);
}
