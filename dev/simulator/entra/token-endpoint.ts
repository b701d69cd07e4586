import type { Call, Reply } from '../http.ts';
import { fold } from '../resource-id.ts';
import type { Principal, State } from '../state.ts';
import { issueAccessToken } from './access-token.ts';
import { refuseAssertion } from './assertion.ts';
import { requestedCapabilities } from './claims-request.ts';
import { instanceDiscovery, isAnyTenant, openIdConfiguration } from './discovery.ts';
import { type EntraErrors, entraErrors } from './errors.ts';

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Resources other than ARM that a tenant knows; ARM turns their tokens away. */
const otherResources = ['https://graph.microsoft.com', 'https://vault.azure.net', 'https://storage.azure.com'];

/** Entra's part of the host; undefined when the path is not one of its own. */
export function handleEntra(state: State, call: Call): Reply | undefined {
  const [tenant = '', ...rest] = call.segments;
  const path = rest.join('/');
  if (tenant === 'common' && path === 'discovery/instance') return instanceDiscovery(call);
  if (path === 'discovery/v2.0/keys') return { status: 200, body: { keys: [] } };
  if (path !== 'v2.0/.well-known/openid-configuration' && path !== 'oauth2/v2.0/token') return undefined;
  if (!isAnyTenant(tenant) && !tenantExists(state, tenant)) return entraErrors(state, call).unknownTenant(tenant);
  if (path !== 'oauth2/v2.0/token') return openIdConfiguration(call, tenant);
  if (call.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
  return handleToken(state, call, tenant);
}

function tenantExists(state: State, tenant: string): boolean {
  const wanted = fold(tenant);
  const has = (owner: { readonly tenantId: string }): boolean => fold(owner.tenantId) === wanted;
  return [...state.subscriptions.values()].some(has) || [...state.principals.values()].some(has);
}

function handleToken(state: State, call: Call, tenant: string): Reply {
  const form = new URLSearchParams(call.request.body);
  const errors = entraErrors(state, call);
  const grant = form.get('grant_type');
  if (grant === null) return errors.missingParameter('grant_type');
  if (grant !== 'client_credentials') return errors.unsupportedGrant(grant);
  const clientId = form.get('client_id');
  if (clientId === null) return errors.missingParameter('client_id');
  if (isAnyTenant(tenant)) return errors.noTenant();
  const principal = state.principals.get(fold(clientId));
  if (principal === undefined || fold(principal.tenantId) !== fold(tenant) || principal.application === 'Deleted') {
    return errors.unknownApplication(clientId, tenant);
  }
  if (principal.application === 'Disabled') return errors.disabledApplication(principal.clientId, principal.name);
  const scope = form.get('scope');
  if (scope === null) return errors.missingParameter('scope');
  const refusal = refuseCredential(form, principal, call.nowMs, errors);
  if (refusal !== undefined) return refusal;
  const audience = audienceOf(scope);
  if (audience === undefined) return errors.scopeWithoutDefault(scope);
  if (!isKnownResource(state, audience)) return errors.unknownResource(audience, tenant);
  const capabilities = requestedCapabilities(form.get('claims'));
  if (capabilities === undefined) return errors.malformedRequest();
  return {
    status: 200,
    headers: { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
    body: {
      token_type: 'Bearer',
      expires_in: state.settings.tokenSeconds,
      ext_expires_in: state.settings.tokenSeconds,
      access_token: issueAccessToken(state, principal, audience, call.nowMs, capabilities),
    },
  };
}

function refuseCredential(
  form: URLSearchParams,
  principal: Principal,
  nowMs: number,
  errors: EntraErrors,
): Reply | undefined {
  const assertion = form.get('client_assertion');
  if (assertion !== null && form.get('client_assertion_type') === jwtBearer) {
    return refuseAssertion(assertion, principal, nowMs, errors);
  }
  const secret = form.get('client_secret');
  if (secret === null) return errors.missingCredential();
  return principal.secret !== undefined && secret === principal.secret
    ? undefined
    : errors.badSecret(principal.clientId);
}

/** `<resource>/.default` becomes the audience; a resource that ends in a slash keeps it (the CLI's `//.default`). */
function audienceOf(scope: string): string | undefined {
  const wanted = scope.split(' ').filter((part) => !['openid', 'profile', 'offline_access'].includes(part));
  const [only = ''] = wanted;
  return wanted.length === 1 && only.endsWith('/.default') ? only.slice(0, -'/.default'.length) : undefined;
}

/** With or without a slash at the end. */
export function isKnownResource(state: State, resource: string): boolean {
  return [...state.settings.armAudiences, ...otherResources].some((known) => sameResource(known, resource));
}

export function sameResource(one: string, other: string): boolean {
  return fold(one.replace(/\/$/, '')) === fold(other.replace(/\/$/, ''));
}
