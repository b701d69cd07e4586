/**
 * Where a test stands between a client and the server: it sees every request before it is carried out and every answer
 * before it is given, and every event of every watch before it is told.
 */
import type { Reply } from './reply.ts';
import type { ApiRequest } from './request.ts';
import type { WatchSpec, WireEvent } from './watch-session.ts';

/** A request on its way. */
export interface Call {
  /** Counts the requests to the server, from 1. */
  readonly number: number;
  /** Of the client that sent it. */
  readonly client: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Undefined where the server cannot make sense of it. */
  readonly request: ApiRequest | undefined;
  /** Whether the client has lost interest; it may be carried out all the same. */
  aborted(): boolean;
  /**
   * Carries it out, now, and gives the answer; twice is a duplicate. Nothing that a client sends makes it throw.
   *
   * @param view `asOf`: a read shows the state after this revision
   */
  perform(view?: { readonly asOf?: number }): Reply;
}

/** An open watch. */
export interface OpenWatch extends Pick<WatchSpec, 'kind' | 'namespace'> {
  readonly client: string;
  isOpen(): boolean;
  send(event: WireEvent): void;
  /** In order, as when its time is up. */
  end(): void;
  /** The connection breaks. */
  break(error?: Error): void;
  /** Tells that its version is too old (410), and ends. */
  expire(): void;
}

/** An event on its way. */
export interface Delivery {
  readonly watch: OpenWatch;
  readonly event: WireEvent;
  /** Tells it now; not at all is a drop, twice a duplicate. Nothing happens once the watch is over. */
  deliver(): void;
}

/** The end of a watch, in order, on its way. */
export type Ending = Pick<Delivery, 'watch' | 'deliver'>;

export interface Seam {
  /** What it resolves with is the answer; what it rejects with breaks the connection; while it is pending the client waits. */
  readonly call?: (call: Call) => Promise<Reply>;
  readonly event?: (delivery: Delivery) => void;
  /** That the server has ended a watch. */
  readonly end?: (ending: Ending) => void;
}

/** Nothing stands between. */
export const openSeam: Required<Seam> = {
  call: (call) => Promise.resolve(call.perform()),
  event: (delivery) => delivery.deliver(),
  end: (ending) => ending.deliver(),
};

/** What a connection that breaks is told as. */
export const connectionLost = (code = 'ECONNRESET'): Error => Object.assign(new Error('connection lost'), { code });

/**
 * The one event that two of the same object become when what lay between them is not told. Undefined where nothing is left
 * to tell: it came and went.
 */
export const coalesced = (earlier: WireEvent, later: WireEvent): WireEvent | undefined => {
  if (earlier.type !== 'ADDED') return later;
  return later.type === 'DELETED' ? undefined : { ...later, type: 'ADDED' };
};
