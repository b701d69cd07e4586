/** What a connection is used for: `lease` is everything in coordination.k8s.io that is no watch. */
export const requestKinds = ['call', 'lease', 'watch'] as const;
export type RequestKind = (typeof requestKinds)[number];

/** What is known of a request when its head has arrived. */
export interface RequestHead {
  readonly kind: RequestKind;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** Which requests are meant. Everything that is given has to fit. */
export interface Match {
  readonly kind?: RequestKind;
  readonly method?: string;
  readonly path?: RegExp;
}

/** The answer that the client gets in place of the API server's: a Status object, as the API server would send it. */
export interface StatusFault {
  readonly type: 'status';
  readonly status: number;
  /** `reason` of the Status object; left out: the usual one of this status. */
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
}

/**
 * What can happen to a request. With `applied` the API server gets the request and does what it asks for, and only the
 * answer is lost: otherwise it never hears of it.
 *
 * - `delay`      passed on after a while
 * - `reset`      the connection is reset (RST)
 * - `halfOpen`   the connection stays, and nothing comes on it any more
 * - `status`     an error in place of the answer
 * - `errorEvent` a watch is accepted, and its only event is an ERROR with this status
 * - `truncate`   the answer breaks off in the middle: a list within its first bytes, a watch within its next line. `orderly`:
 *                not the connection ends but the answer, as a gateway ends it that was itself cut off
 * - `shorten`    the API server is asked to end a watch sooner, as it may at any time
 */
export type Fault =
  | { readonly type: 'delay'; readonly ms: number }
  | { readonly type: 'reset' | 'halfOpen'; readonly applied?: boolean }
  | (StatusFault & { readonly applied?: boolean })
  | (Omit<StatusFault, 'type'> & { readonly type: 'errorEvent' })
  | { readonly type: 'truncate'; readonly orderly?: boolean }
  | { readonly type: 'shorten'; readonly seconds: number };

/** What can happen to an answer that is under way, such as an open watch. */
export type StreamFault = Extract<Fault, { readonly type: 'reset' | 'halfOpen' | 'errorEvent' | 'truncate' }>;

/** A fault and the requests that it happens to. */
export interface Rule {
  readonly match?: Match;
  readonly fault: Fault;
  /** How many requests it happens to; left out: to all, until it is cleared. */
  readonly times?: number;
}

export const matches = ({ kind, method, path }: Match, head: RequestHead): boolean =>
  (kind === undefined || kind === head.kind) &&
  (method === undefined || method === head.method) &&
  (path === undefined || path.test(head.path));
