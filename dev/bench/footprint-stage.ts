/** A control plane, the simulated Azure with as many scale sets as are asked for, and the operator as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { API_VERSION, type VmssIdentityBinding } from '../../src/api/types.ts';
import { buildBundle } from '../build/build.ts';
import { freePort } from '../control-plane/free-port.ts';
import { startControlPlane } from '../control-plane/index.ts';
import { establishTrust, OPERATOR_ACCOUNT, OPERATOR_NAMESPACE } from '../demo/trust.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { openKubeApi } from '../soak/kube-api.ts';
import { bindingPath, BINDINGS } from '../soak/objects.ts';

const ROOT = join(import.meta.dirname, '../..');
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const TENANT = '22222222-2222-4222-8222-222222222222';
const CLIENT = '33333333-3333-4333-8333-333333333333';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/bench/providers`;
const NAMESPACE = 'default';
/** Requests to the API server at once, while bindings are made. */
const AT_ONCE = 16;
const BETWEEN_LOOKS_MS = 10;

export interface FootprintOptions {
  readonly bindings: number;
  readonly nodeFlags: readonly string[];
  /** Besides what the operator needs. */
  readonly environment: NodeJS.ProcessEnv;
  /** Instead of one that is built. */
  readonly bundle: string | undefined;
}

export interface StartedOperator {
  readonly pid: number;
  /** From its start until it said that it is ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

export interface FootprintStage {
  start(): Promise<StartedOperator>;
  /** Makes all bindings. */
  bind(): Promise<void>;
  allReady(): Promise<boolean>;
  close(): Promise<void>;
}

export async function openFootprintStage(options: FootprintOptions): Promise<FootprintStage> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'vmss-identity-footprint-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const controlPlane = await startControlPlane();
    closing.push(() => controlPlane.stop());
    const api = await openKubeApi(controlPlane.kubeconfigPath, new AbortController().signal);
    closing.push(() => api.close());
    await controlPlane.kubectl(['apply', '--server-side', '--filename', join(ROOT, 'crds')]);
    const identity = { clientId: CLIENT, tenant: TENANT };
    const trust = await establishTrust((args, given) => controlPlane.kubectl(args, given), identity);
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, trust.token, { mode: 0o600 });
    const caFile = join(folder, 'azure-ca.pem');
    const azure = await startSimulator({ seed: seedOf(options.bindings, trust.principal), operationMs: 0, caFile });
    closing.push(() => azure.stop());
    const kubeconfig = await controlPlane.serviceAccountKubeconfig(OPERATOR_NAMESPACE, OPERATOR_ACCOUNT);
    const bundle = options.bundle ?? (await buildBundle(folder, { quiet: true })).path;
    const flags = [
      `--kubeconfig=${kubeconfig}`,
      `--namespace=${OPERATOR_NAMESPACE}`,
      `--arm-endpoint=${azure.httpsUrl}`,
      `--authority-host=${azure.httpsUrl}`,
      '--disable-instance-discovery',
      '--azure-budget-share=0',
    ];
    const environment = {
      ...options.environment,
      // Costs 2 MB, and Azure, which is not asked for anything without bindings, needs none.
      ...(options.bindings === 0 ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: CLIENT,
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    };
    return {
      start: () => startOperator([...options.nodeFlags, bundle, ...flags], environment),
      bind: async () => {
        await api.apply(`/apis/${API_VERSION}/vmssidentitypolicies/bench`, POLICY);
        let next = 0;
        const make = async (): Promise<void> => {
          for (let index = next++; index < options.bindings; index = next++) {
            const name = `binding-${String(index)}`;
            await api.apply(bindingPath({ namespace: NAMESPACE, name }), bindingOf(name, index));
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, make));
      },
      allReady: async () => {
        await pause(2000);
        const bindings = await api.list<VmssIdentityBinding>(BINDINGS);
        return bindings.length === options.bindings && bindings.every(isReady);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOperator(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<StartedOperator> {
  const address = `127.0.0.1:${String(await freePort())}`;
  const begin = performance.now();
  const child = spawn(process.execPath, [...args, `--listen=${address}`], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  while (!(await isOk(`http://${address}/readyz`))) {
    if (child.exitCode !== null) throw new Error(`the operator ended with ${String(child.exitCode)}`);
    await pause(BETWEEN_LOOKS_MS);
  }
  return {
    pid: child.pid ?? 0,
    readyMs: performance.now() - begin,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function isOk(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

function seedOf(
  bindings: number,
  principal: object,
): NonNullable<Parameters<typeof startSimulator>[0]>['seed'] & object {
  const scaleSets = Array.from({ length: bindings }, (_, index) => ({ name: `set-${String(index)}` }));
  const group = { name: 'bench', location: 'westeurope', identities: [{ name: 'one' }], scaleSets };
  return {
    principals: [principal as never],
    settings: { requestLogLimit: 100 },
    subscriptions: [{ id: SUBSCRIPTION, tenant: TENANT, resourceGroups: [group] }],
  };
}

const POLICY = {
  apiVersion: API_VERSION,
  kind: 'VmssIdentityPolicy',
  metadata: { name: 'bench' },
  spec: {
    namespaces: ['*'],
    scaleSets: [`/subscriptions/${SUBSCRIPTION}/**`],
    userAssigned: [`/subscriptions/${SUBSCRIPTION}/**`],
  },
};

function bindingOf(name: string, index: number): unknown {
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityBinding',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      scaleSet: { resourceId: `${GROUP}/Microsoft.Compute/virtualMachineScaleSets/set-${String(index)}` },
      userAssigned: [{ resourceId: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/one` }],
    },
  };
}

function isReady({ status }: VmssIdentityBinding): boolean {
  return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
