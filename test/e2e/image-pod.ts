/** The operator out of its image, in what the kubelet makes of the Deployment: arguments, volumes, variables, confinement. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Agent, request } from 'undici';

import { readCertificateAccess } from '../../dev/control-plane/kubeconfig.ts';
import { OPERATOR_ACCOUNT } from '../../dev/demo/trust.ts';
import { type Manifest, manifestsIn } from '../../dev/deploy/kustomize.ts';
import { confine, type ConfinedProcess } from '../../dev/image/confine.ts';
import type { Confinement } from '../../dev/image/confinement.ts';
import type { RootFileSystem } from '../../dev/image/root-file-system.ts';
import type { World } from './world.ts';

const INSTALLED = join(import.meta.dirname, '../../deploy/install.yaml');
/** Where Kubernetes puts a token, where the workload identity webhook does, and where an administrator may. */
const VOLUMES = {
  account: '/var/run/secrets/kubernetes.io/serviceaccount',
  azure: '/var/run/secrets/azure/tokens',
  trust: '/etc/azure-ca',
};

interface Container {
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}
interface Deployment extends Manifest {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}

export interface Pod {
  readonly confinement: Confinement;
  readonly process: ConfinedProcess;
  /** The status code of what it serves to its kubelet. */
  get(path: string): Promise<number>;
}

const portOf = (url: string): number => Number(new URL(url).port);

/** @param folder gets the volumes */
export async function startPod(world: World, { image, folder: root }: RootFileSystem, folder: string): Promise<Pod> {
  const { origin, tls } = await readCertificateAccess(world.api.kubeconfig);
  const { azure, clientId } = world;
  // The world has its rights, and its admission rules, for an account of its own.
  const create = ['create', 'token', OPERATOR_ACCOUNT, `--namespace=${world.namespace}`];
  const token = (await world.api.kubectl(create)).stdout.trim();
  const account = { token, 'ca.crt': tls.ca, namespace: world.namespace };
  const volumes = [
    { from: await folderWith(join(folder, 'account'), account), to: VOLUMES.account },
    { from: await folderWith(join(folder, 'azure'), { token: world.trustedToken }), to: VOLUMES.azure },
    {
      from: await folderWith(join(folder, 'trust'), { 'ca.pem': await readFile(azure.caFile, 'utf8') }),
      to: VOLUMES.trust,
    },
  ];
  const [port = 0] = image.ports;
  const servers = [portOf(origin), portOf(azure.url)];
  const { uid, gid, workdir } = image;
  const confinement = { root, uid, gid, workdir, volumes, servers, published: port };
  const { args = [], env } = await installedContainer();
  const flags = [`--arm-endpoint=${azure.url}`, `--authority-host=${azure.url}`, '--disable-instance-discovery'];
  const operator = await confine(confinement, {
    command: [...image.entrypoint, ...args, ...flags],
    environment: {
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(portOf(origin)),
      AZURE_CLIENT_ID: clientId,
      AZURE_TENANT_ID: azure.tenantId,
      AZURE_FEDERATED_TOKEN_FILE: `${VOLUMES.azure}/token`,
      NODE_EXTRA_CA_CERTS: `${VOLUMES.trust}/ca.pem`,
    },
  });
  const agent = new Agent({ connect: { socketPath: operator.socketPath } });
  return {
    confinement,
    process: operator,
    async get(path) {
      const { statusCode, body } = await request(`http://pod${path}`, { dispatcher: agent });
      await body.dump();
      return statusCode;
    },
  };
}

async function installedContainer(): Promise<Container> {
  const isDeployment = (manifest: Manifest): manifest is Deployment => manifest.kind === 'Deployment';
  const deployment = manifestsIn(await readFile(INSTALLED, 'utf8')).find(isDeployment);
  if (deployment === undefined) throw new Error('deploy/install.yaml has no Deployment');
  return deployment.spec.template.spec.containers[0];
}

/** As kubelets write them: whoever is in the container may read them. */
async function folderWith(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o644 });
  return folder;
}
