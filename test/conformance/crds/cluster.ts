/** A real API server that serves the definitions of `crds/`, for the tests of this folder. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Agent, request } from 'undici';

import { startControlPlane } from '../../../dev/control-plane/index.ts';
import { readCertificateAccess } from '../../../dev/control-plane/kubeconfig.ts';
import { API_VERSION, GROUP, KINDS } from '../../../src/api/types.ts';

const CRDS = fileURLToPath(new URL('../../../crds/', import.meta.url));
const SERVED_LIMIT_MS = 60_000;

/** One reply of the API server. */
export interface Reply {
  readonly code: number;
  readonly body: unknown;
}

export interface Cluster {
  /** Sends one request; JSON in and out. A PATCH is a JSON merge patch. */
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Reply>;
  /** Runs kubectl and gives its standard output. */
  kubectl(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

interface Connection {
  readonly kubeconfig: string;
  readonly kubectl: (args: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * Speaks to the control plane that the whole run shares, where there is one (`VMSS_TEST_KUBECONFIG` and
 * `VMSS_TEST_KUBECTL`), and else starts one of its own. Resolves once all kinds are served.
 */
export async function openCluster(): Promise<Cluster> {
  const connection = sharedConnection() ?? (await ownConnection());
  const { origin, agent } = await connectionOf(connection.kubeconfig);
  // kubectl remembers for hours what a server serves: here it starts from nothing, and leaves nothing behind.
  const cache = await mkdtemp(join(tmpdir(), 'kubectl-cache-'));
  const cluster: Cluster = {
    async send(method, path, body) {
      const { statusCode, body: reply } = await request(`${origin}${path}`, {
        method,
        dispatcher: agent,
        headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { code: statusCode, body: jsonOr(await reply.text()) };
    },
    kubectl: (...args) => connection.kubectl([...args, '--cache-dir', cache]),
    async close() {
      await agent.close();
      await rm(cache, { recursive: true, force: true });
      await connection.stop();
    },
  };
  await cluster.kubectl('apply', '--server-side', '--force-conflicts', '-f', CRDS);
  await until(async () => (await served(cluster)).every((code) => code === 200));
  await until(async () => (await discovered(cluster)).length === KINDS.length);
  return cluster;
}

/** What is not served yet is answered with a line of text. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** How the API server answers a list of each kind. */
function served(cluster: Cluster): Promise<readonly number[]> {
  const lists = KINDS.map(({ plural }) => cluster.send('GET', `/apis/${API_VERSION}/${plural}?limit=1`));
  return Promise.all(lists).then((replies) => replies.map(({ code }) => code));
}

/** The kinds that kubectl knows, which hears of them some time after they are served. */
async function discovered(cluster: Cluster): Promise<readonly string[]> {
  const names = await cluster.kubectl('api-resources', '--api-group', GROUP, '--output', 'name');
  return names.split('\n').filter((name) => name !== '');
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(SERVED_LIMIT_MS);
  while (!(await holds())) await delay(100, undefined, { signal });
}

function sharedConnection(): Connection | undefined {
  const kubeconfig = process.env['VMSS_TEST_KUBECONFIG'];
  const binary = process.env['VMSS_TEST_KUBECTL'];
  if (kubeconfig === undefined || binary === undefined) return undefined;
  const run = promisify(execFile);
  return {
    kubeconfig,
    kubectl: async (args) => (await run(binary, args, { env: { ...process.env, KUBECONFIG: kubeconfig } })).stdout,
    stop: () => Promise.resolve(),
  };
}

async function ownConnection(): Promise<Connection> {
  const controlPlane = await startControlPlane();
  return {
    kubeconfig: controlPlane.kubeconfigPath,
    kubectl: async (args) => (await controlPlane.kubectl(args)).stdout,
    stop: () => controlPlane.stop(),
  };
}

async function connectionOf(kubeconfig: string): Promise<{ readonly origin: string; readonly agent: Agent }> {
  const { origin, tls } = await readCertificateAccess(kubeconfig);
  return { origin, agent: new Agent({ connect: tls, connections: 2, allowH2: false }) };
}
