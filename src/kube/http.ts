import type { IncomingHttpHeaders } from 'node:http';

import { errorWithoutAnswer, KubeError, type RequestLabel } from './errors.ts';
import { LineSplitter } from './lines.ts';
import type { KubeRequest, Query } from './request.ts';

/** What takes requests: connections, or a server in the same process. */
export interface Dispatcher {
  /** Rejects when there is no answer, and when the signal aborts before there is one; later it ends the body. */
  request(request: HttpRequest): Promise<Answer>;
}

export interface HttpRequest {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly method: KubeRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** An HTTP response whose body has not been read. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<unknown> & {
    text(): Promise<string>;
  };
}

export const httpRequest = (
  server: URL,
  request: KubeRequest,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): HttpRequest => {
  const hasBody = request.body !== undefined;
  return {
    origin: server.origin,
    path: server.pathname.replace(/\/+$/, '') + request.path + searchOf(request.query),
    method: request.method,
    headers: hasBody ? { ...headers, 'content-type': request.patchType ?? 'application/json' } : headers,
    body: hasBody ? JSON.stringify(request.body) : null,
    signal,
  };
};

const searchOf = (query: Query = {}): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
};

export const parseJson = (request: RequestLabel, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError('malformed', `${request.method} ${request.path}: the answer is not JSON`);
  }
};

/** Each line of a body, parsed. Throws kind `network` when the body breaks off, `aborted` when the signal did it. */
export async function* parsedLines(
  request: RequestLabel,
  body: AsyncIterable<unknown>,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  const splitter = new LineSplitter();
  try {
    for await (const chunk of body) {
      for (const line of splitter.push(chunk as Uint8Array)) yield parseJson(request, line);
    }
  } catch (error) {
    if (error instanceof KubeError) throw error;
    throw errorWithoutAnswer(request, { error, timedOut: false, abortedByCaller: signal.aborted, limitMs: 0 });
  }
  if (splitter.rest().trim() !== '') {
    throw new KubeError('network', `${request.method} ${request.path}: the stream broke off within an event`);
  }
}
