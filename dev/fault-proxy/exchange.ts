import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Connection } from './connections.ts';
import type { Fault, RequestHead, StreamFault } from './fault.ts';
import { Relay } from './relay.ts';
import type { LoggedRequest } from './request-log.ts';
import { errorEventLine, statusHeaders, statusObject } from './status.ts';
import { endToEnd, type Upstream } from './upstream.ts';

export interface Exchange {
  readonly head: RequestHead;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly entry: LoggedRequest;
  readonly upstream: Upstream;
  /** The answers under way. */
  readonly relays: Set<Relay>;
  /** Ends delays. */
  readonly signal: AbortSignal;
}

/** Carries out one request, with what happens to it. */
export async function answer(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  exchange.entry.fault = fault?.type;
  switch (fault?.type) {
    case undefined:
      return forward(exchange);
    case 'delay':
      await sleep(fault.ms, undefined, { signal: exchange.signal });
      return forward(exchange);
    case 'truncate':
      return forward(exchange, { strike: fault });
    case 'shorten':
      return forward(exchange, { query: { timeoutSeconds: String(fault.seconds) } });
    case 'errorEvent':
      refuseTo(exchange, { status: 200, body: errorEventLine(fault) });
      return;
    case 'reset':
    case 'halfOpen':
    case 'status':
      if (fault.applied === true) await applied(exchange);
      else exchange.request.resume();
      instead(exchange, fault);
  }
}

/** A Status object in place of whatever the answer would have been. */
export function refuse(exchange: Exchange, status: Parameters<typeof statusObject>[0]): void {
  refuseTo(exchange, {
    status: status.status,
    body: JSON.stringify(statusObject(status)),
    headers: statusHeaders(status),
  });
}

function instead(exchange: Exchange, fault: Extract<Fault, { readonly type: 'reset' | 'halfOpen' | 'status' }>): void {
  if (fault.type === 'status') refuse(exchange, fault);
  else if (fault.type === 'reset') exchange.connection.reset();
  // Half-open: the response is never begun, so the connection stays taken and silent until the client gives it up.
}

function refuseTo(
  { entry, request, response }: Exchange,
  { status, body, headers = {} }: { status: number; body: string; headers?: ReturnType<typeof statusHeaders> },
): void {
  entry.status = status;
  request.resume();
  response.writeHead(status, headers).end(body);
}

/** The request takes effect, and its answer is thrown away. */
async function applied({ request, connection, upstream }: Exchange): Promise<void> {
  const reply = await upstream.send(request, request.url ?? '/', connection);
  reply.resume();
}

async function forward(
  exchange: Exchange,
  change: { readonly strike?: StreamFault; readonly query?: RequestHead['query'] } = {},
): Promise<void> {
  const { head, request, response, connection, entry, upstream, relays } = exchange;
  const reply = await upstream.send(request, urlOf(exchange, change.query), connection);
  const { 'content-length': _length, ...headers } = endToEnd(reply.headers);
  entry.status = reply.statusCode;
  // At once, for the client waits for the head of a watch that has no events yet.
  response.writeHead(reply.statusCode ?? 502, headers).flushHeaders();
  const relay = new Relay(head, reply, response, connection);
  if (change.strike !== undefined) relay.strike(change.strike);
  relays.add(relay);
  await relay.run();
  relays.delete(relay);
}

function urlOf({ head, request }: Exchange, changed: RequestHead['query'] | undefined): string {
  if (changed === undefined) return request.url ?? '/';
  return `${head.path}?${new URLSearchParams({ ...head.query, ...changed }).toString()}`;
}
