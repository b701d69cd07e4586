import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';

import type { Credential } from '../control-plane/certificates.ts';
import { freePort } from '../control-plane/free-port.ts';
import type { Connections } from './connections.ts';

const PORT_ATTEMPTS = 5;

/** A TLS server on one port of 127.0.0.1 that can go away and come back. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Map<number, Socket>();
  #port = 0;

  constructor(serving: Credential, connections: Connections, listener: RequestListener) {
    this.#server = createServer({ key: serving.keyPem, cert: serving.certificatePem }, listener);
    // A watch has nothing to say for minutes.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      const port = socket.remotePort ?? 0;
      this.#sockets.set(port, socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        if (this.#sockets.get(port) === socket) this.#sockets.delete(port);
      });
    });
    this.#server.on('secureConnection', (socket) => {
      const raw = this.#sockets.get(socket.remotePort ?? 0);
      if (raw === undefined) socket.destroy();
      else connections.add(socket, raw);
    });
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Listens on a free port, or again on the same one. */
  async open(): Promise<void> {
    if (this.#server.listening) return;
    for (let attempt = 1; ; attempt += 1) {
      const port = this.#port === 0 ? await freePort() : this.#port;
      try {
        this.#server.listen({ host: '127.0.0.1', port });
        await once(this.#server, 'listening');
        this.#port = port;
        return;
      } catch (error) {
        // Between finding it free and binding it, somebody else may have taken it.
        if (this.#port !== 0 || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  /** Resets every connection, and refuses new ones. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.resetAndDestroy();
    await closed;
  }
}
