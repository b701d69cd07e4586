import type { Call, Reply } from '../http.ts';

/** Names that stand for whichever tenant a person belongs to; an application has to say which. */
export function isAnyTenant(tenant: string): boolean {
  return ['common', 'organizations', 'consumers'].includes(tenant.toLowerCase());
}

/**
 * OpenID Connect discovery, as MSAL reads it. Everything lies on the host that was asked. Access tokens are for the
 * resource to judge, and their key is published nowhere: `jwks_uri` leads to an empty set.
 */
export function openIdConfiguration(call: Call, tenant: string): Reply {
  const authority = `${call.origin}/${tenant}`;
  return {
    status: 200,
    body: {
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      jwks_uri: `${authority}/discovery/v2.0/keys`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: isAnyTenant(tenant) ? `${call.origin}/{tenantid}/v2.0` : `${authority}/v2.0`,
      request_uri_parameter_supported: false,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${authority}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
      tenant_region_scope: null,
      cloud_instance_name: new URL(call.origin).host,
    },
  };
}

/** `/common/discovery/instance`: which hosts are one and the same cloud. Here: this one. */
export function instanceDiscovery(call: Call): Reply {
  const { host } = new URL(call.origin);
  const asked = call.query.get('authorization_endpoint') ?? '';
  const tenant = URL.canParse(asked) ? new URL(asked).pathname.split('/')[1] : undefined;
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${call.origin}/${tenant ?? 'common'}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}
