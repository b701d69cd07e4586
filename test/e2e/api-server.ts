/** The API server as its users see it: kubectl, and plain requests where a test asks often. */
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

import { Agent, request } from 'undici';

import { readCertificateAccess } from '../../dev/control-plane/kubeconfig.ts';
import { type KubectlOptions, type KubectlResult, runKubectl } from '../../dev/control-plane/run-kubectl.ts';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly finalizers?: readonly string[] };
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

export interface ApiServer {
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** The kubectl of the server's release. */
  readonly kubectlPath: string;
  /** What service accounts ask it for; undefined where that is not written down. */
  readonly auditLogPath: string | undefined;
  /** Undefined where there is nothing. */
  get<T>(path: string): Promise<T | undefined>;
  list<T>(path: string): Promise<readonly T[]>;
  /** Server-side apply: what was applied before and is left out now goes away. */
  apply<T>(path: string, object: KubeObject): Promise<T>;
  /** What the server makes of it; also of what is never stored, such as a review. */
  create<T>(path: string, object: unknown): Promise<T>;
  /** A JSON merge patch. */
  patch(path: string, change: unknown): Promise<void>;
  /** Asks for the deletion, and does not wait for it. */
  delete(path: string): Promise<void>;
  /** Every event of a collection from now on, in order, until closed. */
  watch<T>(path: string, heard: (event: WatchEvent<T>) => void): Promise<void>;
  /** How many writes of the operator's kinds, and of events, the server has taken so far, also those that changed nothing. */
  writesTaken(): Promise<number>;
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  close(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Which control plane, and the kubectl of its release. */
export interface Cluster {
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly auditLogPath?: string | undefined;
}

/** The one that the whole run shares. */
function sharedCluster(): Cluster {
  const kubeconfig = process.env['VMSS_TEST_KUBECONFIG'];
  const kubectl = process.env['VMSS_TEST_KUBECTL'];
  if (kubeconfig === undefined || kubectl === undefined) throw new Error('the run has no control plane');
  return { kubeconfig, kubectl, auditLogPath: process.env['VMSS_TEST_AUDIT_LOG'] };
}

/** Speaks to a control plane: the one that the whole run shares, unless told otherwise. */
export async function openApiServer(cluster = sharedCluster()): Promise<ApiServer> {
  const { kubeconfig, kubectl: binary, auditLogPath } = cluster;
  const { origin, agent } = await connect(kubeconfig);
  const ending = new AbortController();
  const watches: Promise<void>[] = [];

  const send = async (method: Method, path: string, body?: unknown, contentType = ''): Promise<unknown> => {
    const reply = await request(`${origin}${path}`, {
      method,
      dispatcher: agent,
      headers: body === undefined ? {} : { 'content-type': contentType },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (reply.statusCode === 404 && (method === 'GET' || method === 'DELETE')) {
      await reply.body.dump();
      return undefined;
    }
    if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${await reply.body.text()}`);
    return reply.body.json();
  };

  return {
    kubeconfig,
    kubectlPath: binary,
    auditLogPath,
    get: async <T>(path: string) => (await send('GET', path)) as T | undefined,
    list: async <T>(path: string) => ((await send('GET', path)) as { readonly items: readonly T[] }).items,
    apply: async <T>(path: string, object: KubeObject) =>
      (await send('PATCH', `${path}?fieldManager=test&force=true`, object, 'application/apply-patch+yaml')) as T,
    create: async <T>(path: string, object: unknown) => (await send('POST', path, object, 'application/json')) as T,
    async patch(path, change) {
      await send('PATCH', path, change, 'application/merge-patch+json');
    },
    async delete(path) {
      await send('DELETE', path);
    },
    async watch<T>(path: string, heard: (event: WatchEvent<T>) => void) {
      const { metadata } = (await send('GET', `${path}?limit=1`)) as { metadata: { resourceVersion: string } };
      const { body } = await request(`${origin}${path}?watch=true&resourceVersion=${metadata.resourceVersion}`, {
        dispatcher: agent,
        signal: ending.signal,
        bodyTimeout: 0,
      });
      const hear = async (): Promise<void> => {
        for await (const line of createInterface({ input: body })) heard(JSON.parse(line) as WatchEvent<T>);
      };
      watches.push(hear().catch(() => undefined));
    },
    async writesTaken() {
      const { body } = await request(`${origin}/metrics`, { dispatcher: agent });
      return countWrites(await body.text());
    },
    kubectl: (args, options) => runKubectl(binary, kubeconfig, dirname(kubeconfig), args, options),
    async close() {
      ending.abort();
      await Promise.all(watches);
      await agent.close();
    },
  };
}

/** From the server's own metrics. */
function countWrites(metrics: string): number {
  const counters = metrics.split('\n').filter((line) => line.startsWith('apiserver_request_total{'));
  if (counters.length === 0) throw new Error('the API server has no count of its requests');
  const writes = counters.filter(
    (line) => /group="(?:vmss-identity\.dev|events\.k8s\.io)"/.test(line) && !/verb="(?:GET|LIST|WATCH)"/.test(line),
  );
  return writes.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

async function connect(kubeconfig: string): Promise<{ readonly origin: string; readonly agent: Agent }> {
  const { origin, tls } = await readCertificateAccess(kubeconfig);
  return { origin, agent: new Agent({ connect: tls, allowH2: false }) };
}
