import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { API_VERSION, BINDING, FINALIZER, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import { realRandom } from '../../../src/runtime/clock.ts';
import { openCluster } from '../crds/cluster.ts';
import { openView, scaleSetId } from './silent-view.ts';
import { clientFor, sharedKubeconfig } from './widgets.ts';

const { signal } = new AbortController();

let definitions: Awaited<ReturnType<typeof openCluster>>;
let others: KubeClient;
let bindings: ResourceClient<VmssIdentityBinding>;
beforeAll(async () => {
  definitions = await openCluster();
  others = clientFor(sharedKubeconfig());
  bindings = new ResourceClient(others, BINDING);
});
afterAll(async () => {
  await others.close();
  await definitions.close();
});

/** Somebody binds a scale set of its own. */
function create(name: string, finalizers: readonly string[] = []): Promise<Stored<VmssIdentityBinding>> {
  const metadata = { name, namespace: 'default', finalizers } as unknown as VmssIdentityBinding['metadata'];
  const spec = { scaleSet: { resourceId: scaleSetId(name) } } as VmssIdentityBinding['spec'];
  const object = { apiVersion: API_VERSION, kind: 'VmssIdentityBinding', metadata, spec };
  return bindings.create(object as unknown as VmssIdentityBinding);
}

/** A view that knows a binding, and hears no more of it. */
async function silentAbout(finalizers: readonly string[] = []) {
  const name = `binding-${realRandom.uuid()}`;
  const binding = await create(name, finalizers);
  const { cluster, silence } = await openView();
  silence(BINDING.plural);
  const key = armKey(scaleSetId(name));
  return { name, binding, cluster, known: () => cluster.bindingsOf(key) };
}

const STATUS = { observedGeneration: 1 };

function condition(status: 'True' | 'False', reason: string) {
  const lastTransitionTime = '2026-05-07T07:32:41Z';
  return { type: 'Ready', status, reason, message: reason, lastTransitionTime, observedGeneration: 1 } as const;
}

describe('a view of bindings whose watch has fallen silent', () => {
  it('does not show one any more that is gone, once its finalizer was refused', async () => {
    const { binding, cluster, known } = await silentAbout();
    await bindings.delete(binding.metadata);

    await expect(cluster.addFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'notFound' });

    expect(known()).toEqual([]);
  });

  it('does not show one any more that is gone, once its status found nobody', async () => {
    const { binding, cluster, known } = await silentAbout();
    await bindings.delete(binding.metadata);

    await cluster.writeStatus(binding, STATUS, signal);

    expect(known()).toEqual([]);
  });

  it('says nothing of a spec that has changed since it was judged, and shows the changed one', async () => {
    const { binding, cluster, known } = await silentAbout();
    const changed = await bindings.mergePatch(binding.metadata, { spec: { suspend: true } });

    await cluster.writeStatus(binding, STATUS, signal);

    expect(known()[0]?.spec.suspend).toBe(true);
    expect((await bindings.get(binding.metadata)).status).toEqual(changed.status);
  });

  it('does not write over a status that it has not seen, and shows that one', async () => {
    const { binding, cluster, known } = await silentAbout();
    const told = { observedGeneration: 1, conditions: [condition('True', 'Assigned')] } as const;
    await bindings.jsonPatch(binding.metadata, [{ op: 'add', path: '/status', value: told }], {
      subresource: 'status',
    });

    const late = cluster.writeStatus(binding, { ...told, conditions: [condition('False', 'Assigning')] }, signal);

    await expect(late).rejects.toMatchObject({ kind: 'testFailed' });
    expect(known()[0]?.status).toEqual(told);
    expect((await bindings.get(binding.metadata)).status).toEqual(told);
  });

  it('writes a status on top of the one that it knows, whatever else has changed', async () => {
    const { binding, cluster, known } = await silentAbout();
    await bindings.mergePatch(binding.metadata, { metadata: { annotations: { 'example.com/seen': 'often' } } });

    await cluster.writeStatus(binding, { observedGeneration: 1, conditions: [condition('True', 'Assigned')] }, signal);
    await cluster.writeStatus(known()[0]!, STATUS, signal);

    expect((await bindings.get(binding.metadata)).status).toEqual(STATUS);
  });

  it('shows that one is being deleted, which takes no finalizer any more', async () => {
    const { binding, cluster, known } = await silentAbout(['example.com/theirs']);
    await bindings.delete(binding.metadata);

    await expect(cluster.addFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'invalid' });

    expect(known()[0]?.metadata.deletionTimestamp).toBeDefined();
    await bindings.mergePatch(binding.metadata, { metadata: { finalizers: null } });
  });

  it.each(['finalizer', 'status'] as const)('shows the one that was made anew under the name (%s)', async (write) => {
    const { name, binding, cluster, known } = await silentAbout();
    await bindings.delete(binding.metadata);
    const next = await create(name);

    if (write === 'status') await cluster.writeStatus(binding, STATUS, signal);
    else await expect(cluster.addFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'notFound' });

    expect(known().map(({ metadata }) => metadata.uid)).toEqual([next.metadata.uid]);
    expect((await bindings.get(next.metadata)).metadata.finalizers ?? []).toEqual([]);
  });

  it('leaves the finalizer on one that has changed since it was judged, and shows the changed one', async () => {
    const { binding, cluster, known } = await silentAbout([FINALIZER]);
    await bindings.mergePatch(binding.metadata, { spec: { suspend: true } });

    await expect(cluster.removeFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'testFailed' });

    expect(known()[0]?.spec.suspend).toBe(true);
    expect((await bindings.get(binding.metadata)).metadata.finalizers).toEqual([FINALIZER]);
  });

  it('does not show one any more whose end our finalizer was the last to hold up', async () => {
    const { binding, cluster, known } = await silentAbout([FINALIZER]);
    await bindings.delete(binding.metadata);
    await expect(cluster.removeFinalizer(binding, signal)).rejects.toMatchObject({ kind: 'testFailed' });

    await cluster.removeFinalizer(known()[0]!, signal);

    expect(known()).toEqual([]);
    await expect(bindings.get(binding.metadata)).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('does not show one any more that somebody has taken the finalizer from', async () => {
    const { binding, cluster, known } = await silentAbout([FINALIZER]);
    await bindings.delete(binding.metadata);
    await bindings.mergePatch(binding.metadata, { metadata: { finalizers: null } });

    await cluster.removeFinalizer(binding, signal);

    expect(known()).toEqual([]);
  });
});
