/**
 * What a node does for the operator's pods, as far as it can be done without one: no container, but the built bundle as a
 * process of its own, with the arguments, the environment and the account that the pod says. Controllers and kubectl see
 * ordinary pods, whose logs can be read.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { ControlPlane } from '../../../dev/control-plane/index.ts';
import { launchOperator, type StartedOperator } from '../../../dev/demo/operator-process.ts';
import { EXCHANGE_AUDIENCE } from '../../../dev/demo/trust.ts';
import { createCertificates } from '../../../dev/simulator/certificates.ts';
import type { Simulator } from '../../../dev/simulator/simulator.ts';
import type { ApiServer } from '../api-server.ts';

const NODE = 'stand-in';
const LOOK_MS = 100;
const CLIENT_ID = 'azure.workload.identity/client-id';
const USES_WORKLOAD_IDENTITY = 'azure.workload.identity/use';

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly serviceAccountName: string;
    readonly containers: readonly Container[];
  };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

export interface NodeOptions {
  readonly controlPlane: ControlPlane;
  readonly api: ApiServer;
  readonly azure: Simulator;
  readonly tenant: string;
  readonly bundle: string;
  /** For tokens and kubeconfigs. */
  readonly folder: string;
}

interface Running {
  readonly pod: Pod;
  readonly process: StartedOperator;
  /** With which the bundle does by hand what it does in the pod. */
  readonly environment: Readonly<Record<string, string>>;
  isReady: boolean;
}

