/** A status that the operator did not write, although its account did. */
import { BINDING, type VmssIdentityBinding, type VmssIdentityBindingStatus } from '../../src/api/types.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { loadKubeConnection } from '../../src/kube/kubeconfig.ts';
import { ResourceClient } from '../../src/kube/resource-client.ts';
import { realClock } from '../../src/runtime/clock.ts';
import type { Binding } from './binding.ts';

/** Writes with a stolen token of the operator's: to everybody else the API server refuses it. */
export async function forgeStatus(
  kubeconfig: string,
  binding: Binding,
  status: Partial<VmssIdentityBindingStatus>,
): Promise<void> {
  const client = new KubeClient({
    connection: loadKubeConnection({ kind: 'kubeconfig', path: kubeconfig }),
    clock: realClock,
  });
  const bindings = new ResourceClient<VmssIdentityBinding>(client, BINDING);
  try {
    await bindings.mergePatch(binding, { status }, { subresource: 'status' });
  } finally {
    await client.close();
  }
}
