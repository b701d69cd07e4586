/** The two servers that answer this folder's tests, each as a client sees it. */
import { randomUUID } from 'node:crypto';

import { BINDING, LEDGER, POLICY, type VmssIdentityBinding, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { anonymousConnection, type KubeConnection } from '../../../src/kube/connection.ts';
import { eventDescriptor } from '../../../src/kube/event-object.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';
import { leaseDescriptor, type LeaseObject } from '../../../src/kube/lease.ts';
import { type KubeObject, pathOf, type ResourceDescriptor } from '../../../src/kube/object.ts';
import { connectionPools, type Pools, singlePool } from '../../../src/kube/pools.ts';
import type { KubeRequest } from '../../../src/kube/request.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { MemoryApiServer } from '../../sweep/kube/memory-api-server.ts';
import { openCluster } from '../crds/cluster.ts';
import { sharedKubeconfig } from '../kube/widgets.ts';
import { forgetFirstRevision } from './etcd-compaction.ts';

/** An answer as it came. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

export interface Server {
  readonly client: KubeClient;
  readonly bindings: ResourceClient<TestBinding>;
  readonly ledgers: ResourceClient<TestLedger>;
  readonly policies: ResourceClient<KubeObject>;
  readonly leases: ResourceClient<LeaseObject>;
  readonly events: ResourceClient<KubeObject>;
  /** A namespace that no other test has. */
  readonly namespace: string;
  /** A name that no other test has, on any server, and that goes with the test. */
  unique(): string;
  send(method: KubeRequest['method'], path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** Sees to it that the first version of all is no longer kept. */
  forgetFirst(): Promise<void>;
  close(): Promise<void>;
}

/** What is written: the server adds the rest, and tests leave out or forge what they like. */
export type TestBinding = KubeObject & {
  readonly spec: unknown;
  readonly status?: Partial<VmssIdentityBinding['status']>;
};
export type TestLedger = KubeObject & { readonly spec: Partial<VmssIdentityLedger['spec']> };

const inMemory = (): Promise<Server> => {
  const server = new MemoryApiServer({ clock: realClock, random: realRandom });
  const dispatcher = server.dispatcher({ client: 'conformance' });
  return opened(anonymousConnection('http://in-memory'), singlePool(dispatcher), {
    forgetFirst: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
};

const real = async (): Promise<Server> => {
  const cluster = await openCluster();
  const connection = loadKubeConnection({ kind: 'kubeconfig', path: sharedKubeconfig() });
  return opened(connection, connectionPools(new URL(connection.server)), {
    forgetFirst: () => forgetFirstRevision(sharedKubeconfig()),
    close: () => cluster.close(),
  });
};

export const SERVERS: readonly (readonly [name: string, open: () => Promise<Server>])[] = [
  ['the API server in memory', inMemory],
  ['the real API server', real],
];

const opened = async (
  connection: KubeConnection,
  pools: Pools,
  own: Pick<Server, 'forgetFirst' | 'close'>,
): Promise<Server> => {
  const access = await connection.authenticate();
  const dispatcher = pools.dispatcher('calls', access);
  const client = new KubeClient({ connection, clock: realClock, dispatcher });
  const clientOf = <T extends KubeObject>(descriptor: ResourceDescriptor): ResourceClient<T> =>
    new ResourceClient<T>(client, descriptor);
  const send: Server['send'] = async (method, path, body, contentType = 'application/json') => {
    const { statusCode, body: answer } = await dispatcher.request({
      origin: connection.server,
      method,
      path,
      headers: { ...access.headers, accept: 'application/json', 'content-type': contentType },
      body: body === undefined ? null : JSON.stringify(body),
      signal: new AbortController().signal,
    });
    return { code: statusCode, body: jsonOr(await answer.text()) };
  };
  const namespace = `kube-api-${randomUUID().slice(0, 8)}`;
  await client.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });
  const names: string[] = [];
  return {
    client,
    bindings: clientOf(BINDING),
    ledgers: clientOf(LEDGER),
    policies: clientOf(POLICY),
    leases: clientOf(leaseDescriptor),
    events: clientOf(eventDescriptor),
    namespace,
    unique() {
      const name = `n-${randomUUID().slice(0, 8)}`;
      names.push(name);
      return name;
    },
    send,
    forgetFirst: own.forgetFirst,
    async close() {
      const kinds = [BINDING, LEDGER, POLICY, leaseDescriptor, eventDescriptor];
      for (const name of names) {
        await Promise.all(kinds.map((kind) => remove(send, kind, kind.namespaced ? { name, namespace } : { name })));
      }
      await send('DELETE', `/api/v1/namespaces/${namespace}`);
      await client.close();
      await pools.close();
      await own.close();
    },
  };
};

/** Without regard for finalizers, and to whether it is there. */
const remove = async (
  send: Server['send'],
  kind: ResourceDescriptor,
  ref: { readonly name: string; readonly namespace?: string },
): Promise<void> => {
  const path = pathOf(kind, ref);
  if ((await send('DELETE', path)).code !== 200) return;
  await send('PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json');
};

const jsonOr = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
