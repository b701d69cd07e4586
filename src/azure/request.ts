/**
 * One request to ARM: through the SDK's pipeline, within a time limit, once. It judges nothing: the outcome is what was
 * answered, or why nothing was.
 */
import type { PipelineResponse } from '@azure/core-rest-pipeline';

import type { Clock, Random } from '../runtime/clock.ts';
import { unlessAborted } from '../runtime/unless-aborted.ts';
import { readBody, type ReplyBody } from './body.ts';
import { subscriptionIn } from './budgets/charge.ts';
import type { ArmCall, ArmOperation } from './call.ts';
import { CredentialFailure } from './credential-failure.ts';
import { type Fence, FencedError, passage } from './fence.ts';
import type { ArmPipeline, Passage } from './pipeline.ts';
import { requestIdOf } from './request-ids.ts';
import type { ReplyHeaders } from './retry-after.ts';

export interface ArmReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: ReplyBody;
}

export type ArmOutcome =
  | { readonly got: 'reply'; readonly reply: ArmReply }
  /** There was no token, so nothing was sent. */
  | { readonly got: 'noToken'; readonly failure: CredentialFailure }
  /** A write that could not end before another process may write: nothing was sent. */
  | { readonly got: 'fenced'; readonly retryMs: number }
  /** A write, and none is sent at all. */
  | { readonly got: 'readOnly' }
  /** `sent` is false only when no connection ever stood: then Azure cannot have seen the request. */
  | { readonly got: 'nothing'; readonly code: string; readonly sent: boolean };

type SentOutcome = Exclude<ArmOutcome, { readonly got: 'fenced' | 'readOnly' }>;

/** What a request was, for metrics. */
export interface RequestSample {
  readonly operation: ArmOperation;
  /** The HTTP status, or the name of what went wrong without one. */
  readonly code: string;
  readonly durationMs: number;
}

export interface AzureLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): unknown;
  info(message: string, fields?: Readonly<Record<string, unknown>>): unknown;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): unknown;
}

export interface SendOptions {
  readonly pipeline: ArmPipeline;
  readonly clock: Clock;
  readonly random: Random;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Of writes. */
  readonly fence: Fence;
  /** No write is sent, whoever asks for one. */
  readonly readOnly: boolean;
  readonly log: AzureLog;
  readonly onRequest: (sample: RequestSample) => void;
}

/** @throws the signal's reason once it is aborted, and nothing else */
export type SendArm = (call: ArmCall, signal: AbortSignal) => Promise<ArmOutcome>;

export function createSend(options: SendOptions): SendArm {
  const { clock, random, log } = options;
  return async (call, signal) => {
    signal.throwIfAborted();
    const startedMs = clock.monotonicMs();
    const isWrite = call.method !== 'GET';
    if (isWrite && options.readOnly) {
      // Whoever decides has to know that nothing is written: one that comes as far as here is a defect.
      log.warn('a write was not sent: the operator runs with --read-only', { operation: call.operation });
      return { got: 'readOnly' };
    }
    const limitMs = isWrite ? options.writeTimeoutMs : options.readTimeoutMs;
    const mayGo = isWrite ? passage(options.fence, subscriptionIn(call.url), limitMs, clock) : () => true;
    const fenced = (): ArmOutcome => {
      log.info('a write waits until the lease is renewed', { operation: call.operation });
      return { got: 'fenced', retryMs: options.fence.retryMs };
    };
    if (!mayGo()) return fenced();
    const clientRequestId = random.uuid();
    using limit = clock.timeoutSignal(limitMs, signal);
    const outcome = await exchange(options.pipeline, call, clientRequestId, { signal: limit.signal, mayGo });
    signal.throwIfAborted();
    if (outcome === FENCED) return fenced();
    const sample = {
      operation: call.operation,
      code: codeOf(outcome),
      durationMs: clock.monotonicMs() - startedMs,
    };
    options.onRequest(sample);
    log.debug('asked Azure', { ...sample, clientRequestId, ...requestIds(outcome) });
    return outcome;
  };
}

const FENCED = Symbol('fenced');

async function exchange(
  pipeline: ArmPipeline,
  call: ArmCall,
  clientRequestId: string,
  { signal, mayGo }: Passage,
): Promise<SentOutcome | typeof FENCED> {
  let response: PipelineResponse;
  try {
    response = await unlessAborted(pipeline.send(call, clientRequestId, { signal, mayGo }), signal);
  } catch (error) {
    if (error instanceof CredentialFailure) return { got: 'noToken', failure: error };
    if (error instanceof FencedError) return FENCED;
    return { got: 'nothing', ...networkFault(error) };
  }
  return {
    got: 'reply',
    reply: { status: response.status, headers: response.headers, body: await readBody(response, signal) },
  };
}

/**
 * Codes of Node's that say that no connection came about: the name was not resolved, nobody listened, or the server's
 * certificate was not accepted. All others may have struck after the request had gone out.
 */
const NEVER_CONNECTED =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|CERT_.+|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_INVALID_.+)$/;

function networkFault(error: unknown): { readonly code: string; readonly sent: boolean } {
  const { name, code } = error instanceof Error ? (error as Error & { readonly code?: unknown }) : {};
  if (name === 'TimeoutError') return { code: 'TimeoutError', sent: true };
  const shown = typeof code === 'string' && /^[A-Z][A-Za-z0-9_-]{1,60}$/.test(code) ? code : 'NetworkError';
  return { code: shown, sent: !NEVER_CONNECTED.test(shown) };
}

function codeOf(outcome: SentOutcome): string {
  switch (outcome.got) {
    case 'reply':
      return String(outcome.reply.status);
    case 'noToken':
      return outcome.failure.code;
    case 'nothing':
      return outcome.code;
  }
}

/** What the log has of a reply. Never the URL: a poll URL is signed. */
function requestIds(outcome: SentOutcome): Readonly<Record<string, string>> {
  if (outcome.got !== 'reply') return {};
  const { headers } = outcome.reply;
  const requestId = requestIdOf(headers);
  const correlationId = requestIdOf(headers, 'x-ms-correlation-request-id');
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}
