import { isDeepStrictEqual } from 'node:util';

import { Agent, type Dispatcher, ProxyAgent } from 'undici';

import type { Access } from './connection.ts';
import type { KubeRequest } from './request.ts';

/**
 * Watches are kept apart from calls, so that long-lived streams never take the connections that writes need, and Leases
 * from both: a renewal that waits behind a flood of writes, or on their dead connections, would cost the leadership.
 */
export type PoolName = 'calls' | 'watches' | 'leases';

const connectionsOf: Readonly<Record<PoolName, number | null>> = { calls: 16, watches: null, leases: 1 };

/** Where a request goes that is no watch. */
export const poolOf = ({ path }: Pick<KubeRequest, 'path'>): PoolName =>
  path.startsWith('/apis/coordination.k8s.io/') ? 'leases' : 'calls';

/** Where requests go. */
export interface Pools {
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
export const connectionPools = (): Pools => {
  let current: { readonly route: Route; readonly agents: Map<PoolName, Dispatcher> } | undefined;
  return {
    dispatcher(pool, { tls, proxyUrl }) {
      const route = { tls, proxyUrl };
      // By value, and without copies of the certificates: it is asked with every request.
      if (current === undefined || !isDeepStrictEqual(current.route, route)) {
        // Requests under way keep their connections until they end.
        for (const agent of current?.agents.values() ?? []) agent.close().catch(() => undefined);
        current = { route, agents: new Map() };
      }
      const agent = current.agents.get(pool) ?? newAgent(route, connectionsOf[pool]);
      current.agents.set(pool, agent);
      return agent;
    },
    async close() {
      const agents = [...(current?.agents.values() ?? [])];
      current = undefined;
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
};

/** What connections depend on. */
interface Route {
  readonly tls: Access['tls'];
  readonly proxyUrl: string | undefined;
}

const newAgent = ({ tls, proxyUrl }: Route, connections: number | null): Dispatcher => {
  const options: Agent.Options = {
    connections,
    // One request at a time on a connection: with HTTP/2 one half-open connection would hold up all of them.
    allowH2: false,
    pipelining: 1,
    // The time limits are the client's own, on its clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  };
  // Load balancers forget silent connections, often after 60 s; 30 s is client-go's choice too.
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };
  return proxyUrl === undefined
    ? new Agent({ ...options, connect: { ...tls, ...keepAlive } })
    : new ProxyAgent({ ...options, uri: proxyUrl, requestTls: { ...tls, ...keepAlive } });
};
