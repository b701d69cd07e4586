/** Proxies that tunnel to wherever they are asked to, and take down where that was. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { createCertificates } from '../../../dev/simulator/certificates.ts';

export interface Proxy {
  readonly url: string;
  /** `host:port` of each tunnel. */
  readonly tunnels: readonly string[];
}

/** @returns the port of 127.0.0.1 that it listens on */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** One that is spoken to in plain text, or with TLS of its own, and is asked by CONNECT. */
export async function connectProxy(scheme: 'http' | 'https'): Promise<Proxy> {
  const tunnels: string[] = [];
  const { certificatePem, privateKeyPem } = createCertificates(new Date());
  const server =
    scheme === 'http' ? createHttpServer() : createHttpsServer({ cert: certificatePem, key: privateKeyPem });
  server.on('connect', (request, client: Socket) => {
    tunnels.push(request.url ?? '');
    const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      join(client, target);
    });
  });
  return { url: `${scheme}://127.0.0.1:${await listening(server)}`, tunnels };
}

/** Version 5, for everybody. */
export async function socksProxy(): Promise<Proxy> {
  const tunnels: string[] = [];
  const server = createServer((client) => {
    client.once('data', () => {
      // No authentication.
      client.write(Buffer.from([5, 0]));
      client.once('data', (asked: Buffer) => {
        const port = asked.readUInt16BE(asked.length - 2);
        tunnels.push(`127.0.0.1:${port}`);
        const target = connect(port, '127.0.0.1', () => {
          client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          join(client, target);
        });
      });
    });
  });
  return { url: `socks5://127.0.0.1:${await listening(server)}`, tunnels };
}

function join(client: Socket, target: Socket): void {
  client.pipe(target).pipe(client);
  for (const [one, other] of [
    [client, target],
    [target, client],
  ] as const) {
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
  }
}
