/**
 * The SDK's own request pipeline, with the parts taken out that would do things behind the operator's back: its retries
 * sleep a Retry-After of any length inside a pass, its redirects follow a server, its log policy writes signed URLs, its
 * token policy ties a refresh that all requests wait for to the signal of the first of them, and its decompression loses
 * broken connections.
 */
import { createComputeManagement } from '@azure/arm-compute/api';
import {
  bearerTokenAuthenticationPolicyName,
  decompressResponsePolicyName,
  type HttpClient,
  logPolicyName,
  type PipelinePolicy,
  type PipelineResponse,
  redirectPolicyName,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';

import type { ArmCall } from './call.ts';
import { compressionPolicy } from './compression.ts';
import { FencedError } from './fence.ts';
import { type Punctual, PunctualAgent, wasTooLate } from './punctual-agent.ts';
import { tokenPolicy } from './token-policy.ts';
import type { TokenSource } from './tokens.ts';

export interface ArmPipeline {
  /** Sends once. Rejects with a `CredentialFailure`, a `FencedError`, or what the network reported. */
  send(call: ArmCall, clientRequestId: string, passage: Passage): Promise<PipelineResponse>;
}

export interface Passage {
  readonly signal: AbortSignal;
  /** Asked when all is ready and the request is about to go out, each time it does. */
  readonly mayGo: () => boolean;
}

export interface PipelineParts {
  readonly endpoint: string;
  readonly tokens: TokenSource;
  /** Instead of Node's `https`. */
  readonly httpClient?: HttpClient;
  /** First product of the User-Agent header, as `name/version`. */
  readonly userAgent: string;
}

export function createArmPipeline({ endpoint, tokens, httpClient, userAgent }: PipelineParts): ArmPipeline {
  const client = createComputeManagement(NEVER_ASKED, '', {
    endpoint,
    userAgentOptions: { userAgentPrefix: userAgent },
    ...(httpClient === undefined ? {} : { httpClient }),
  });
  client.pipeline.removePolicy({ phase: 'Retry' });
  for (const name of REPLACED) client.pipeline.removePolicy({ name });
  client.pipeline.addPolicy(tokenPolicy(endpoint, tokens), { phase: 'Sign' });
  client.pipeline.addPolicy(compressionPolicy, { afterPhase: 'Sign' });
  const passages = new WeakMap<object, Passage['mayGo']>();
  client.pipeline.addPolicy(fencePolicy(passages), { afterPhase: 'Sign' });

  return {
    send: async (call, clientRequestId, { signal, mayGo }) => {
      passages.set(signal, mayGo);
      let response: PipelineResponse | undefined;
      const path = client.pathUnchecked(call.url);
      const options = {
        abortSignal: signal,
        headers: {
          'x-ms-client-request-id': clientRequestId,
          'x-ms-return-client-request-id': 'true',
          ...(call.ifMatch === undefined ? {} : { 'if-match': call.ifMatch }),
        },
        onResponse: (raw: PipelineResponse) => {
          response = raw;
        },
      };
      // As a stream: read as text, a body of any size would be in memory before anything here could stop it.
      await (call.method === 'GET'
        ? path.get(options).asNodeStream()
        : path.patch({ ...options, body: call.body, contentType: 'application/json' }).asNodeStream());
      if (response === undefined) throw new Error('the pipeline gave no response');
      return response;
    },
  };
}

/** @param passages by the signal of the request, which is all of it that the SDK hands through */
function fencePolicy(passages: WeakMap<object, Passage['mayGo']>): PipelinePolicy {
  const agent = new PunctualAgent();
  return {
    name: 'fencePolicy',
    async sendRequest(request, next) {
      const { abortSignal: signal } = request;
      const mayGo = signal === undefined ? undefined : passages.get(signal);
      if (mayGo?.() !== true || signal === undefined) throw new FencedError();
      // Where there is a proxy, connections are its agent's.
      if (request.agent === undefined) {
        const punctual: Punctual = { agent, passage: { mayGo, signal: signal as AbortSignal } };
        request.requestOverrides = { ...request.requestOverrides, ...punctual };
      }
      try {
        return await next(request);
      } catch (error) {
        throw wasTooLate(error) ? new FencedError() : error;
      }
    },
  };
}

const REPLACED = [bearerTokenAuthenticationPolicyName, redirectPolicyName, logPolicyName, decompressResponsePolicyName];

/** The SDK insists on a credential, but the policy that would ask it is taken out. */
const NEVER_ASKED: TokenCredential = {
  getToken: () => Promise.reject(new Error('the token policy of the SDK is not in use')),
};
