/** What one run of a benchmark happens on: a control plane, the simulated Azure and the operator, each in processes of its own. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { buildBundle } from '../build/build.ts';
import { startControlPlane } from '../control-plane/index.ts';
import { openSupervisor, type Supervisor } from '../control-plane/supervised.ts';
import { establishTrust } from '../demo/trust.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/index.ts';
import type { Settings } from '../simulator/settings.ts';
import { type Accounts, makeAccounts } from '../stage/accounts.ts';
import { type Azure, startAzure } from '../stage/azure.ts';
import { type KubeApi, openKubeApi } from '../stage/kube-api.ts';
import { namespaceManifest, namespacePath, policyPath } from '../stage/objects.ts';
import { NODE_FLAGS_AS_SHIPPED, stageEnvironment, stageFlags } from '../stage/operator-command.ts';
import { cpuSeconds } from '../stage/samples.ts';
import { BINDINGS, type Manifest, NAMESPACE, policy, seedOf, TENANT } from './fleet.ts';
import { OperatorProcess } from './operator-process.ts';
import { Readiness } from './readiness.ts';

export interface PlaceOptions {
  readonly scaleSets: number;
  /** Of every answer of Azure. */
  readonly azureLatencyMs?: number;
  /** Of every request of the operator to Kubernetes, beside what it takes anyway. */
  readonly kubeLatencyMs?: number;
  readonly azure: Partial<Settings>;
  /** Of every operator. */
  readonly flags: readonly string[];
}

export interface Place {
  readonly api: KubeApi;
  readonly azure: Azure;
  readonly readiness: Readiness;
  readonly options: PlaceOptions;
  /** Creates bindings as fast as the API server takes them. */
  create(bindings: readonly Manifest[]): Promise<void>;
  /** CPU time that everything but the operator has used so far: kube-apiserver, etcd and the simulated Azure. */
  othersCpuSeconds(): Promise<number>;
  /** Waits until they have nothing to do: a new API server is busy with its definitions for a while. */
  quiet(): Promise<void>;
  startOperator(more?: readonly string[]): Promise<OperatorProcess>;
  close(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');
const LATENCY_MS = 50;
const AT_ONCE = 16;
/** Of a core, in so many looks in a row. */
const QUIET_SHARE = 0.15;
const QUIET_LOOKS = 3;
const LOOK_MS = 1000;
const MOST_LOOKS = 60;

export async function openPlace(options: PlaceOptions): Promise<Place> {
  const closing: (() => Promise<unknown>)[] = [];
  const ending = new AbortController();
  const close = async (): Promise<void> => {
    ending.abort(new Error('the run is over'));
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const supervisor = await openSupervisor(join(tmpdir(), 'vmss-identity-bench-'));
    closing.push(() => supervisor.close());
    const controlPlane = await startControlPlane({ progress: () => undefined });
    closing.push(() => controlPlane.stop());
    const { path: bundle } = await buildBundle(supervisor.folder, { quiet: true });
    const api = await openKubeApi(controlPlane.kubeconfigPath, ending.signal);
    closing.push(() => api.close());
    await controlPlane.kubectl(['apply', '--server-side', '--filename', join(ROOT, 'crds')]);
    await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    const trust = await establishTrust((...args) => controlPlane.kubectl(...args), {
      clientId: TENANT,
      tenant: TENANT,
    });
    const seed = seedOf(options.scaleSets, options.azure);
    const azure = await startAzure(supervisor, seed, options.azureLatencyMs ?? LATENCY_MS);
    await api.apply(namespacePath(NAMESPACE), namespaceManifest(NAMESPACE));
    await api.apply(policyPath(NAMESPACE), policy());
    const accounts = await makeAccounts(controlPlane, supervisor.folder);
    const kubeconfig = await delayed(accounts.kubeconfigPath, options.kubeLatencyMs ?? 0, closing);
    const readiness = new Readiness(api);
    closing.push(() => readiness.end());
    const othersCpuSeconds = async (): Promise<number> => {
      const { 'kube-apiserver': apiserver = 0, etcd = 0 } = controlPlane.processIds;
      const used = await Promise.all([apiserver, etcd, azure.pid].map(cpuSeconds));
      return used.reduce((sum, seconds) => sum + seconds, 0);
    };
    const parts = { supervisor, bundle, azure, accounts, kubeconfig };
    return {
      api,
      azure,
      readiness,
      options,
      create: (bindings) => createAll(api, bindings),
      othersCpuSeconds,
      quiet: () => untilQuiet(othersCpuSeconds),
      async startOperator(more = []) {
        const clientId = randomUUID();
        await azure.seed({ principals: [{ ...trust.principal, clientId }] });
        return startOperator(parts, clientId, [...options.flags, ...more]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  readonly supervisor: Supervisor;
  readonly bundle: string;
  readonly azure: Azure;
  readonly accounts: Accounts;
  readonly kubeconfig: string;
}

async function startOperator(parts: Parts, clientId: string, flags: readonly string[]): Promise<OperatorProcess> {
  const { supervisor, bundle, azure, accounts, kubeconfig } = parts;
  const logFile = join(supervisor.folder, `${clientId}.log`);
  const startedAt = Date.now();
  const process_ = await supervisor.start({
    command: process.execPath,
    args: [
      ...NODE_FLAGS_AS_SHIPPED,
      ...(process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter(Boolean),
      bundle,
      ...stageFlags(kubeconfig, azure),
      ...flags,
    ],
    cwd: supervisor.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      ...stageEnvironment(azure, accounts, TENANT),
      AZURE_CLIENT_ID: clientId,
    },
    logFile,
  });
  return new OperatorProcess(process_, logFile, startedAt);
}

/** @returns the kubeconfig of a way to the API server that takes longer by so much */
async function delayed(kubeconfig: string, ms: number, closing: (() => Promise<unknown>)[]): Promise<string> {
  if (ms === 0) return kubeconfig;
  const proxy: FaultProxy = await startFaultProxy({ kubeconfigPath: kubeconfig, logLimit: 100 });
  closing.push(() => proxy.stop());
  proxy.inject({ fault: { type: 'delay', ms } });
  return proxy.kubeconfigPath;
}

async function untilQuiet(cpu: () => Promise<number>): Promise<void> {
  for (let quiet = 0, looks = 0; quiet < QUIET_LOOKS && looks < MOST_LOOKS; looks += 1) {
    const before = await cpu();
    await pause(LOOK_MS);
    quiet = ((await cpu()) - before) * 1000 < QUIET_SHARE * LOOK_MS ? quiet + 1 : 0;
  }
}

async function createAll(api: KubeApi, bindings: readonly Manifest[]): Promise<void> {
  const left = bindings.values();
  const worker = async (): Promise<void> => {
    for (const binding of left) await api.create(BINDINGS, binding);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
