/** Whole namespaces go, as they do in a cluster: the real kube-controller-manager deletes what is in them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ControlPlane, ensureBinaries, startControlPlane } from '../../dev/control-plane/index.ts';
import { eventually } from '../../dev/demo/wait.ts';
import { ABANDON_ANNOTATION, API_VERSION, type VmssIdentityBinding } from '../../src/api/types.ts';
import { type Binding, readyOf } from './binding.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

interface Scene {
  readonly set: ScaleSet;
  readonly binding: Binding;
}

let controlPlane: ControlPlane;
let world: World;
beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
  const { kubectl } = await ensureBinaries(['kubectl']);
  world = await startWorld({ name: 'doomed', cluster: { kubeconfig: controlPlane.kubeconfigPath, kubectl } });
});
afterAll(async () => {
  await world.close();
  await controlPlane.stop();
});

/** Bindings of one namespace, each of a scale set of its own, all ready. */
async function served(namespace: string, count: number): Promise<readonly Scene[]> {
  await world.allow({ namespaces: [namespace], systemAssigned: 'EnableAndDisable' }, namespace);
  const names = Array.from({ length: count }, (_, index) => `${namespace}-${String(index)}`);
  const scenes = await Promise.all(
    names.map(async (name) => {
      const set = world.scaleSet(name, { foreign: ['theirs'] });
      const declared = { userAssigned: ['one', 'two'], systemAssigned: 'Enabled' } as const;
      return { set, binding: await world.bind(set, declared, { namespace }) };
    }),
  );
  await Promise.all(scenes.map(({ binding }) => binding.ready()));
  return scenes;
}

async function deleteNamespace(name: string): Promise<void> {
  await world.api.kubectl(['delete', 'namespace', name, '--wait=false']);
}

async function untilNamespaceGone(name: string): Promise<void> {
  await eventually(`namespace ${name} to be gone`, async () => {
    return (await world.api.get(`/api/v1/namespaces/${name}`)) === undefined;
  });
}

const bindingsIn = (namespace: string): Promise<readonly VmssIdentityBinding[]> =>
  world.api.list<VmssIdentityBinding>(`/apis/${API_VERSION}/namespaces/${namespace}/vmssidentitybindings`);

async function expectNothingLeft(scenes: readonly Scene[]): Promise<void> {
  for (const { set } of scenes) {
    expect(set.identities).toEqual(['theirs']);
    expect(set.systemAssigned).toBeUndefined();
    expect(await world.ledgerOf(set)).toBeUndefined();
  }
}

describe.concurrent('a namespace that is deleted', () => {
  it('goes when all that its twenty bindings had has been given back, and leaves nothing', async () => {
    const namespace = await world.createNamespace('crowded');
    const scenes = await served(namespace, 18);
    // Two more, of a scale set that they share with one of another namespace.
    const [shared] = scenes as readonly [Scene];
    const elsewhere = await world.createNamespace('spared');
    await world.allow({ namespaces: [elsewhere] }, elsewhere);
    for (const name of ['beside', 'again']) {
      const beside = await world.bind(shared.set, { userAssigned: ['three'] }, { name, namespace });
      await beside.ready();
    }
    const stays = await world.bind(
      shared.set,
      { userAssigned: ['two', 'more'] },
      { name: 'stays', namespace: elsewhere },
    );
    await stays.ready();
    expect(await bindingsIn(namespace)).toHaveLength(20);

    await deleteNamespace(namespace);
    await untilNamespaceGone(namespace);

    await expectNothingLeft(scenes.slice(1));
    expect(shared.set.identities).toEqual(['more', 'theirs', 'two']);
    await stays.ready();
    const members = (await world.ledgerOf(shared.set))?.spec.entries.flatMap((entry) => entry.for);
    expect(new Set(members?.map(({ name }) => name))).toEqual(new Set(['stays']));
  });

  it('waits for what Azure refuses to take back, and goes when that is abandoned, which is told elsewhere', async () => {
    const namespace = await world.createNamespace('stuck');
    const scenes = await served(namespace, 3);
    const [locked, ...others] = scenes as readonly [Scene, ...Scene[]];
    locked.set.fault('PATCH', { kind: 'status', status: 409, code: 'ScopeLocked', message: 'Locked.' }, null);

    await deleteNamespace(namespace);
    await Promise.all(others.map(({ binding }) => binding.untilGone()));
    await locked.binding.until('says why', (found) => readyOf(found)?.reason === 'BlockedByAdministrator');
    await expectNothingLeft(others);
    await locked.binding.annotate(ABANDON_ANNOTATION, 'true');
    await untilNamespaceGone(namespace);

    expect(locked.set.identities).toEqual(['one', 'theirs', 'two']);
    expect(await world.ledgerOf(locked.set)).toBeUndefined();
    await eventually('an event in the operator’s own namespace', async () => {
      const { stdout } = await world.api.kubectl(['get', 'events', `--namespace=${world.namespace}`]);
      return stdout.includes('Abandoned');
    });
  });
});

describe('a namespace that is deleted while no operator runs', () => {
  it('is finished by the next one', async () => {
    const namespace = await world.createNamespace('unattended');
    const scenes = await served(namespace, 5);
    expect(await world.operator.stop()).toBe(0);
    await deleteNamespace(namespace);
    await eventually('every binding to be on its way', async () => {
      const found = await bindingsIn(namespace);
      return found.length === 5 && found.every(({ metadata }) => metadata.deletionTimestamp !== undefined);
    });
    expect(scenes.map(({ set }) => set.identities.length)).toEqual([3, 3, 3, 3, 3]);

    await world.startOperator();
    await untilNamespaceGone(namespace);

    await expectNothingLeft(scenes);
  });
});
