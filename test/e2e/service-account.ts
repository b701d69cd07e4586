/** A service account of the test's own, with no rights at all but those that everybody has who is known to the server. */
import { join } from 'node:path';

import { readCertificateAccess, writeKubeconfig } from '../../dev/control-plane/kubeconfig.ts';
import type { ApiServer } from './api-server.ts';

export interface ServiceAccount {
  readonly kubeconfig: string;
  readonly user: string;
}

/** @param folder gets the kubeconfig */
export async function makeServiceAccount(
  api: ApiServer,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  folder: string,
): Promise<ServiceAccount> {
  await api.kubectl(['create', 'serviceaccount', name, `--namespace=${namespace}`]);
  const { stdout } = await api.kubectl(['create', 'token', name, `--namespace=${namespace}`]);
  const { origin, tls } = await readCertificateAccess(api.kubeconfig);
  const kubeconfig = join(folder, `${name}.kubeconfig`);
  await writeKubeconfig(kubeconfig, { url: origin, caPem: tls.ca, user: { type: 'token', token: stdout.trim() } });
  return { kubeconfig, user: `system:serviceaccount:${namespace}:${name}` };
}
