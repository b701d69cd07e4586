/** Azure as an HTTP client that answers from a script and keeps what it was sent. */
import { Readable } from 'node:stream';

import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { GetTokenOptions, TokenCredential } from '@azure/identity';

import { type AzurePortOptions, type BudgetedAzurePort, createAzurePort } from '../../../src/azure/port.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a string. */
  readonly body?: unknown;
  /** Instead of a body in one piece. */
  readonly chunks?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export type Script = (sent: Sent, count: number, request: PipelineRequest) => Answer | Promise<Answer>;

export interface FakeAzure {
  readonly port: BudgetedAzurePort;
  readonly clock: ManualClock;
  readonly sent: readonly Sent[];
  readonly tokensAsked: readonly (GetTokenOptions & { readonly scope: string })[];
  readonly warnings: readonly string[];
}

export const ENDPOINT = 'https://management.azure.com';
export const SCOPE = 'https://management.azure.com/.default';
export const NEVER = new AbortController().signal;

/** A port on top of a scripted Azure. `answers` that run out repeat the last. */
export function fakeAzure(
  answers: Script | readonly Answer[],
  options: Partial<AzurePortOptions> & { readonly tokens?: TokenScript } = {},
): FakeAzure {
  const script: Script =
    typeof answers === 'function' ? answers : (_, count) => answers[Math.min(count, answers.length) - 1]!;
  const sent: Sent[] = [];
  const warnings: string[] = [];
  const clock = manualClock();
  const { credential, asked } = fakeCredential(clock, options.tokens);
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      const { body } = request;
      const seen: Sent = {
        method: request.method,
        url: request.url,
        headers: { ...request.headers.toJSON() },
        body: typeof body === 'string' ? (JSON.parse(body) as unknown) : body,
      };
      sent.push(seen);
      return respond(request, await script(seen, sent.length, request));
    },
  };
  let uuids = 0;
  const port = createAzurePort({
    endpoint: ENDPOINT,
    scope: SCOPE,
    apiVersion: '2024-11-01',
    credential,
    httpClient,
    clock,
    random: { next: () => 0.5, uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}` },
    logger: { debug: () => undefined, info: () => undefined, warn: (message) => warnings.push(message) },
    ...options,
  });
  return { port, clock, sent, tokensAsked: asked, warnings };
}

function respond(request: PipelineRequest, answer: Answer): Awaited<ReturnType<HttpClient['sendRequest']>> {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const headers = createHttpHeaders({ 'content-type': 'application/json; charset=utf-8', ...answer.headers });
  const common = { request, status: answer.status ?? 200, headers };
  return answer.chunks === undefined
    ? { ...common, ...(answer.body === undefined ? {} : { bodyAsText: text }) }
    : { ...common, readableStreamBody: Readable.from(answer.chunks) };
}

/** The value of the nth token, or an error to reject with. */
export type TokenScript = (count: number, options: GetTokenOptions) => string | Error | Promise<string>;

function fakeCredential(
  clock: ManualClock,
  script: TokenScript = (count) => `token-${String(count)}`,
): { readonly credential: TokenCredential; readonly asked: (GetTokenOptions & { readonly scope: string })[] } {
  const asked: (GetTokenOptions & { readonly scope: string })[] = [];
  const credential: TokenCredential = {
    getToken: async (scope, options = {}) => {
      asked.push({ ...options, scope: String(scope) });
      const token = await script(asked.length, options);
      if (token instanceof Error) throw token;
      return { token, expiresOnTimestamp: clock.now() + 3_600_000 };
    },
  };
  return { credential, asked };
}

export function networkError(code: string): RestError {
  return new RestError(`connect ${code} 203.0.113.1:443`, { code });
}
