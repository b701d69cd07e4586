import type { Json, Reply } from '../http.ts';
import type { FederatedCredential, Principal } from '../state.ts';
import { type EntraErrors, ticks } from './errors.ts';
import { decodeJwt, isSignedByOneOf, namesOneOf } from './jwt.ts';

/** Entra tolerates clocks that differ by this much. */
const clockSkewMs = 5 * 60 * 1000;

/**
 * Judges a federated token (workload identity): undefined when it may stand in for the principal.
 * Issuer, subject and audience have to match one federated credential to the letter. The signature is verified when the
 * credential holds the issuer's public keys, and ignored otherwise: this Azure cannot fetch them from the issuer.
 */
export function refuseAssertion(
  assertion: string,
  principal: Principal,
  nowMs: number,
  errors: EntraErrors,
): Reply | undefined {
  const jwt = decodeJwt(assertion);
  if (jwt === undefined) return errors.malformedAssertion();
  if (principal.federated.length === 0) return errors.noFederatedCredentials(principal.clientId);
  const { iss, sub, aud, nbf, exp } = jwt.claims;

  const sameIssuer = principal.federated.filter((credential) => credential.issuer === iss);
  if (sameIssuer.length === 0) return errors.issuerMismatch(shown(iss));
  const sameSubject = sameIssuer.filter((credential) => credential.subject === sub);
  if (sameSubject.length === 0) return errors.subjectMismatch(shown(sub));
  const matching = sameSubject.filter((credential) => audiences(aud).includes(credential.audience));
  if (matching.length === 0) return errors.audienceMismatch(audiences(aud).join(','));

  const fromMs = typeof nbf === 'number' ? nbf * 1000 : undefined;
  const toMs = typeof exp === 'number' ? exp * 1000 : 0;
  if ((fromMs !== undefined && nowMs < fromMs - clockSkewMs) || nowMs > toMs + clockSkewMs) {
    return errors.assertionOutOfTime({ from: ticks(fromMs ?? 0), to: ticks(toMs) });
  }
  const verified = (credential: FederatedCredential): boolean =>
    credential.keys === undefined || isSignedByOneOf(jwt, credential.keys);
  if (matching.some(verified)) return undefined;
  const knowsKey = matching.some(({ keys = [] }) => namesOneOf(jwt, keys));
  return errors.badAssertionSignature(
    knowsKey ? 'The provided signature value did not match the expected signature value.' : 'The key was not found.',
  );
}

function audiences(claim: Json | undefined): readonly string[] {
  const values = Array.isArray(claim) ? (claim as readonly Json[]) : [claim];
  return values.filter((value) => typeof value === 'string');
}

function shown(claim: Json | undefined): string {
  return typeof claim === 'string' ? claim : JSON.stringify(claim ?? null);
}
