import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what Linux (32768) and macOS (49152) give to outgoing connections: a client that tries again and again to reach a
 * server that is down could otherwise be given that server's very port, connect to itself, and keep the server from it.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;
const ATTEMPTS = 100;

/** A port of 127.0.0.1 that was free a moment ago. Who binds it must be ready to find it taken. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await canListen(port)) return port;
  }
  throw new Error(`None of ${ATTEMPTS} ports tried on 127.0.0.1 is free.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
