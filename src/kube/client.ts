import type { Clock } from '../runtime/clock.ts';
import { unlessAborted } from '../runtime/unless-aborted.ts';
import type { Availability } from './availability.ts';
import type { KubeConnection } from './connection.ts';
import { errorFromResponse, errorWithoutAnswer, KubeError, type KubeErrorKind } from './errors.ts';
import { type Answer, type Dispatcher, httpRequest, parsedLines, parseJson } from './http.ts';
import { connectionPools, type PoolName, poolOf, type Pools, singlePool } from './pools.ts';
import type { KubeRequest } from './request.ts';

/** Hears about every request once it is over (a watch: once it is open). */
export interface RequestObserver {
  requestEnded(request: {
    readonly method: string;
    readonly host: string;
    /** HTTP status, or what ended the request without one. */
    readonly outcome: number | KubeErrorKind;
    readonly durationMs: number;
  }): void;
}

export interface KubeClientOptions {
  readonly connection: KubeConnection;
  readonly clock: Clock;
  /** When given, every request goes here and no connection is made. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly userAgent?: string;
  /** Time limit for a call that names none: 30 s. */
  readonly callTimeoutMs?: number;
  readonly observer?: RequestObserver | undefined;
  /** Hears of every request too, to tell of outages. */
  readonly availability?: Pick<Availability, 'answered' | 'failed'> | undefined;
}

/**
 * Sends requests to one API server. Every call has a time limit, every failure is a {@link KubeError},
 * and nothing is ever sent twice: retrying is the caller's decision.
 */
export class KubeClient {
  readonly #connection: KubeConnection;
  readonly #clock: Clock;
  readonly #pools: Pools;
  readonly #userAgent: string;
  readonly #callTimeoutMs: number;
  readonly #observer: RequestObserver | undefined;
  readonly #availability: KubeClientOptions['availability'];
  readonly #server: URL;

  constructor(options: KubeClientOptions) {
    this.#connection = options.connection;
    this.#clock = options.clock;
    this.#userAgent = options.userAgent ?? 'vmss-identity-operator';
    this.#callTimeoutMs = options.callTimeoutMs ?? 30_000;
    this.#observer = options.observer;
    this.#availability = options.availability;
    this.#server = new URL(options.connection.server);
    this.#pools = options.dispatcher === undefined ? connectionPools(this.#server) : singlePool(options.dispatcher);
  }

  /** Sends a request and returns the parsed body of a 2xx. */
  call(request: KubeRequest): Promise<unknown> {
    const pool = poolOf(request);
    return this.#observed(pool, request, async (answered) => {
      const limitMs = request.timeoutMs ?? this.#callTimeoutMs;
      using limit = this.#clock.timeoutSignal(limitMs, request.signal);
      try {
        const answer = await this.#send(pool, request, limit.signal);
        answered(answer.statusCode);
        const text = await unlessAborted(answer.body.text(), limit.signal);
        this.#rejectUnsuccessful(request, answer, text);
        return parseJson(request, text);
      } catch (error) {
        throw asKubeError(error, request, limit.timedOut(), limitMs);
      }
    });
  }

  /**
   * Opens a watch. Resolves when the server has accepted it (within the time limit for a call). The events then come one
   * at a time, until the server ends the stream (a plain return), it breaks (a {@link KubeError}), or `signal` aborts.
   */
  watch(
    request: Pick<KubeRequest, 'path' | 'query'> & { readonly signal: AbortSignal },
  ): Promise<AsyncIterable<unknown>> {
    const get: KubeRequest = { ...request, method: 'GET' };
    return this.#observed('watches', get, async (answered) => {
      const stream = new AbortController();
      const end = (): void => stream.abort(request.signal.reason);
      if (request.signal.aborted) end();
      request.signal.addEventListener('abort', end, { once: true });
      // Only the wait for the headers has this limit: its end must not end the stream.
      using limit = this.#clock.timeoutSignal(this.#callTimeoutMs, request.signal);
      try {
        const answer = await unlessAborted(this.#send('watches', get, stream.signal), limit.signal);
        answered(answer.statusCode);
        if (answer.statusCode !== 200) {
          this.#rejectUnsuccessful(get, answer, await unlessAborted(answer.body.text(), limit.signal));
        }
        return parsedLines(get, answer.body, request.signal);
      } catch (error) {
        stream.abort();
        throw asKubeError(error, get, limit.timedOut(), this.#callTimeoutMs);
      }
    });
  }

  /** Ends every connection. Requests under way fail with kind `network`. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  async #send(pool: PoolName, request: KubeRequest, signal: AbortSignal): Promise<Answer> {
    const access = await unlessAborted(this.#connection.authenticate(), signal);
    const headers = { ...access.headers, accept: 'application/json', 'user-agent': this.#userAgent };
    const sent = httpRequest(this.#server, request, headers, signal);
    return unlessAborted(this.#pools.dispatcher(pool, access).request(sent), signal);
  }

  #rejectUnsuccessful(request: KubeRequest, { statusCode, headers }: Answer, body: string): void {
    if (statusCode >= 200 && statusCode < 300) return;
    if (statusCode === 401) this.#connection.forgetCredentials();
    throw errorFromResponse(request, {
      status: statusCode,
      retryAfter: headers['retry-after'],
      body,
      jsonPatch: request.patchType === 'application/json-patch+json',
    });
  }

  async #observed<T>(
    pool: PoolName,
    request: KubeRequest,
    run: (answered: (status: number) => void) => Promise<T>,
  ): Promise<T> {
    const startedAt = this.#clock.monotonicMs();
    let outcome: number | KubeErrorKind | undefined;
    try {
      const result = await run((status) => (outcome = status));
      this.#availability?.answered(pool);
      return result;
    } catch (error) {
      if (error instanceof KubeError) {
        outcome ??= error.kind;
        this.#availability?.failed(pool, error);
      }
      throw error;
    } finally {
      this.#observer?.requestEnded({
        method: request.method,
        host: this.#server.host,
        outcome: outcome ?? 'other',
        durationMs: this.#clock.monotonicMs() - startedAt,
      });
    }
  }
}

const asKubeError = (error: unknown, request: KubeRequest, timedOut: boolean, limitMs: number): KubeError => {
  if (error instanceof KubeError) return error;
  const { signal } = request;
  const abortedByCaller = signal?.aborted === true;
  // A caller whose own time limit ends the request was given no answer, and has not lost interest in one.
  if (abortedByCaller && isTimeLimit(signal.reason)) {
    return errorWithoutAnswer(request, { error, timedOut: true, abortedByCaller: false, limitMs: undefined });
  }
  return errorWithoutAnswer(request, { error, timedOut, abortedByCaller, limitMs });
};

const isTimeLimit = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';
