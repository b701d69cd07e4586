import { describe, expect, it } from 'vitest';

import { FINALIZER } from '../../../src/api/types.ts';
import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

const BROKEN = binding('broken', { userAssigned: ['app', 'cdn'] });
const SOUND = binding('sound', { userAssigned: ['app', 'bus'] });

function refusing(write: 'addFinalizer' | 'writeStatus' | 'removeFinalizer', ...options: ['forbidden' | 'timeout']) {
  const [kind] = options;
  const world = new World({ bindings: [BROKEN, SOUND] });
  world.cluster.failAlways(write, kind, 'broken');
  return world;
}

function companionOf(world: World, name: string): string | undefined {
  return world.cluster.binding(name).status.conditions?.find(({ type }) => type !== 'Ready')?.type;
}

describe('a binding that takes no finalizer', () => {
  it('is left out, and its neighbours are served in the same pass', async () => {
    const world = refusing('addFinalizer', 'forbidden');

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('sound')?.status).toBe('True');
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +bus']);
  });

  it('is named in no ledger', async () => {
    const world = refusing('addFinalizer', 'forbidden');

    await world.pass();

    const entries = world.cluster.ledgerOf(world.key())!.spec.entries;
    expect(entries.flatMap((entry) => entry.for.map(({ name }) => name))).toEqual(['sound', 'sound']);
  });

  it('says so, and that it is tried again', async () => {
    const world = refusing('addFinalizer', 'forbidden');

    await world.pass();

    expect(world.ready('broken')).toMatchObject({ status: 'False', reason: 'FinalizerRefused' });
    expect(companionOf(world, 'broken')).toBe('Reconciling');
    expect(world.waitMs).toBeLessThanOrEqual(5 * SECOND);
  });

  it('is tried again with a growing wait, and is told once', async () => {
    const world = refusing('addFinalizer', 'forbidden');
    await world.pass();
    world.take();

    await world.run(60 * MINUTE);

    const lines = world.take();
    expect(lines.filter((line) => line.startsWith('addFinalizer')).length).toBeLessThan(20);
    expect(lines.filter((line) => /^(PATCH|ledger|status)/.test(line))).toEqual([]);
  });

  it('is served when it takes one', async () => {
    const world = refusing('addFinalizer', 'forbidden');
    await world.pass();
    world.cluster.mend();

    await world.run(MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus', 'cdn']);
    expect(world.ready('broken')?.status).toBe('True');
    expect(world.cluster.binding('broken').metadata.finalizers).toEqual([FINALIZER]);
  });

  it('goes when it is deleted, and takes nothing with it', async () => {
    const world = refusing('addFinalizer', 'forbidden');
    await world.pass();

    world.cluster.delete('broken');
    await world.pass();

    expect(world.cluster.has('broken')).toBe(false);
    expect(world.assigned()).toEqual(['app', 'bus']);
  });

  it('is no worse off where others attached what it declares', async () => {
    const world = refusing('addFinalizer', 'forbidden');
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app'), identity('cdn')] });

    await world.pass();

    expect(world.ready('broken')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('is taken for one only when the server has not answered several times', async () => {
    const world = refusing('addFinalizer', 'timeout');
    await expect(world.pass()).rejects.toMatchObject({ kind: 'timeout' });
    await expect(world.pass()).rejects.toMatchObject({ kind: 'timeout' });

    await world.pass();

    expect(world.ready('sound')?.status).toBe('True');
    expect(world.ready('broken')?.reason).toBe('FinalizerRefused');
  });

  it('keeps what it has when its finalizer is taken off by hand and not taken back', async () => {
    const world = new World({ bindings: [BROKEN, SOUND] });
    await world.pass();
    const { finalizers: _finalizers, ...metadata } = world.cluster.binding('broken').metadata;
    world.cluster.replace({ ...world.cluster.binding('broken'), metadata });
    world.cluster.failAlways('addFinalizer', 'forbidden', 'broken');
    world.cluster.apply(binding('third', { userAssigned: ['dns'] }));

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus', 'cdn', 'dns']);
    expect(world.ready('third')?.status).toBe('True');
  });
});

describe('a binding whose status cannot be written', () => {
  it('delays no look at the operation of its neighbours', async () => {
    const world = new World({ bindings: [BROKEN, SOUND], operationMs: 30 * SECOND });
    world.cluster.failAlways('writeStatus', 'forbidden', 'broken');

    await world.pass();
    await world.run(MINUTE);

    expect(world.ready('sound')?.status).toBe('True');
  });

  it('has it tried again with a growing wait', async () => {
    const world = refusing('writeStatus', 'forbidden');

    await world.pass();
    await world.run(60 * MINUTE);

    const tries = world.take().filter((line) => line === 'writeStatus of broken fails');
    expect(tries.length).toBeGreaterThan(5);
    expect(tries.length).toBeLessThan(20);
  });

  it('shows how it stands as soon as that can be written', async () => {
    const world = refusing('writeStatus', 'forbidden');
    await world.pass();
    world.cluster.mend();

    await world.run(MINUTE);

    expect(world.ready('broken')?.status).toBe('True');
  });

  it('has it tried soon after a change of the binding, but not at each of many', async () => {
    const world = refusing('writeStatus', 'forbidden');
    await world.pass();
    await world.run(10 * MINUTE);
    world.take();

    for (let change = 0; change < 20; change += 1) {
      world.cluster.edit('broken', { deletionPolicy: change % 2 === 0 ? 'Retain' : 'Detach' });
      await world.pass();
      await world.clock.advance(SECOND / 2);
    }

    const tries = world.take().filter((line) => line === 'writeStatus of broken fails');
    expect(tries.length).toBeGreaterThan(0);
    expect(tries.length).toBeLessThanOrEqual(3);
  });
});

describe('a binding whose finalizer cannot be taken off', () => {
  it('waits by itself, and its neighbours are looked after as before', async () => {
    const world = refusing('removeFinalizer', 'forbidden');
    await world.pass();
    world.cluster.delete('broken');
    await world.pass();
    world.cluster.edit('sound', { userAssigned: [{ resourceId: identity('dns'), adopt: false }] });
    world.fault(faults.patch, { kind: 'status', status: 503 });

    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual(['dns']);
    expect(world.cluster.has('broken')).toBe(true);
    world.cluster.mend();
    await world.run(10 * MINUTE);
    expect(world.cluster.has('broken')).toBe(false);
  });
});
