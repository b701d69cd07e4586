import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';

import { isJsonObject, type JsonObject } from '../http.ts';

export interface DecodedJwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signedPart: string;
  readonly signature: Buffer;
}

/** A token comes with every request: what it decodes to, and which key made it, is worked out once. */
const decoded = new Map<string, DecodedJwt>();
const signers = new WeakMap<DecodedJwt, string>();
const decodedLimit = 100;

/** Undefined when it is not a JWT at all. Says nothing about who made it. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const known = decoded.get(token);
  if (known !== undefined) return known;
  const [head, payload, signature, ...more] = token.split('.');
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0) return undefined;
  const header = decodePart(head);
  const claims = decodePart(payload);
  if (header === undefined || claims === undefined) return undefined;
  const jwt = { header, claims, signedPart: `${head}.${payload}`, signature: Buffer.from(signature, 'base64url') };
  if (decoded.size >= decodedLimit) decoded.clear();
  decoded.set(token, jwt);
  return jwt;
}

function decodePart(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function signHs256(claims: JsonObject, key: string): string {
  const encode = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signedPart = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
  return `${signedPart}.${createHmac('sha256', key).update(signedPart).digest('base64url')}`;
}

export function isSignedHs256(jwt: DecodedJwt, key: string): boolean {
  if (signers.get(jwt) === key) return true;
  const expected = createHmac('sha256', key).update(jwt.signedPart).digest();
  const valid = expected.length === jwt.signature.length && timingSafeEqual(expected, jwt.signature);
  if (valid) signers.set(jwt, key);
  return valid;
}

/** Whether one of an issuer's public keys (JWK) made the signature: RS256 or ES256, as issuers of federated tokens use. */
export function isSignedByOneOf(jwt: DecodedJwt, keys: readonly JsonObject[]): boolean {
  return candidates(jwt, keys).some((key) => isSignedBy(jwt, key));
}

/** Whether one of the keys may be the one that it says it is signed with. */
export function namesOneOf(jwt: DecodedJwt, keys: readonly JsonObject[]): boolean {
  return candidates(jwt, keys).length > 0;
}

function candidates(jwt: DecodedJwt, keys: readonly JsonObject[]): readonly JsonObject[] {
  const keyId = jwt.header['kid'];
  return keys.filter((key) => keyId === undefined || key['kid'] === undefined || key['kid'] === keyId);
}

function isSignedBy(jwt: DecodedJwt, jwk: JsonObject): boolean {
  const algorithm = jwt.header['alg'];
  if (algorithm !== 'RS256' && algorithm !== 'ES256') return false;
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const encoding = algorithm === 'ES256' ? ({ dsaEncoding: 'ieee-p1363' } as const) : {};
    return verify('sha256', Buffer.from(jwt.signedPart), { key, ...encoding }, jwt.signature);
  } catch {
    return false;
  }
}
