/** The line between one replica and the API server: it breaks, it hangs, it is cut, and nobody tells either end. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Line {
  /** In place of the API server's. */
  readonly url: string;
  /** Breaks every connection; new ones are let through. */
  breakAll(): void;
  /** Connections that are open stay open, and nothing comes through them any more, ever; new ones are let through. */
  deafen(): void;
  /** Breaks every connection and refuses new ones, until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

interface Relayed {
  readonly near: Socket;
  readonly far: Socket;
}

/** @param target the API server's own URL */
export async function openLine(target: string): Promise<Line> {
  const { hostname, port } = new URL(target);
  const relayed = new Set<Relayed>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    relay(near, connect({ host: hostname, port: Number(port) }), relayed);
  });
  const breakAll = (): void => {
    for (const { near, far } of relayed) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  const url = `https://127.0.0.1:${String(await listen(server))}`;
  return {
    url,
    breakAll,
    deafen() {
      for (const { near, far } of relayed) {
        near.unpipe(far);
        far.unpipe(near);
        // What comes is taken and lost: a sender whose window is full would notice something.
        near.resume();
        far.resume();
      }
    },
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    async close() {
      isCut = true;
      breakAll();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function relay(near: Socket, far: Socket, relayed: Set<Relayed>): void {
  const pair = { near, far };
  relayed.add(pair);
  near.pipe(far);
  far.pipe(near);
  const end = (): void => {
    relayed.delete(pair);
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) {
    socket.setNoDelay(true);
    socket.on('error', end).on('close', end);
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
