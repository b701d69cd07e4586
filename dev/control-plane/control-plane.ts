import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureBinaries } from './binaries.ts';
import type { BinaryPaths } from './cache.ts';
import { type ControlPlanePki, createPki } from './certificates.ts';
import {
  apiserverArguments,
  type Audited,
  auditPolicy,
  controllerManagerArguments,
  etcdArguments,
  FILES,
} from './components.ts';
import { freePort } from './free-port.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { lastLines, mentions } from './log-file.ts';
import { get, type TlsClient, waitUntilReady } from './readiness.ts';
import type { BinaryName } from './release.ts';
import { type KubectlOptions, type KubectlResult, runKubectl } from './run-kubectl.ts';
import { openSupervisor, type SupervisedProcess, type Supervisor } from './supervised.ts';

/** Long enough for a machine that does other heavy work; two idle cores need about 3 s. */
const READY_LIMIT_MS = 180_000;
const PORT_ATTEMPTS = 5;

export interface ControlPlaneOptions {
  /** Start kube-controller-manager too: it empties deleted namespaces, collects garbage, aggregates roles, keeps quotas. */
  readonly controllerManager?: boolean;
  /** Told what is done, one line a call. Default: standard error. */
  readonly progress?: (line: string) => void;
  /** Write one JSON line for each request of these to `ControlPlane.auditLogPath`. Default: none. */
  readonly auditLog?: Audited;
}

