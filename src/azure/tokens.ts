/**
 * The operator's token for ARM: fetched once for all requests, ahead of its end, and no more often than helps.
 *
 * The SDK's own cache of tokens keeps real time, retries on a timer of its own and leaves a failed refresh in the
 * background unhandled, which ends the process; hence this one.
 */
import type { AccessToken, TokenCredential } from '@azure/identity';

import type { Clock } from '../runtime/clock.ts';
import { unlessAborted } from '../runtime/unless-aborted.ts';
import { explainCredentialError } from './credential-errors.ts';
import { CredentialFailure } from './credential-failure.ts';

export interface Token {
  readonly value: string;
}

export interface TokenSource {
  /**
   * A token that is good for at least another minute.
   * @throws CredentialFailure, or the signal's reason
   */
  get(signal: AbortSignal): Promise<Token>;
  /**
   * Another token than the one that Azure did not accept. Undefined when there is none to be had: the last renewal is
   * too recent to believe in another, or the credential gives the same token again.
   * @param claims that Azure asks for in the new token
   * @throws CredentialFailure, or the signal's reason
   */
  renew(rejected: Token, claims: string | undefined, signal: AbortSignal): Promise<Token | undefined>;
}

export interface TokenSourceOptions {
  /** Asked whenever a new token is wanted: what it caches is of no use. */
  readonly credential: TokenCredential;
  readonly scope: string;
  readonly clock: Clock;
  /** Time limit of one fetch. */
  readonly timeoutMs: number;
}

const MINUTE_MS = 60_000;
/** A token is replaced this long before its end, unless the credential says when. */
const REFRESH_AHEAD_MS = 5 * MINUTE_MS;
/** A token with less than this left is not used any more. */
const SPARE_MS = MINUTE_MS;
/** A failure is believed this long before the credential is asked again, by however many requests. */
const FAILURE_HOLDS_MS = 5_000;
/** Renewing again within this time would not help, and would hammer Entra if every request did it. */
const RENEWAL_HOLDS_MS = MINUTE_MS;

/** A credential is told to end this long before it is given up, for it knows best what it was waiting for. */
const EXPLAINING_MS = 2_000;

interface Held extends Token {
  readonly refreshAtMs: number;
  readonly endsAtMs: number;
}

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { clock } = options;
  let held: Held | undefined;
  let fetching: Promise<Held> | undefined;
  let failed: { readonly failure: CredentialFailure; readonly untilMs: number } | undefined;
  let renewedAtMs = -Infinity;

  const fetchOnce = (claims?: string): Promise<Held> => {
    fetching ??= fetchToken(options, claims)
      .then((token) => {
        failed = undefined;
        held = token;
        return token;
      })
      .catch((failure: unknown) => {
        if (failure instanceof CredentialFailure) failed = { failure, untilMs: clock.now() + FAILURE_HOLDS_MS };
        throw failure;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  const mayFetch = (): boolean => failed === undefined || clock.now() >= failed.untilMs;

  return {
    get: async (signal) => {
      const now = clock.now();
      if (held !== undefined && now < held.endsAtMs - SPARE_MS) {
        // The next request tries again when this fails, and the token in hand is good until then.
        if (now >= held.refreshAtMs && mayFetch()) fetchOnce().catch(() => undefined);
        return held;
      }
      if (failed !== undefined && !mayFetch()) throw failed.failure;
      return await unlessAborted(fetchOnce(), signal);
    },
    renew: async (rejected, claims, signal) => {
      if (held !== undefined && held.value !== rejected.value) return held;
      if (fetching === undefined) {
        if (clock.now() - renewedAtMs < RENEWAL_HOLDS_MS) return undefined;
        renewedAtMs = clock.now();
      }
      const renewed = await unlessAborted(fetchOnce(claims), signal);
      return renewed.value === rejected.value ? undefined : renewed;
    },
  };
}

async function fetchToken(options: TokenSourceOptions, claims: string | undefined): Promise<Held> {
  const { clock, credential, scope } = options;
  using limit = clock.timeoutSignal(options.timeoutMs);
  using ending = clock.timeoutSignal(options.timeoutMs - EXPLAINING_MS);
  const startedMs = clock.now();
  let token: AccessToken | null;
  try {
    token = await unlessAborted(
      credential.getToken(scope, {
        abortSignal: ending.signal,
        enableCae: true,
        ...(claims === undefined ? {} : { claims }),
      }),
      limit.signal,
    );
  } catch (error) {
    throw explainCredentialError(error);
  }
  if (token === null || token.token === '') {
    throw new CredentialFailure('NoToken', 'The credential gave no token; check --credential and its settings.');
  }
  const lifetimeMs = token.expiresOnTimestamp - startedMs;
  return {
    value: token.token,
    endsAtMs: token.expiresOnTimestamp,
    refreshAtMs: token.refreshAfterTimestamp ?? token.expiresOnTimestamp - Math.min(REFRESH_AHEAD_MS, lifetimeMs / 2),
  };
}
