/** Puts the token on a request, and has it renewed once when Azure does not accept it. */
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';

import { discardBody } from './body.ts';
import type { TokenSource } from './tokens.ts';
import { originCheck } from './urls.ts';

/** @param endpoint the only place that the token may go to */
export function tokenPolicy(endpoint: string, tokens: TokenSource): PipelinePolicy {
  const leadsToEndpoint = originCheck(endpoint);
  return {
    name: 'armTokenPolicy',
    async sendRequest(request, next) {
      if (!leadsToEndpoint(request.url)) {
        throw new TypeError('a token for ARM goes nowhere but to the ARM endpoint');
      }
      const { abortSignal } = request;
      const signal = abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal;
      const token = await tokens.get(signal);
      request.headers.set('authorization', `Bearer ${token.value}`);
      const response = await next(request);
      if (response.status !== 401) return response;

      // Azure has not acted on what it did not let in, so that even a write may be sent again.
      const renewed = await tokens.renew(token, claimsChallenge(response), signal);
      if (renewed === undefined) return response;
      discardBody(response);
      request.headers.set('authorization', `Bearer ${renewed.value}`);
      return await next(request);
    },
  };
}

/**
 * The claims that continuous access evaluation wants in the next token, as JSON: `WWW-Authenticate: Bearer …,
 * error="insufficient_claims", claims="<base64>"`.
 */
function claimsChallenge(response: PipelineResponse): string | undefined {
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (!/\berror="insufficient_claims"/.test(challenge)) return undefined;
  const encoded = /\bclaims="([A-Za-z0-9+/_=-]{1,8192})"/.exec(challenge)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
