/** Everything that a soak runs on: a control plane, the simulated Azure and the operator's replicas, each a process. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildBundle } from '../build/build.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { openSupervisor, type Supervisor } from '../control-plane/supervised.ts';
import { establishTrust, type Trust } from '../demo/trust.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/index.ts';
import { type Accounts, makeAccounts } from '../stage/accounts.ts';
import { type Azure, startAzure } from '../stage/azure.ts';
import { type KubeApi, openKubeApi } from '../stage/kube-api.ts';
import { namespaceManifest, namespacePath, policyPath } from '../stage/objects.ts';
import { stageEnvironment, stageFlags } from '../stage/operator-command.ts';
import { type Fleet, subscriptionSeeds } from './fleet.ts';
import { policyManifest } from './objects.ts';
import { Replica } from './replica.ts';

/** Tells a person what happens, a line a call. */
export type Tell = (line: string) => void;

export interface StageOptions {
  readonly fleet: Fleet;
  readonly replicaNames: readonly string[];
  /** Of Node, for every operator. */
  readonly nodeFlags: readonly string[];
  /** Of every operator, besides those that say where everything is. */
  readonly flags: readonly string[];
  /** Aborts what waits for the API server. */
  readonly ending: AbortSignal;
  readonly tell: Tell;
}

export interface StagedReplica {
  readonly replica: Replica;
  /** Between it and the API server. */
  readonly proxy: FaultProxy;
}

export interface Stage {
  readonly controlPlane: ControlPlane;
  readonly azure: Azure;
  readonly api: KubeApi;
  readonly replicas: readonly StagedReplica[];
  /** Seconds since the stage was opened. */
  readonly elapsed: () => number;
  /** Ends everything, and leaves nothing behind. */
  close(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');
/** Access tokens run out during a soak, and the operator has to get new ones, in seconds. */
const ACCESS_TOKEN_SECONDS = 420;
const LOG_LIMIT = 50_000;
const PROXY_LOG_LIMIT = 100;

export async function openStage(options: StageOptions): Promise<Stage> {
  const { fleet, tell, ending } = options;
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1000;
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const supervisor = await openSupervisor(join(tmpdir(), 'vmss-identity-soak-'));
    closing.push(() => supervisor.close());
    tell('starting kube-apiserver and etcd');
    const controlPlane = await startControlPlane({ progress: tell });
    closing.push(() => controlPlane.stop());
    const { path: bundle } = await buildBundle(supervisor.folder, { quiet: true });
    const api = await openKubeApi(controlPlane.kubeconfigPath, ending);
    closing.push(() => api.close());
    await controlPlane.kubectl(['apply', '--server-side', '--filename', join(ROOT, 'crds')]);
    const identity = { clientId: fleet.tenant, tenant: fleet.tenant };
    const trust = await establishTrust((args, kubectlOptions) => controlPlane.kubectl(args, kubectlOptions), identity);
    tell('starting the simulated Azure');
    const settings = { operationMs: 500, tokenSeconds: ACCESS_TOKEN_SECONDS, requestLogLimit: LOG_LIMIT };
    const azure = await startAzure(supervisor, { settings, subscriptions: subscriptionSeeds(fleet) });
    for (const namespace of fleet.namespaces) {
      await api.apply(namespacePath(namespace), namespaceManifest(namespace));
      await api.apply(policyPath(namespace), policyManifest(fleet, namespace));
    }
    const accounts = await makeAccounts(controlPlane, supervisor.folder);
    const replicas: StagedReplica[] = [];
    for (const name of options.replicaNames) {
      const proxy = await startFaultProxy({ kubeconfigPath: accounts.kubeconfigPath, logLimit: PROXY_LOG_LIMIT });
      closing.push(() => proxy.stop());
      const place = { supervisor, nodeFlags: options.nodeFlags, bundle, azure, trust, fleet, accounts, proxy, elapsed };
      replicas.push({ proxy, replica: makeReplica(name, place, options.flags) });
    }
    return { controlPlane, azure, api, replicas, elapsed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Place {
  readonly supervisor: Supervisor;
  readonly nodeFlags: readonly string[];
  readonly bundle: string;
  readonly azure: Azure;
  readonly trust: Trust;
  readonly fleet: Fleet;
  readonly accounts: Accounts;
  readonly proxy: FaultProxy;
  readonly elapsed: () => number;
}

function makeReplica(name: string, place: Place, flags: readonly string[]): Replica {
  const { supervisor, nodeFlags, bundle, azure, trust, fleet, accounts, proxy, elapsed } = place;
  return new Replica({
    name,
    supervisor,
    nodeFlags,
    bundle,
    flags: [...stageFlags(proxy.kubeconfigPath, azure), ...flags],
    environment: stageEnvironment(azure, accounts, fleet.tenant),
    introduce: (clientId) => azure.seed({ principals: [{ ...trust.principal, clientId }] }),
    elapsed,
  });
}
