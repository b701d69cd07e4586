import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { loadKubeConnection } from '../../src/kube/kubeconfig.ts';
import type { Connection } from './connections.ts';

/** Of one connection only, not of a request. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'authorization'];

/** The API server behind the proxy, as the user of a kubeconfig. */
export interface Upstream {
  /** Resolves with the answer's head; rejects when there is no connection or it breaks. */
  send(request: IncomingMessage, path: string, connection: Connection): Promise<IncomingMessage>;
}

export const upstreamOf = (kubeconfigPath: string): Upstream => {
  const kube = loadKubeConnection({ kind: 'kubeconfig', path: kubeconfigPath });
  const server = new URL(kube.server);
  return {
    async send(request, path, connection) {
      const { headers, tls } = await kube.authenticate();
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const outgoing = httpsRequest({
        ...tls,
        agent: connection.upstream,
        host: server.hostname,
        port: server.port,
        method: request.method,
        path: server.pathname.replace(/\/$/, '') + path,
        headers: { ...endToEnd(request.headers), ...headers },
      });
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
      request.on('error', () => outgoing.destroy());
      request.pipe(outgoing);
      return promise;
    },
  };
};

export const endToEnd = (headers: IncomingMessage['headers']): IncomingMessage['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
