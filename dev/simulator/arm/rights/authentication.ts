import { type AccessTokenClaims, readAccessToken } from '../../entra/access-token.ts';
import { sameResource } from '../../entra/token-endpoint.ts';
import { type Call, Refusal } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { State } from '../../state.ts';
import { unauthenticated } from '../errors.ts';
import { revocationOf, revokedToken } from './revoked-token.ts';

/**
 * Who is calling.
 * @param tenantId the tenant that the subscription belongs to; undefined when there is no such subscription
 * @throws Refusal 401 when there is no token, or one that is foreign, expired, revoked, for another audience or another tenant
 */
export function authenticate(state: State, call: Call, tenantId: string | undefined): AccessTokenClaims {
  const authority = `${call.origin}/${tenantId ?? 'common'}`;
  const refuse = (code: string, message: string, description = message): Refusal =>
    new Refusal(unauthenticated(code, message, authority, description));

  const header = call.request.headers['authorization'];
  if (header === undefined || header === '') {
    throw refuse(
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      "The authentication failed because of missing 'Authorization' header.",
    );
  }
  const [scheme = '', token] = header.split(' ');
  if (fold(scheme) !== 'bearer' || token === undefined) {
    throw refuse(
      'AuthenticationFailedInvalidHeader',
      "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    );
  }
  const claims = readAccessToken(state, token);
  if (claims === undefined) throw refuse('InvalidAuthenticationToken', 'The access token is invalid.');
  if (claims.expiresMs <= call.nowMs) {
    throw refuse(
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '${usTime(claims.expiresMs)}' is earlier than current UTC time '${usTime(call.nowMs)}'.`,
    );
  }
  const revocation = revocationOf(state, claims);
  if (revocation !== undefined) {
    throw new Refusal(revokedToken(state.settings.revokedChallenge, claims, revocation, authority));
  }
  const allowed = state.settings.armAudiences;
  if (!allowed.some((audience) => sameResource(audience, claims.audience))) {
    const list = allowed.flatMap((audience) => [`'${audience}/'`, `'${audience}'`]).join(',');
    throw refuse(
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource '${claims.audience}'. ` +
        `It should exactly match with one of the allowed audiences ${list}.`,
    );
  }
  if (tenantId !== undefined && fold(claims.tenantId) !== fold(tenantId)) {
    throw refuse('InvalidAuthenticationTokenTenant', wrongTenant(claims.tenantId, tenantId));
  }
  return claims;
}

function wrongTenant(actual: string, expected: string): string {
  return (
    `The access token is from the wrong issuer 'https://sts.windows.net/${actual}/'. It must match the tenant ` +
    `'https://sts.windows.net/${expected}/' associated with this subscription. Please use the authority (URL) ` +
    `'https://login.windows.net/${expected}' to get the token. Note, if the subscription is transferred to another tenant there is no ` +
    'impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred ' +
    'your subscription and see this error message, please try back later.'
  );
}

/** As ARM writes times in this message: `8/23/2017 2:18:43 PM`. */
function usTime(ms: number): string {
  const date = new Date(ms);
  const hour = date.getUTCHours();
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${String(date.getUTCMonth() + 1)}/${String(date.getUTCDate())}/${String(date.getUTCFullYear())}`;
  const time = `${String(hour % 12 || 12)}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${time} ${hour < 12 ? 'AM' : 'PM'}`;
}
