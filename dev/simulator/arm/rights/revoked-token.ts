import type { AccessTokenClaims } from '../../entra/access-token.ts';
import type { Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { Revocation, State } from '../../state.ts';

/** How the tokens of a caller were revoked after this one was issued; undefined: they were not. */
export function revocationOf(state: State, claims: AccessTokenClaims): Revocation | undefined {
  const revocation = state.principals.get(fold(claims.clientId))?.revocation;
  return revocation !== undefined && claims.revocations < revocation.count ? revocation : undefined;
}

const detail =
  'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp';

/**
 * 401 with the challenge of continuous access evaluation. Only a client that said it can handle one is told which
 * claims its next token needs: to have been issued after the revocation.
 * Worded `InsufficientClaims` as Entra documents claims challenges, or `SessionRevoked` as the SDKs' tests of ARM have it.
 */
export function revokedToken(
  style: State['settings']['revokedChallenge'],
  claims: AccessTokenClaims,
  revocation: Revocation,
  authority: string,
): Reply {
  const notBefore = { nbf: { essential: true, value: String(Math.floor(revocation.atMs / 1000)) } };
  const encoded = Buffer.from(JSON.stringify({ access_token: notBefore })).toString('base64');
  const described =
    style === 'SessionRevoked'
      ? 'error="invalid_token", error_description="User session has been revoked"'
      : `error_description="${detail}", error="insufficient_claims"`;
  const unableToAnswer = `error="invalid_token", error_description="${detail}"`;
  const parameters = claims.handlesChallenges ? `${described}, claims="${encoded}"` : unableToAnswer;
  return {
    status: 401,
    headers: { 'www-authenticate': `Bearer authorization_uri="${authority}", ${parameters}` },
    body: { error: { code: 'InvalidAuthenticationToken', message: detail } },
  };
}
