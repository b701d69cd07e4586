/**
 * Connections that stand before a request is put on them. Node gives a request to a connection that is still being made,
 * and what is sent goes out by itself whenever it stands: after a process was stopped, when another one has long been
 * writing in its place.
 */
import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

import { FENCED, FencedError } from './fence.ts';

/** What a request has to say beside Node's own options. */
export interface Punctual {
  readonly agent: PunctualAgent;
  readonly passage: {
    /** Whether it may go out at the moment of asking. */
    readonly mayGo: () => boolean;
    /** Aborts when nobody waits for the request any more. */
    readonly signal: AbortSignal;
  };
}

type Given = (error: Error | null, socket: Duplex) => void;

export class PunctualAgent extends Agent {
  constructor() {
    super({ keepAlive: true });
  }

  /** Calls back when the connection is secure; with a `FencedError` when that was too late for the request. */
  override createConnection(options: RequestOptions & Partial<Punctual>, given?: Given): Duplex | null | undefined {
    const { passage } = options;
    const socket = super.createConnection(options);
    if (passage === undefined || given === undefined || socket === null || socket === undefined) return socket;
    const { mayGo, signal } = passage;
    const abandon = (): void => void socket.destroy();
    const settle = (error: Error | null): void => {
      signal.removeEventListener('abort', abandon);
      socket.off('secureConnect', stands).off('error', settle).off('close', ended);
      given(error, socket);
    };
    const stands = (): void => {
      if (mayGo()) {
        settle(null);
        return;
      }
      settle(new FencedError());
      socket.destroy();
    };
    const ended = (): void => settle(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    socket.on('secureConnect', stands).on('error', settle).on('close', ended);
    signal.addEventListener('abort', abandon);
    return undefined;
  }
}

/** Whether the failure of a request says that its connection stood too late. */
export function wasTooLate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === FENCED;
}
