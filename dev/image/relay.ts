/** Joins two sockets: what arrives at the one is sent to the other. A socket that is a file reaches across networks. */
import { once } from 'node:events';
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server, type Socket } from 'node:net';

/** @returns when it listens */
export async function relay(from: ListenOptions, to: NetConnectOpts): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    join(near, connect({ ...to, allowHalfOpen: true }));
  });
  server.listen(from);
  await once(server, 'listening');
  return server;
}

function join(near: Socket, far: Socket): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.pipe(other);
    // Whichever breaks, nothing more comes of the other.
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
