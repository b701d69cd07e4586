import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BINDING, FINALIZER, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Cluster } from '../../../src/kube/cluster.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import { realRandom } from '../../../src/runtime/clock.ts';
import { openCluster } from '../crds/cluster.ts';
import { operatorView, silence } from './operator-view.ts';
import { clientFor, eventually, sharedKubeconfig } from './widgets.ts';

const { signal } = new AbortController();
const group = `g${realRandom.uuid().slice(0, 8)}`;
const OTHERS = 'test.example/hold';

let definitions: Awaited<ReturnType<typeof openCluster>>;
let others: KubeClient;
beforeAll(async () => {
  definitions = await openCluster();
  others = clientFor(sharedKubeconfig());
});
afterAll(async () => {
  await others.close();
  await definitions.close();
});

/** What people do to bindings, past the proxy. */
const bindings = (): ResourceClient<VmssIdentityBinding> => new ResourceClient(others, BINDING);

function idOf(name: string): string {
  return `/subscriptions/6ba7b810-9dad-41d1-80b4-00c04fd430c8/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
}

async function create(name: string, finalizers: readonly string[] = []): Promise<Stored<VmssIdentityBinding>> {
  const metadata = { namespace: 'default', name: `${group}-${name}`, finalizers } as VmssIdentityBinding['metadata'];
  const spec = { scaleSet: { resourceId: idOf(name) } } as VmssIdentityBinding['spec'];
  return bindings().create({ metadata, spec } as VmssIdentityBinding);
}

const shown = (cluster: Cluster, name: string): VmssIdentityBinding['metadata'] | undefined =>
  cluster.bindingsOf(armKey(idOf(name)))[0]?.metadata;

/** A binding that the view shows, and of which it hears nothing more. */
async function unheard(name: string, finalizers: readonly string[] = []) {
  const binding = await create(name, finalizers);
  const { cluster, proxy } = await operatorView();
  expect(shown(cluster, name)?.uid).toBe(binding.metadata.uid);
  silence(proxy, BINDING.plural);
  return { binding, cluster };
}

describe('a view whose watch of bindings has fallen silent', () => {
  it('does not show a binding any more that is found gone when it is to get the finalizer', async () => {
    const { binding, cluster } = await unheard('gone');
    await bindings().delete(binding.metadata);

    await expect(cluster.addFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'notFound' });

    expect(shown(cluster, 'gone')).toBeUndefined();
  });

  it('shows that a binding is being deleted which takes no finalizer any more', async () => {
    const { binding, cluster } = await unheard('going', [OTHERS]);
    await bindings().delete(binding.metadata);

    await expect(cluster.addFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'invalid' });

    expect(shown(cluster, 'going')?.deletionTimestamp).toBeDefined();
    const patch = [{ op: 'remove', path: '/metadata/finalizers' }] as const;
    await bindings().jsonPatch(binding.metadata, patch);
  });

  it('shows the one that has taken the name', async () => {
    const { binding, cluster } = await unheard('another');
    await bindings().delete(binding.metadata);
    const other = await create('another');

    await expect(cluster.addFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'notFound' });

    expect(shown(cluster, 'another')?.uid).toBe(other.metadata.uid);
    await bindings().delete(other.metadata);
  });

  it('does not show a binding any more that is found gone when it is to lose the finalizer', async () => {
    const { binding, cluster } = await unheard('released', [FINALIZER]);
    await bindings().delete(binding.metadata);
    await bindings().jsonPatch(binding.metadata, [{ op: 'remove', path: '/metadata/finalizers' }]);

    await cluster.removeFinalizer(binding, signal);

    expect(shown(cluster, 'released')).toBeUndefined();
  });

  it('does not show a binding any more that is found gone when its status is written', async () => {
    const { binding, cluster } = await unheard('untold');
    await bindings().delete(binding.metadata);

    await cluster.writeStatus(binding, { observedGeneration: 1 }, signal);

    await eventually(() => shown(cluster, 'untold') === undefined);
  });
});