/** A running kube-apiserver with etcd. Everything of it ends with this process, even when that is killed. */
export interface ControlPlane {
  /** Of the admin (`system:masters`), readable by this user alone, gone after `stop`. */
  readonly kubeconfigPath: string;
  readonly url: string;
  readonly caPem: string;
  /** As `/version` tells it, for example `v1.36.3`. */
  readonly version: string;
  readonly auditLogPath: string | undefined;
  /** The process ids of the components that run now, for measuring them. */
  readonly processIds: Readonly<Record<string, number>>;
  /** Runs kubectl of the same release as the admin. @throws KubectlError when it fails, unless `allowFailure`. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** A token for a service account that exists, valid for an hour. @param audience default: the apiserver. */
  tokenFor(namespace: string, serviceAccount: string, audience?: string): Promise<string>;
  /** The path of a kubeconfig that has the rights of a service account that exists, for an hour. */
  serviceAccountKubeconfig(namespace: string, serviceAccount: string): Promise<string>;
  /** The apiserver hangs: connections stay open and nothing is answered until `resumeApiserver`. */
  pauseApiserver(): void;
  resumeApiserver(): void;
  /** Nothing listens at its address any more, until `startApiserver`. */
  killApiserver(): Promise<void>;
  /** Starts it again after `killApiserver`, at the same address with the same data; resolves when it is ready. */
  startApiserver(): Promise<void>;
  /** etcd hangs: the apiserver goes on, but reads by quorum and writes get no answer until `resumeEtcd`. */
  pauseEtcd(): void;
  resumeEtcd(): void;
  /** Kills the apiserver and starts it again. */
  restartApiserver(): Promise<void>;
  /** Ends all processes and removes all files. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * @throws BinariesUnavailableError
 * @throws Error with the end of its log when a component does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const names: BinaryName[] = ['etcd', 'kube-apiserver', 'kubectl'];
  if (options.controllerManager) names.push('kube-controller-manager');
  const binaries = await ensureBinaries(names, options.progress === undefined ? {} : { progress: options.progress });
  const supervisor = await openSupervisor(join(tmpdir(), 'vmss-identity-control-plane-'));
  try {
    return await start(supervisor, binaries, options);
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}

async function start(
  supervisor: Supervisor,
  binaries: BinaryPaths,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { folder } = supervisor;
  const pki = await createPki(new Date());
  const { auditLog } = options;
  await writeFiles(folder, pki, auditLog);
  const run = (name: BinaryName, args: readonly string[]): Promise<SupervisedProcess> =>
    supervisor.start({
      command: binaries[name],
      args,
      cwd: folder,
      env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
      logFile: join(folder, `${name}.log`),
    });

  const etcd = await run('etcd', etcdArguments());
  const clientAt = (port: number): TlsClient => ({
    url: `https://127.0.0.1:${port}`,
    caPem: pki.caPem,
    credential: pki.admin,
  });
  const startApiserver = async (port: number): Promise<SupervisedProcess> => {
    const process = await run('kube-apiserver', apiserverArguments(port, auditLog));
    const failure = (): Error | undefined =>
      failureOf('etcd', etcd, folder) ?? failureOf('kube-apiserver', process, folder);
    await waitUntilReady(clientAt(port), failure, READY_LIMIT_MS);
    return process;
  };
  const first = await onFreePort(folder, startApiserver);
  const { port } = first;
  let apiserver = first.apiserver;

  const client = clientAt(port);
  const kubeconfigPath = join(folder, FILES.adminKubeconfig);
  const server = { url: client.url, caPem: pki.caPem };
  await writeKubeconfig(kubeconfigPath, { ...server, user: { type: 'certificate', credential: pki.admin } });
  let controllerManager: SupervisedProcess | undefined;
  if (options.controllerManager) {
    const user = { type: 'certificate', credential: pki.controllerManager } as const;
    await writeKubeconfig(join(folder, FILES.controllerManagerKubeconfig), { ...server, user });
    controllerManager = await run('kube-controller-manager', controllerManagerArguments());
  }

  const kubectl = (args: readonly string[], kubectlOptions?: KubectlOptions): Promise<KubectlResult> =>
    runKubectl(binaries.kubectl, kubeconfigPath, folder, args, kubectlOptions);
  const tokenFor = async (namespace: string, serviceAccount: string, audience?: string): Promise<string> => {
    const args = ['create', 'token', serviceAccount, '--namespace', namespace];
    const { stdout } = await kubectl(audience === undefined ? args : [...args, '--audience', audience]);
    return stdout.trim();
  };
  const killApiserver = async (): Promise<void> => {
    apiserver.signal('SIGKILL');
    await apiserver.wait();
  };
  const restart = async (): Promise<void> => {
    apiserver = await startApiserver(port);
  };
  return {
    kubeconfigPath,
    ...server,
    version: await versionOf(client),
    auditLogPath: auditLog === undefined ? undefined : join(folder, FILES.auditLog),
    get processIds() {
      return {
        supervisor: supervisor.pid,
        etcd: etcd.pid,
        'kube-apiserver': apiserver.pid,
        ...(controllerManager === undefined ? {} : { 'kube-controller-manager': controllerManager.pid }),
      };
    },
    kubectl,
    tokenFor,
    async serviceAccountKubeconfig(namespace, serviceAccount) {
      const token = await tokenFor(namespace, serviceAccount);
      const path = join(folder, `${namespace}.${serviceAccount}.kubeconfig`);
      await writeKubeconfig(path, { ...server, namespace, user: { type: 'token', token } });
      return path;
    },
    pauseApiserver: () => {
      apiserver.signal('SIGSTOP');
    },
    resumeApiserver: () => {
      apiserver.signal('SIGCONT');
    },
    killApiserver,
    startApiserver: restart,
    pauseEtcd: () => {
      etcd.signal('SIGSTOP');
    },
    resumeEtcd: () => {
      etcd.signal('SIGCONT');
    },
    async restartApiserver() {
      await killApiserver();
      await restart();
    },
    stop: () => supervisor.close(),
  };
}

async function writeFiles(folder: string, pki: ControlPlanePki, audited: Audited | undefined): Promise<void> {
  const contents: Readonly<Record<string, string>> = {
    [FILES.ca]: pki.caPem,
    [FILES.servingCertificate]: pki.serving.certificatePem,
    [FILES.servingKey]: pki.serving.keyPem,
    [FILES.serviceAccountKey]: pki.serviceAccountKeyPem,
    [FILES.serviceAccountPublicKey]: pki.serviceAccountPublicKeyPem,
    ...(audited === undefined ? {} : { [FILES.auditPolicy]: auditPolicy(audited) }),
  };
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
}

/** Between finding a free port and the apiserver's binding it, somebody else may: then with another one. */
async function onFreePort(
  folder: string,
  startApiserver: (port: number) => Promise<SupervisedProcess>,
): Promise<{ readonly port: number; readonly apiserver: SupervisedProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, apiserver: await startApiserver(port) };
    } catch (error) {
      const taken = mentions(join(folder, 'kube-apiserver.log'), `127.0.0.1:${port}: bind: address already in use`);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function failureOf(name: BinaryName, process: SupervisedProcess, folder: string): Error | undefined {
  if (process.exit === undefined) return undefined;
  const how = String(process.exit.code ?? process.exit.signal);
  return new Error(`${name} ended with ${how}. The end of its log:\n${lastLines(join(folder, `${name}.log`), 20)}`);
}

async function versionOf(client: TlsClient): Promise<string> {
  const { body } = await get(client, '/version');
  const { gitVersion } = JSON.parse(body) as { readonly gitVersion: string };
  return gitVersion;
}
