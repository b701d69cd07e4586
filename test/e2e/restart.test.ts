import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { API_VERSION } from '../../src/api/types.ts';
import { type Binding, identityOf, readyOf } from './binding.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

interface Scene {
  readonly set: ScaleSet;
  readonly binding: Binding;
}

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'restart', operationMs: 300 });
  await world.allow({ systemAssigned: 'EnableAndDisable' });
});
afterAll(() => world.close());

const isAsked =
  (count: number) =>
  ({ writes }: ScaleSet): boolean =>
    writes.length === count;
const isUpdating = ({ state }: ScaleSet): boolean => state.provisioningState === 'Updating';

/** A binding of one identity that is ready. */
async function settled(name: string): Promise<Scene> {
  const set = world.scaleSet(name, { foreign: ['theirs'] });
  const binding = await world.bind(set, { userAssigned: ['one'] });
  await binding.ready();
  return { set, binding };
}

describe('an operator that is killed', () => {
  const scenes = new Map<string, Scene>();
  const scene = (name: string): Scene => scenes.get(name)!;
  /** How many requests about a scale set the killed operator has sent. */
  const seen = new Map<string, number>();

  /** All at the moment at which the operator dies; each is one scale set. */
  const stages: Readonly<Record<string, (name: string) => Promise<Scene>>> = {
    midway: async (name) => {
      const set = world.scaleSet(name, { operationMs: 600_000, foreign: ['theirs'] });
      const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
      await set.until('is being changed', isUpdating);
      return { set, binding };
    },
    'midway-system': async (name) => {
      const set = world.scaleSet(name, { operationMs: 600_000 });
      const binding = await world.bind(set, { systemAssigned: 'Enabled' });
      await set.until('is being changed', isUpdating);
      return { set, binding };
    },
    'midway-deletion': async (name) => {
      const { set, binding } = await settled(name);
      set.setOperationLength(600_000);
      await binding.delete();
      await set.until('is being changed', isUpdating);
      return { set, binding };
    },
    'never-arrived': async (name) => {
      const set = world.scaleSet(name, { foreign: ['theirs'] });
      set.fault('PATCH', { kind: 'hang' });
      const binding = await world.bind(set, { userAssigned: ['one'] });
      await set.until('is asked for a change', isAsked(1));
      return { set, binding };
    },
    unanswered: async (name) => {
      const set = world.scaleSet(name, { foreign: ['theirs'] });
      set.fault('PATCH', { kind: 'hang', applied: true });
      const binding = await world.bind(set, { userAssigned: ['one'] });
      await set.until('is asked for a change', isAsked(1));
      return { set, binding };
    },
    deleted: settled,
    changed: settled,
    stripped: settled,
    renamed: settled,
    restored: settled,
    ended: settled,
  };

  beforeAll(async () => {
    const names = Object.keys(stages);
    const staged = await Promise.all(names.map((name) => stages[name]!(name)));
    names.forEach((name, index) => scenes.set(name, staged[index]!));
    await world.killOperator();
    for (const { set } of scenes.values()) seen.set(set.id, set.requests.length);
    await whileNoneRuns();
    await world.startOperator();
  });

  /** What happens to them before the next one starts. */
  async function whileNoneRuns(): Promise<void> {
    expect((await world.ledgerOf(scene('never-arrived').set))?.spec.entries).toMatchObject([{ phase: 'Attaching' }]);
    expect(await scene('midway-deletion').binding.isFinalized()).toBe(true);
    await scene('deleted').binding.delete();
    await scene('changed').binding.apply({ userAssigned: ['two', 'three'] });
    scene('stripped').set.othersStrip('one');
    scene('stripped').set.othersAttach('more');
    await world.bind(scene('renamed').set, { userAssigned: ['one'] }, { name: 'renamed-successor' });
    await scene('renamed').binding.delete();
    await restoreFromBackup(scene('restored'));
  }

  /** Of the binding and its ledger: the specs and the finalizer come back, under other uids, and no status does. */
  async function restoreFromBackup({ set, binding }: Scene): Promise<void> {
    const found = (await binding.read())!;
    const ledger = (await world.ledgerOf(set))!;
    const ledgerPath = `/apis/${API_VERSION}/vmssidentityledgers/${ledger.metadata.name}`;
    await world.api.patch(binding.path, { metadata: { finalizers: null } });
    await binding.delete();
    await world.api.delete(ledgerPath);
    for (const [path, { apiVersion, kind, metadata, spec }] of [
      [ledgerPath, ledger],
      [binding.path, found],
    ] as const) {
      const { name, finalizers = [] } = metadata;
      const backup = { apiVersion, kind, metadata: { name, finalizers }, spec };
      await world.api.apply(path, backup);
    }
    expect((await binding.read())?.metadata.uid).not.toBe(found.metadata.uid);
  }

  /** The next operator has seen that the operation of the one before still runs; then it ends. */
  async function finish({ set }: Scene): Promise<void> {
    const before = seen.get(set.id)!;
    await set.until('is looked at by the next', ({ requests }) => requests.length > before);
    expect(isUpdating(set)).toBe(true);
    set.setOperationLength(300);
    world.control.finishOperations(set.id);
  }

  it.concurrent('in the middle of an operation finds it done by the next, with one PATCH in all', async () => {
    const { set, binding } = scene('midway');
    await finish(scene('midway'));
    const { status } = await binding.ready();
    expect(status.userAssigned).toMatchObject([{ attachedByUs: true }, { attachedByUs: true }]);
    expect(set.writes).toHaveLength(1);
  });

  it.concurrent('in the middle of turning the system-assigned identity on knows that it did', async () => {
    const { set, binding } = scene('midway-system');
    await finish(scene('midway-system'));
    expect((await binding.ready()).status.systemAssigned?.state).toBe('Enabled');
    expect(set.writes).toHaveLength(1);
    await binding.delete();
    await binding.untilGone();
    expect(set.systemAssigned).toBeUndefined();
  });

  it.concurrent('in the middle of a deletion lets the next one finish it', async () => {
    const { set, binding } = scene('midway-deletion');
    await finish(scene('midway-deletion'));
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
    expect(set.writes).toHaveLength(2);
  });

  it.concurrent('between the ledger and a PATCH that never arrives has it sent anew', async () => {
    const { set, binding } = scene('never-arrived');
    expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(true);
    expect(set.writes).toMatchObject([{ status: 'hang' }, { status: 200, attach: ['one'] }]);
  });

  it.concurrent(
    'before the answer of a PATCH that did arrive has nothing sent, and owns what it attached',
    async () => {
      const { set, binding } = scene('unanswered');
      expect(identityOf(await binding.ready(), 'one').attachedByUs).toBe(true);
      expect(set.writes).toHaveLength(1);
      await binding.delete();
      await binding.untilGone();
      expect(set.identities).toEqual(['theirs']);
    },
  );

  it.concurrent('has a binding that is deleted meanwhile finished by the next', async () => {
    const { set, binding } = scene('deleted');
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });

  it.concurrent('has a spec that changes meanwhile served by the next', async () => {
    const { set } = scene('changed');
    await set.until('has two and three', ({ identities }) => identities.join() === 'theirs,three,two');
  });

  it.concurrent('has what others strip meanwhile put back, and what they attach left', async () => {
    const { set } = scene('stripped');
    await set.until('has one again', ({ identities }) => identities.join() === 'more,one,theirs');
  });

  it.concurrent('has a binding that is renamed meanwhile keep its identities', async () => {
    const { set, binding } = scene('renamed');
    await binding.untilGone();
    await world.binding(set, { name: 'renamed-successor' }).ready();
    expect(set.writes).toHaveLength(1);
  });

  it.concurrent('has what is restored from a backup meanwhile kept, as the restored binding’s own', async () => {
    const { set, binding } = scene('restored');
    const { metadata, status } = await binding.ready();
    expect(status.userAssigned).toMatchObject([{ state: 'Assigned', attachedByUs: true }]);
    expect(set.writes).toHaveLength(1);
    expect((await world.ledgerOf(set))?.spec.entries[0]?.for).toMatchObject([{ uid: metadata.uid }]);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });

  it.concurrent('has nothing done by the next where nothing differs', async () => {
    const { set } = scene('ended');
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
  });
});