export class StandInNode {
  readonly #options: NodeOptions;
  readonly #logs: Server;
  readonly #running = new Map<string, Running>();
  /** Pods that are being started or ended: nothing else is done to them meanwhile. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #failures: unknown[] = [];
  #isOpen = true;
  #loop: Promise<void> = Promise.resolve();

  private constructor(options: NodeOptions) {
    this.#options = options;
    const { certificatePem, privateKeyPem } = createCertificates(new Date());
    this.#logs = createServer({ cert: certificatePem, key: privateKeyPem }, (request, response) => {
      const [, , namespace, name] = (request.url ?? '').split(/[/?]/);
      const found = this.#named(namespace ?? '', name ?? '');
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/plain' });
      response.end(found?.process.log() ?? 'there is no such pod here');
    });
  }

  static async start(options: NodeOptions): Promise<StandInNode> {
    const node = new StandInNode(options);
    await new Promise<void>((resolve) => node.#logs.listen(0, '127.0.0.1', resolve));
    const { port } = node.#logs.address() as AddressInfo;
    await options.api.apply(`/api/v1/nodes/${NODE}`, { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } });
    await options.api.patch(`/api/v1/nodes/${NODE}/status`, {
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
      },
    });
    node.#loop = node.#look();
    return node;
  }

  /** The environment of the newest pod of those that are ready in the namespace, for who cannot get into it. */
  environmentIn(namespace: string): Readonly<Record<string, string>> {
    const found = [...this.#running.values()]
      .filter(({ pod }) => pod.metadata.namespace === namespace)
      .toSorted((one, other) => Number(one.isReady) - Number(other.isReady))
      .at(-1);
    if (found === undefined) throw new Error(`no pod runs in ${namespace}`);
    return found.environment;
  }

  get processes(): number {
    return this.#running.size;
  }

  /** Ends every process. @throws the first thing that went wrong with any of them */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#loop;
    await Promise.all(this.#busy.values());
    for (const { process } of this.#running.values()) await process.stop('SIGKILL');
    this.#logs.closeAllConnections();
    await new Promise((resolve) => this.#logs.close(resolve));
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #named(namespace: string, name: string): Running | undefined {
    return [...this.#running.values()].find(
      ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
    );
  }

  async #look(): Promise<void> {
    while (this.#isOpen) {
      const pods = await this.#options.api.list<Pod>('/api/v1/pods').catch(() => []);
      for (const pod of pods) this.#attend(pod);
      await pause(LOOK_MS);
    }
  }

  #attend(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const running = this.#running.get(uid);
    if (this.#busy.has(uid)) return;
    if (deletionTimestamp !== undefined) this.#do(uid, this.#end(pod, running));
    else if (running === undefined) this.#do(uid, this.#begin(pod));
    else if (!running.isReady) this.#do(uid, this.#tellWhenReady(running));
  }

  #do(uid: string, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => void this.#busy.delete(uid));
    this.#busy.set(uid, done);
  }

  async #begin(pod: Pod): Promise<void> {
    const { name, uid } = pod.metadata;
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: NODE } };
    const bound = await this.#options.controlPlane.kubectl(
      ['create', '--raw', `${pathOf(pod)}/binding`, '--filename', '-'],
      { stdin: JSON.stringify(binding), allowFailure: true },
    );
    // It may have gone meanwhile; if it has not, it is seen again.
    if (bound.exitCode === 0) this.#running.set(uid, await this.#run(pod));
  }

  async #tellWhenReady(running: Running): Promise<void> {
    const { pod, process } = running;
    if ((await process.readyAt().catch(() => undefined)) === undefined) return;
    await this.#options.api.patch(`${pathOf(pod)}/status`, { status: readyStatus(containerOf(pod)) });
    running.isReady = true;
  }

  async #end({ metadata }: Pod, running: Running | undefined): Promise<void> {
    const { name, namespace, uid } = metadata;
    const exitCode = await running?.process.stop();
    this.#running.delete(uid);
    const now = ['--grace-period=0', '--force', '--ignore-not-found', '--wait=false'];
    await this.#options.controlPlane.kubectl(['delete', 'pod', name, `--namespace=${namespace}`, ...now]);
    // Before it is ready, it may not have got so far as to listen to signals.
    if (running?.isReady === true && exitCode !== 0) throw new Error(`${name} ended with ${String(exitCode)}`);
  }

  async #run(pod: Pod): Promise<Running> {
    const { controlPlane, azure, bundle, folder, tenant } = this.#options;
    const { namespace } = pod.metadata;
    const account = pod.spec.serviceAccountName;
    const container = containerOf(pod);
    const kubeconfig = await controlPlane.serviceAccountKubeconfig(namespace, account);
    const given = Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, value]));
    const injected = await this.#injected(pod);
    // It must not be reached from elsewhere, and several run on one machine.
    const flags = (container.args ?? []).filter((flag) => !flag.startsWith('--listen'));
    const { VMSS_IDENTITY_LISTEN: _listen, ...environment } = { ...given, ...injected };
    const process = launchOperator({
      bundle,
      kubeconfig,
      azureUrl: azure.httpsUrl,
      caFile: azure.caPath ?? '',
      tenantId: tenant,
      clientId: injected['AZURE_CLIENT_ID'] ?? randomUUID(),
      tokenFile: join(folder, 'nowhere'),
      flags: [...flags, `--namespace=${namespace}`],
      environment,
    });
    return {
      pod,
      process,
      isReady: false,
      environment: { ...environment, ...this.#asVariables(kubeconfig, namespace) },
    };
  }

  /** What the webhook of workload identity puts into a pod. */
  async #injected({ metadata, spec }: Pod): Promise<Readonly<Record<string, string>>> {
    if (metadata.labels?.[USES_WORKLOAD_IDENTITY] !== 'true') return {};
    const { api, controlPlane, folder, tenant } = this.#options;
    const { namespace, uid } = metadata;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}`;
    const account = await api.get<{ metadata: { annotations?: Readonly<Record<string, string>> } }>(path);
    const tokenFile = join(folder, `token-${uid}`);
    const token = await controlPlane.tokenFor(namespace, spec.serviceAccountName, EXCHANGE_AUDIENCE);
    await writeFile(tokenFile, token, { mode: 0o600 });
    return {
      AZURE_CLIENT_ID: account?.metadata.annotations?.[CLIENT_ID] ?? '',
      AZURE_TENANT_ID: tenant,
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    };
  }

  #asVariables(kubeconfig: string, namespace: string): Readonly<Record<string, string>> {
    const { azure } = this.#options;
    return {
      NODE_EXTRA_CA_CERTS: azure.caPath ?? '',
      VMSS_IDENTITY_KUBECONFIG: kubeconfig,
      VMSS_IDENTITY_NAMESPACE: namespace,
      VMSS_IDENTITY_ARM_ENDPOINT: azure.httpsUrl,
      VMSS_IDENTITY_AUTHORITY_HOST: azure.httpsUrl,
      VMSS_IDENTITY_DISABLE_INSTANCE_DISCOVERY: 'true',
    };
  }
}

function pathOf({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

function containerOf({ metadata, spec }: Pod): Container {
  const [container] = spec.containers;
  if (container === undefined) throw new Error(`${metadata.name} has no container`);
  return container;
}

function readyStatus({ name, image }: Container): unknown {
  const startedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const types = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  return {
    phase: 'Running',
    startTime: startedAt,
    conditions: types.map((type) => ({ type, status: 'True', lastTransitionTime: startedAt })),
    containerStatuses: [
      { name, image, imageID: '', ready: true, started: true, restartCount: 0, state: { running: { startedAt } } },
    ],
  };
}
