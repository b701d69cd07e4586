import { isDeepStrictEqual } from 'node:util';

import type { Access } from './connection.ts';
import { Connections, type Route, securityOf } from './connections.ts';
import type { Dispatcher } from './http.ts';
import type { KubeRequest } from './request.ts';

/**
 * Watches are kept apart from calls, so that long-lived streams never take the connections that writes need, and Leases
 * from both: a renewal that waits behind a flood of writes, or on their dead connections, would cost the leadership.
 */
export type PoolName = 'calls' | 'watches' | 'leases';

const connectionsOf: Readonly<Record<PoolName, number>> = { calls: 16, watches: Infinity, leases: 1 };

/** Where a request goes that is no watch. */
export const poolOf = ({ path }: Pick<KubeRequest, 'path'>): PoolName =>
  path.startsWith('/apis/coordination.k8s.io/') ? 'leases' : 'calls';

/** Where requests go. */
export interface Pools {
  /** @throws Error when a certificate or a key cannot be read */
  dispatcher(pool: PoolName, access: Access): Dispatcher;
  /** Ends all connections at once, with what is under way on them. */
  close(): Promise<void>;
}

/** Everything goes to one given dispatcher, which stays its owner's to close. */
export const singlePool = (dispatcher: Dispatcher): Pools => ({
  dispatcher: () => dispatcher,
  close: () => Promise.resolve(),
});

/** Real connections, kept open between requests, and made anew when a certificate, the CA or the proxy changes. */
export const connectionPools = (server: URL): Pools => {
  let current: Current | undefined;
  return {
    dispatcher(pool, { tls, proxyUrl }) {
      // By value, and without copies of the certificates: it is asked with every request.
      if (current === undefined || !isDeepStrictEqual(current.by, { tls, proxyUrl })) {
        const route = { server, security: securityOf(server, tls), proxyUrl };
        for (const connections of current?.opened.values() ?? []) connections.retire();
        current = { by: { tls, proxyUrl }, route, opened: new Map() };
      }
      const connections = current.opened.get(pool) ?? new Connections(current.route, connectionsOf[pool]);
      current.opened.set(pool, connections);
      return connections;
    },
    async close() {
      const opened = [...(current?.opened.values() ?? [])];
      current = undefined;
      await Promise.all(opened.map((connections) => connections.end()));
    },
  };
};

interface Current {
  /** What the route was made of. */
  readonly by: { readonly tls: Access['tls']; readonly proxyUrl: string | undefined };
  readonly route: Route;
  readonly opened: Map<PoolName, Connections>;
}
