import { Agent } from 'node:https';
import type { Socket } from 'node:net';

import { type RequestKind, requestKinds } from './fault.ts';

export interface ConnectionCount {
  readonly open: number;
  /** Since the start. */
  readonly opened: number;
}

export interface ConnectionFigures extends ConnectionCount {
  /** A connection counts for each kind of request that came on it, and for none before the first. */
  readonly byKind: Readonly<Record<RequestKind, ConnectionCount>>;
}

/** A client's connection, and the one to the API server that goes with it. */
export interface Connection {
  readonly id: number;
  readonly upstream: Agent;
  readonly kinds: Set<RequestKind>;
  /** With RST. */
  reset(): void;
}

/** Counts the clients' connections. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #openedByKind: Record<RequestKind, number> = { call: 0, lease: 0, watch: 0 };
  #opened = 0;

  /**
   * @param socket the TLS connection
   * @param raw the TCP connection below it, for TLS has no reset
   */
  add(socket: Socket, raw: Socket): void {
    const connection: Connection = {
      id: ++this.#opened,
      upstream: new Agent({ keepAlive: true, maxSockets: 1 }),
      kinds: new Set(),
      reset: () => raw.resetAndDestroy(),
    };
    this.#open.set(socket, connection);
    // A connection that is reset is of no more interest than one that ends.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#open.delete(socket);
      connection.upstream.destroy();
    });
  }

  /** The connection on which a request of this kind came; undefined when it has ended meanwhile. */
  carrying(kind: RequestKind, socket: Socket): Connection | undefined {
    const connection = this.#open.get(socket);
    if (connection !== undefined && !connection.kinds.has(kind)) {
      connection.kinds.add(kind);
      this.#openedByKind[kind] += 1;
    }
    return connection;
  }

  figures(): ConnectionFigures {
    const open = [...this.#open.values()];
    const count = (kind: RequestKind): ConnectionCount => ({
      open: open.filter(({ kinds }) => kinds.has(kind)).length,
      opened: this.#openedByKind[kind],
    });
    const byKind = Object.fromEntries(requestKinds.map((kind) => [kind, count(kind)]));
    return { open: open.length, opened: this.#opened, byKind: byKind as Record<RequestKind, ConnectionCount> };
  }
}