describe('an operator that is restarted', () => {
  it('writes nothing to Azure or Kubernetes where nothing differs, nor what was refused a moment ago', async () => {
    const id = world.identityId('locked');
    world.control.createIdentity(id);
    world.control.setRights(world.clientId, { denials: [{ scope: id, actions: [ASSIGN] }] });
    const refused = world.scaleSet('refused');
    const refusing = await world.bind(refused, { userAssigned: ['locked', 'one'] });
    const { set, binding } = await settled('rested');
    await refusing.until('has the other', ({ status }) => status.summary === '1/2');
    await world.intervals(1);
    const before = [await binding.read(), await refusing.read(), await world.ledgerOf(set)];
    const taken = await world.api.writesTaken();
    await world.restartOperator();
    await world.intervals(2);
    expect(await world.api.writesTaken()).toBe(taken);
    const after = [await binding.read(), await refusing.read(), await world.ledgerOf(set)];
    expect(set.writes).toHaveLength(1);
    expect(refused.writes).toMatchObject([{ status: 403 }, { status: 200, attach: ['one'] }]);
    expect(readyOf((await refusing.read())!)?.reason).toBe('IdentityRefused');
    const versions = [before, after].map((objects) => objects.map((each) => each?.metadata.resourceVersion));
    expect(versions[1]).toEqual(versions[0]);
  });

  it('in the middle of an operation ends in good order, and leaves the rest to the next', async () => {
    const set = world.scaleSet('handed-over', { operationMs: 3000 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.shows('Assigning');
    await world.restartOperator();
    await binding.ready();
    expect(set.writes).toHaveLength(1);
  });
});
