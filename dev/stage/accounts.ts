/** The operator's account, as it is in a cluster: with the rights that deploy/ gives it, and no others. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ControlPlane } from '../control-plane/index.ts';
import { writeKubeconfig } from '../control-plane/kubeconfig.ts';
import { EXCHANGE_AUDIENCE, OPERATOR_ACCOUNT, OPERATOR_NAMESPACE } from '../demo/trust.ts';

/** Longer than anything that is run here. */
const TOKEN_LIFE = '--duration=200h';

export interface Accounts {
  readonly kubeconfigPath: string;
  /** What Entra takes for an assertion. */
  readonly entraTokenFile: string;
}

/** @param folder gets the files, readable by this user alone */
export async function makeAccounts(controlPlane: ControlPlane, folder: string): Promise<Accounts> {
  const create = ['create', 'token', OPERATOR_ACCOUNT, `--namespace=${OPERATOR_NAMESPACE}`, TOKEN_LIFE];
  const kubernetes = await controlPlane.kubectl(create);
  const entra = await controlPlane.kubectl([...create, `--audience=${EXCHANGE_AUDIENCE}`]);
  const entraTokenFile = join(folder, 'entra-token');
  await writeFile(entraTokenFile, entra.stdout, { mode: 0o600 });
  const kubeconfigPath = join(folder, 'operator.kubeconfig');
  await writeKubeconfig(kubeconfigPath, {
    url: controlPlane.url,
    caPem: controlPlane.caPem,
    user: { type: 'token', token: kubernetes.stdout.trim() },
  });
  return { kubeconfigPath, entraTokenFile };
}
