/** What goes into the simulated Azure and what comes out of it, free of any server. */

export interface SimulatorRequest {
  readonly method: string;
  /** Absolute: its scheme and host are what links in the answer (polls, next pages, token endpoints) are built on. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SimulatorResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * An answer, or what the driver (a server, or a test under a virtual clock) has to enact in its place:
 * - `reset`: break the connection without a word.
 * - `hang`: never answer.
 * - `delay`: wait `ms`, then ask `answer` with the time it is by then.
 */
export type Answer =
  | SimulatorResponse
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay'; readonly ms: number; readonly answer: (nowMs: number) => Answer };

/** A response before it is put on the wire: `body` is a JSON value, or undefined for an empty one. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
}

/** Thrown by a handler that turns a request down; the router answers with the reply it carries. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`refused with status ${String(reply.status)}`);
    this.reply = reply;
  }
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object that are there: JSON has no `undefined`. */
export function present<T>(members: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const result: Record<string, T> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) result[name] = value;
  return result;
}

/** A parsed request: what every handler begins with. */
export interface Call {
  readonly request: SimulatorRequest;
  readonly method: string;
  /** Scheme and host the caller used. */
  readonly origin: string;
  /** Decoded, without empty segments. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

export function parseCall(request: SimulatorRequest, nowMs: number): Call {
  const url = new URL(request.url);
  return {
    request,
    method: request.method.toUpperCase(),
    origin: url.origin,
    segments: url.pathname.split('/').filter(Boolean).map(decodeSegment),
    query: url.searchParams,
    nowMs,
  };
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
