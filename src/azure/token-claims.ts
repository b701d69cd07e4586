/**
 * Reads what a token says about itself. Nothing is verified: a token of the operator's own is Azure's to verify, and its
 * claims are only used to recognise the operator's identity and to tell people what to compare. A token is never shown.
 */
import type { FederatedClaims, SignedIn } from '../check/azure-port.ts';
import { member, parseJson, textOf } from './json.ts';

/** Longer than any token with sensible claims. */
const MAX_TOKEN_LENGTH = 65_536;

/** The `oid` claim of an Entra access token: the principal id of whom it was issued to. */
export function principalIdOf(accessToken: string): string | undefined {
  const oid = textOf(member(claimsOf(accessToken), 'oid'));
  return oid !== undefined && /^[0-9a-f-]{36}$/i.test(oid) ? oid.toLowerCase() : undefined;
}

/** Undefined when it is not a token, or one that lacks something of that. */
export function signedInAs(accessToken: string): SignedIn | undefined {
  const claims = claimsOf(accessToken);
  const principalId = principalIdOf(accessToken);
  const [tenantId, audience, issuer] = ['tid', 'aud', 'iss'].map((name) => shown(member(claims, name)));
  if (principalId === undefined || tenantId === undefined || audience === undefined || issuer === undefined) {
    return undefined;
  }
  // Only who signed in by themselves has delegated a scope to a client.
  const principalType = member(claims, 'scp') === undefined ? 'ServicePrincipal' : 'User';
  return { principalId, tenantId, audience, issuer, principalType };
}

/** What Entra compares of a service account's token with a federated credential. Undefined when it is not a token, or one that lacks one of the three. */
export function federatedClaimsOf(serviceAccountToken: string): FederatedClaims | undefined {
  const claims = claimsOf(serviceAccountToken.trim());
  const issuer = shown(member(claims, 'iss'));
  const subject = shown(member(claims, 'sub'));
  const aud = member(claims, 'aud');
  const audience = shown(Array.isArray(aud) ? aud.join(', ') : aud);
  if (issuer === undefined || subject === undefined || audience === undefined) return undefined;
  return { issuer, subject, audience };
}

function claimsOf(token: string): unknown {
  const [, payload, signature] = token.length > MAX_TOKEN_LENGTH ? [] : token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  return parseJson(Buffer.from(payload, 'base64url').toString('utf8'))?.value;
}

/** A claim goes into a message: short, and without anything that could break a line or a terminal. */
function shown(claim: unknown): string | undefined {
  const text = textOf(claim);
  return text !== undefined && /^[\x20-\x7e]{1,300}$/.test(text) ? text : undefined;
}
