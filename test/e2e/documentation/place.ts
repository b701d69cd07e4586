/** Where the pages of the documentation are followed: a cluster with controllers and a node, and the Azure they speak of. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type ControlPlane, ensureBinaries, startControlPlane } from '../../../dev/control-plane/index.ts';
import { trustedPrincipal } from '../../../dev/demo/trust.ts';
import { ROOT } from '../../../dev/docs/pages.ts';
import { parseSeed } from '../../../dev/simulator/seed-file.ts';
import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { type ApiServer, openApiServer } from '../api-server.ts';
import { bundleFor } from '../operator-bundle.ts';
import { StandInNode } from './stand-in-node.ts';

const SEED_FILE = join(ROOT, 'dev/demo/azure.yaml');
/** What pages name as they stand in the repository. */
const AT_HAND = ['crds', 'deploy', 'examples'];
export const CLIENT_ID = 'b1a5f0de-7c1c-4d2c-8c0b-2f3c8d0e9a77';

export interface DocumentationPlace {
  readonly controlPlane: ControlPlane;
  readonly api: ApiServer;
  readonly azure: Simulator;
  readonly node: StandInNode;
  /** Where commands are run. */
  readonly folder: string;
  /** What bash makes of a script, on standard output. @throws what it wrote to standard error */
  run(script: string): Promise<string>;
  close(): Promise<void>;
}

export async function openDocumentationPlace(): Promise<DocumentationPlace> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'vmss-identity-documentation-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const controlPlane = await startControlPlane({ controllerManager: true });
    closing.push(() => controlPlane.stop());
    const { kubectl } = await ensureBinaries(['kubectl']);
    const api = await openApiServer({ kubeconfig: controlPlane.kubeconfigPath, kubectl });
    closing.push(() => api.close());

    const seed = parseSeed(await readFile(SEED_FILE, 'utf8'), SEED_FILE);
    const tenant = seed.subscriptions?.[0]?.tenant ?? '';
    const principal = await trustedPrincipal((args) => controlPlane.kubectl(args), { clientId: CLIENT_ID, tenant });
    const azure = await startSimulator({
      seed: { ...seed, principals: [principal] },
      operationMs: 0,
      caFile: join(folder, 'azure-ca.pem'),
    });
    closing.push(() => azure.stop());
    const bundle = await bundleFor(controlPlane.kubeconfigPath);
    const node = await StandInNode.start({ controlPlane, api, azure, tenant, bundle, folder });
    closing.push(() => node.close());

    for (const name of AT_HAND) await symlink(join(ROOT, name), join(folder, name));
    const commands = await putCommands(folder, kubectl, controlPlane.kubeconfigPath);
    const run = async (script: string): Promise<string> => {
      const inPod = join(folder, 'in-pod.sh');
      await writeFile(inPod, inPodScript(node, bundle));
      const env = { PATH: `${commands}:${process.env['PATH'] ?? ''}`, HOME: folder, CLIENT_ID };
      return (await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: folder, env }))
        .stdout;
    };
    return { controlPlane, api, azure, node, folder, run, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** kubectl of the control plane's release; what it would run inside a pod is run with that pod's environment instead. */
async function putCommands(folder: string, kubectl: string, kubeconfig: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const script = `#!/bin/bash
for argument; do
  if [ "$argument" = exec ]; then exec bash --norc ${join(folder, 'in-pod.sh')} "$@"; fi
done
exec ${kubectl} --kubeconfig ${kubeconfig} --cache-dir ${join(folder, 'cache')} "$@"
`;
  await writeFile(join(bin, 'kubectl'), script);
  await chmod(join(bin, 'kubectl'), 0o755);
  return bin;
}

function inPodScript(node: StandInNode, bundle: string): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const exports = (): readonly string[] =>
    Object.entries(node.environmentIn('vmss-identity-system')).map(
      ([name, value]) => `export ${name}=${quoted(value)}`,
    );
  return `${node.processes === 0 ? '' : exports().join('\n')}
while [ "$1" != -- ]; do shift; done
shift
[ "$1 $2" = '/nodejs/bin/node /app/main.js' ] || { echo "there is no $1 $2 in the image" >&2; exit 127; }
shift 2
exec ${quoted(process.execPath)} ${quoted(bundle)} "$@"
`;
}
