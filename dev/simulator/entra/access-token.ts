import { nextGuid } from '../guids.ts';
import type { JsonObject } from '../http.ts';
import type { Principal, State } from '../state.ts';
import { decodeJwt, isSignedHs256, signHs256 } from './jwt.ts';

/** What ARM reads in a token. */
export interface AccessTokenClaims {
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly audience: string;
  readonly expiresMs: number;
  /** Whether the client said that it handles claims challenges (`cp1`). */
  readonly handlesChallenges: boolean;
  /** How often the tokens of its principal had been revoked when it was issued. */
  readonly revocations: number;
}

/**
 * A token in the shape of Entra's own (v1.0), signed with a key that only this state knows.
 * @param capabilities what the client said it can do; `cp1`: handle claims challenges
 */
export function issueAccessToken(
  state: State,
  principal: Principal,
  audience: string,
  nowMs: number,
  capabilities: readonly string[] = [],
): string {
  const seconds = Math.floor(nowMs / 1000);
  return signHs256(
    {
      aud: audience,
      iss: `https://sts.windows.net/${principal.tenantId}/`,
      iat: seconds,
      nbf: seconds,
      exp: seconds + state.settings.tokenSeconds,
      appid: principal.clientId,
      appidacr: '1',
      idtyp: 'app',
      oid: principal.objectId,
      // Entra's own mark for revalidating a token, opaque to everyone else.
      rh: `1.${String(principal.revocation?.count ?? 0)}`,
      sub: principal.objectId,
      tid: principal.tenantId,
      uti: nextGuid(state.guids),
      ver: '1.0',
      ...(capabilities.length === 0 ? {} : { xms_cc: capabilities }),
    },
    state.signingKey,
  );
}

/** Undefined for a token that this Azure did not issue. Its expiry and audience are for the caller to judge. */
export function readAccessToken(state: State, token: string): AccessTokenClaims | undefined {
  const jwt = decodeJwt(token);
  if (jwt === undefined || !isSignedHs256(jwt, state.signingKey)) return undefined;
  return {
    clientId: text(jwt.claims, 'appid'),
    objectId: text(jwt.claims, 'oid'),
    tenantId: text(jwt.claims, 'tid'),
    audience: text(jwt.claims, 'aud'),
    expiresMs: Number(jwt.claims['exp']) * 1000,
    handlesChallenges: capabilitiesIn(jwt.claims).includes('cp1'),
    revocations: Number(text(jwt.claims, 'rh').slice(2)),
  };
}

function capabilitiesIn(claims: JsonObject): readonly unknown[] {
  const capabilities = claims['xms_cc'];
  return Array.isArray(capabilities) ? capabilities : [];
}

function text(claims: JsonObject, name: string): string {
  const value = claims[name];
  return typeof value === 'string' ? value : '';
}
