/** The demo's stage: a real control plane, a simulated Azure and the built operator, all on this machine. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildBundle } from '../build/build.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { parseSeed } from '../simulator/seed-file.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { establishTrust, OPERATOR_ACCOUNT, OPERATOR_NAMESPACE } from './trust.ts';

export const ROOT = join(import.meta.dirname, '../..');
const SEED_FILE = join(ROOT, 'dev/demo/azure.yaml');
/** Where `npm run kubectl` finds the demo's cluster. */
const KUBECONFIG_LINK = join(ROOT, '.demo/kubeconfig');

const CLIENT_ID = 'b1a5f0de-7c1c-4d2c-8c0b-2f3c8d0e9a77';
/** Short, so that a person sees drift being repaired; 10 minutes by default. */
export const INTERVAL_SECONDS = 3;
/** How long the simulated Azure takes for a write. */
const OPERATION_MS = 2000;

export interface Stage {
  readonly controlPlane: ControlPlane;
  readonly azure: Simulator;
  readonly operator: OperatorProcess;
  readonly subscriptionId: string;
  /** Ends everything, and leaves nothing behind. */
  close(): Promise<void>;
}

/** @param tell hears what is being done, a line a call */
export async function openStage(tell: (line: string) => void): Promise<Stage> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'vmss-identity-demo-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));

    tell('starting kube-apiserver and etcd');
    const controlPlane = await startControlPlane({ progress: tell });
    closing.push(() => controlPlane.stop());
    await linkKubeconfig(controlPlane.kubeconfigPath);
    closing.push(() => rm(KUBECONFIG_LINK, { force: true }));

    tell('starting the simulated Azure');
    const seed = parseSeed(await readFile(SEED_FILE, 'utf8'), SEED_FILE);
    const [subscription] = seed.subscriptions ?? [];
    if (subscription === undefined) throw new Error(`${SEED_FILE} holds no subscription`);
    const identity = { clientId: CLIENT_ID, tenant: subscription.tenant };
    const trust = await establishTrust((args, options) => controlPlane.kubectl(args, options), identity);
    const caFile = join(folder, 'azure-ca.pem');
    const azure = await startSimulator({
      seed: { ...seed, principals: [trust.principal] },
      operationMs: OPERATION_MS,
      caFile,
    });
    closing.push(() => azure.stop());

    tell('installing the custom resources, building and starting the operator');
    await controlPlane.kubectl(['apply', '--server-side', '--filename', join(ROOT, 'crds')]);
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, trust.token, { mode: 0o600 });
    const { path: bundle } = await buildBundle(folder, { quiet: true });
    const operator = await startOperator({
      bundle,
      // As in a cluster: the operator has the rights that deploy/ gives it, and no others.
      kubeconfig: await controlPlane.serviceAccountKubeconfig(OPERATOR_NAMESPACE, OPERATOR_ACCOUNT),
      azureUrl: azure.httpsUrl,
      caFile,
      tenantId: identity.tenant,
      clientId: identity.clientId,
      tokenFile,
      flags: [`--interval=${String(INTERVAL_SECONDS)}s`, `--namespace=${OPERATOR_NAMESPACE}`],
    });
    closing.push(() => operator.stop());
    return { controlPlane, azure, operator, subscriptionId: subscription.id, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function linkKubeconfig(path: string): Promise<void> {
  await mkdir(join(ROOT, '.demo'), { recursive: true });
  await rm(KUBECONFIG_LINK, { force: true });
  await symlink(path, KUBECONFIG_LINK);
}
