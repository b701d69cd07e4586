/** Where the pages of the documentation are followed: a cluster with controllers and a node, and the Azure they speak of. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureBinaries, startControlPlane } from '../../../dev/control-plane/index.ts';
import { OPERATOR_ACCOUNT, OPERATOR_NAMESPACE, trustedPrincipal } from '../../../dev/demo/trust.ts';
import { ROOT } from '../../../dev/docs/pages.ts';
import { runScript } from '../../../dev/docs/run-script.ts';
import { parseSeed } from '../../../dev/simulator/seed-file.ts';
import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { shellLine } from '../../../src/check/shell.ts';
import { type ApiServer, openApiServer } from '../api-server.ts';
import { bundleFor } from '../operator-bundle.ts';
import { StandInNode } from './stand-in-node.ts';

const SEED_FILE = join(ROOT, 'dev/demo/azure.yaml');
/** What pages name as they stand in the repository. */
const AT_HAND = ['crds', 'deploy', 'examples'];
const CLIENT_ID = 'b1a5f0de-7c1c-4d2c-8c0b-2f3c8d0e9a77';

const INSTALL = `
kubectl apply --server-side --filename deploy/install.yaml
kubectl --namespace ${OPERATOR_NAMESPACE} annotate serviceaccount ${OPERATOR_ACCOUNT} azure.workload.identity/client-id="$CLIENT_ID"
kubectl --namespace ${OPERATOR_NAMESPACE} rollout restart deployment vmss-identity-operator
kubectl --namespace ${OPERATOR_NAMESPACE} rollout status deployment vmss-identity-operator`;

export interface DocumentationPlace {
  readonly api: ApiServer;
  readonly azure: Simulator;
  readonly node: StandInNode;
  /** What bash makes of a script, on standard output. @throws what it wrote to standard error */
  run(script: string): Promise<string>;
  /** Has the operator in the cluster, ready. */
  install(): Promise<void>;
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
    const run = async (script: string): Promise<string> => {
      const program = join(folder, 'kubectl.sh');
      await writeFile(program, kubectlProgram(kubectl, bundle, node), { mode: 0o755 });
      const kubeconfig = controlPlane.kubeconfigPath;
      return runScript(script, { kubectl: program, kubeconfig, folder, environment: { CLIENT_ID } });
    };
    const install = async (): Promise<void> => {
      await run(INSTALL);
    };
    return { azure, api, node, run, install, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** kubectl of the control plane's release; what it would run inside a pod is run with that pod's environment instead. */
function kubectlProgram(kubectl: string, bundle: string, node: StandInNode): string {
  const environment = node.processes === 0 ? {} : node.environmentIn(OPERATOR_NAMESPACE);
  const exported = Object.entries(environment).map(([name, value]) => `export ${name}=${shellLine(value)}`);
  return `#!/bin/bash
case " $* " in *' exec '*) ;; *) exec ${shellLine(kubectl)} "$@" ;; esac
while [ "$1" != -- ]; do shift; done
shift
[ "$1 $2" = '/nodejs/bin/node /app/main.js' ] || { echo "there is no $1 $2 in the image" >&2; exit 127; }
shift 2
${exported.join('\n')}
exec ${shellLine(process.execPath, bundle)} "$@"
`;
}
