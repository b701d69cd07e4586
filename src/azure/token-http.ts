/**
 * The network under `@azure/identity`. The SDK passes neither the caller's signal nor a limit on to its requests for tokens,
 * so that one which is never answered would stay open for ever, and one without an end would fill the memory. And it sends
 * the proof of who the operator is wherever the authority's discovery document says.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';

import { unlessAborted } from '../runtime/unless-aborted.ts';
import { readText } from './body.ts';

/** What holds for the requests of one sign-in. */
export interface SignInRules {
  /** Ends them, bodies included. */
  readonly signal: AbortSignal;
  /** Whether a secret or an assertion may be sent to a URL. */
  readonly mayProve: (url: string) => boolean;
}

/**
 * Kept by the call and not by the client, because of a managed identity: all credentials of a process go by the HTTP client
 * that the first of them was given.
 */
const rules = new AsyncLocalStorage<SignInRules>();

/**
 * Signs in under the rules.
 * @throws the signal's reason as soon as it aborts
 */
export function signIn<T>(under: SignInRules, getToken: () => Promise<T>): Promise<T> {
  return rules.run(under, () => unlessAborted(getToken(), under.signal));
}

/** An HTTP client that keeps the rules of the sign-in that it is used in. */
export function createTokenHttp(): HttpClient {
  const network = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      const { signal, mayProve } = rules.getStore() ?? {};
      if (request.method !== 'GET' && mayProve?.(request.url) === false) {
        throw new TypeError('the proof of who the operator is goes nowhere but to its authority');
      }
      const signals = [signal, request.abortSignal].filter((each) => each instanceof AbortSignal);
      const ending = AbortSignal.any(signals);
      request.abortSignal = ending;
      // Not packed: the SDK's unpacking loses broken connections, and a token is short.
      request.headers.delete('accept-encoding');
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const response = await network.sendRequest(request);
      const body = await readText(response, ending);
      const { status, headers } = response;
      // To the SDK a reply that cannot be read is one that says nothing.
      return { request, status, headers, bodyAsText: body.is === 'text' ? body.text : '' };
    },
  };
}

/** The names of Entra between which MSAL goes to and fro by itself, a region's own below them. */
const ENTRA_HOSTS: readonly string[] = [
  'login.microsoftonline.com',
  'login.microsoft.com',
  'login.windows.net',
  'sts.windows.net',
  'login.microsoftonline.us',
  'login.usgovcloudapi.net',
  'login.partner.microsoftonline.cn',
  'login.chinacloudapi.cn',
];

/** Whether a URL is the authority's; each of Entra's own hosts stands for all of them. */
export function authorityCheck(authorityHost: string): (url: string) => boolean {
  const authority = new URL(authorityHost);
  const isEntra = (url: URL): boolean =>
    url.protocol === 'https:' && ENTRA_HOSTS.some((host) => url.host === host || url.host.endsWith(`.${host}`));
  return (url) => {
    const target = new URL(url);
    return target.origin === authority.origin || (isEntra(authority) && isEntra(target));
  };
}
