/** As whom the operator is signed in: what its token for ARM says. */
import type { SignIn } from '../check/azure-port.ts';
import type { Failure, Result } from '../reconcile/azure-port.ts';
import type { Clock } from '../runtime/clock.ts';
import { failureOf } from './arm.ts';
import { CredentialFailure } from './credential-failure.ts';
import { principalIdOf, signedInAs } from './token-claims.ts';
import type { TokenSource } from './tokens.ts';

const NO_PRINCIPAL = new CredentialFailure(
  'NoPrincipal',
  "The operator's token does not say whose it is (no oid claim).",
);

export async function ownPrincipalId(tokens: TokenSource, clock: Clock, signal: AbortSignal): Promise<Result<string>> {
  const read = await readToken(tokens, principalIdOf, signal);
  return read.ok ? read : { ok: false, failure: told(read.failure, clock) };
}

export async function signIn(tokens: TokenSource, clock: Clock, signal: AbortSignal): Promise<SignIn> {
  const read = await readToken(tokens, signedInAs, signal);
  if (read.ok) return read;
  const { lacking } = read.failure;
  return { ok: false, failure: told(read.failure, clock), ...(lacking === undefined ? {} : { lacking }) };
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: CredentialFailure };

async function readToken<T>(
  tokens: TokenSource,
  reader: (accessToken: string) => T | undefined,
  signal: AbortSignal,
): Promise<Read<T>> {
  try {
    const value = reader((await tokens.get(signal)).value);
    return value === undefined ? { ok: false, failure: NO_PRINCIPAL } : { ok: true, value };
  } catch (failure) {
    signal.throwIfAborted();
    if (!(failure instanceof CredentialFailure)) throw failure;
    return { ok: false, failure };
  }
}

function told(failure: CredentialFailure, clock: Clock): Failure {
  return failureOf({ got: 'noToken', failure }, { scope: 'the operator', requestIds: [], nowMs: clock.now() });
}
