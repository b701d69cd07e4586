/** How the operator is started on a stage: as in the image, towards the simulated Azure, with the account of deploy/. */
import { OPERATOR_NAMESPACE } from '../demo/trust.ts';
import type { Accounts } from './accounts.ts';
import type { Azure } from './azure.ts';

/** What the image gives Node (see the Dockerfile) within the Deployment's limit of memory, which is not there on a stage. */
export const NODE_FLAGS_AS_SHIPPED = ['--max-old-space-size=160', '--max-semi-space-size=4'] as const;

/** @param kubeconfigPath by which way it reaches the API server */
export function stageFlags(kubeconfigPath: string, { httpsUrl }: Pick<Azure, 'httpsUrl'>): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigPath}`,
    `--namespace=${OPERATOR_NAMESPACE}`,
    `--arm-endpoint=${httpsUrl}`,
    `--authority-host=${httpsUrl}`,
    '--disable-instance-discovery',
    '--listen=127.0.0.1:0',
    '--log-format=json',
  ];
}

/** Without the client id, which is another one for every process. */
export function stageEnvironment(
  { caFile }: Pick<Azure, 'caFile'>,
  { entraTokenFile }: Pick<Accounts, 'entraTokenFile'>,
  tenant: string,
): Readonly<Record<string, string>> {
  return { NODE_EXTRA_CA_CERTS: caFile, AZURE_TENANT_ID: tenant, AZURE_FEDERATED_TOKEN_FILE: entraTokenFile };
}
