/** The operator's own hands in the cluster, with a token of its service account: what they may not do here, it may not do. */
import type { Cluster } from '../../../src/kube/cluster.ts';
import { startCluster } from '../kube/started-cluster.ts';
import type { Guarded } from './guarded-cluster.ts';

/** They watch, and are synced. They end with the test. */
export async function operatorsHands({ controlPlane }: Guarded, namespace = 'vmss-identity-system'): Promise<Cluster> {
  const kubeconfig = await controlPlane.serviceAccountKubeconfig(namespace, 'vmss-identity-operator');
  return startCluster(kubeconfig, namespace, 'vmss-identity.dev/operator');
}
