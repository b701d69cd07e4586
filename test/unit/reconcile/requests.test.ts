import { describe, expect, it } from 'vitest';

import { Fleet } from './fleet.ts';
import { binding, policy } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

/** Ten times a second somebody asks for a look, and there is one whenever the work queue would have it. */
async function toggle(world: World, seconds: number, name = 'one'): Promise<void> {
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    world.cluster.requestPass(name);
    await world.pass();
    await world.run(SECOND / 10);
  }
}

const reads = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('GET'));
const statuses = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('status'));

describe('a request to look again', () => {
  it('is handled at once after a quiet while', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await world.run(MINUTE);
    world.take();

    world.cluster.requestPass('one');
    await world.pass();

    expect(reads(world.take())).toEqual(['GET web']);
  });

  it('that follows upon another waits for the rest of ten seconds, and is then handled', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.requestPass('one');
    await world.pass();
    await world.clock.advance(3 * SECOND);
    world.take();

    world.cluster.requestPass('one');
    await world.pass();

    expect(world.waitMs).toBe(7 * SECOND);
    expect(world.take()).toEqual([]);
    await world.run(7 * SECOND);
    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 1/1']);
    const { metadata, status } = world.cluster.binding('one');
    expect([status.lastHandledReconcileAt]).toEqual(Object.values(metadata.annotations ?? {}));
  });

  it('costs one read and one status in ten seconds, made ten times a second', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.take();

    await toggle(world, 60);

    const lines = world.take();
    expect(reads(lines).length).toBeLessThanOrEqual(7);
    expect(statuses(lines).length).toBeLessThanOrEqual(7);
  });

  it('costs no more where many bindings of a scale set make it', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const world = new World({ bindings: names.map((name) => binding(name)) });
    await world.pass();
    world.take();

    for (let second = 0; second < 60; second += 1) {
      for (const name of names) {
        world.cluster.requestPass(name);
        await world.pass();
      }
      await world.run(SECOND);
    }

    expect(reads(world.take()).length).toBeLessThanOrEqual(7);
  });

  it.each([
    ['that no policy permits', { policies: [] }],
    ['that is suspended', { bindings: [binding('one', { suspend: true })] }],
  ])('of a binding %s costs a status in ten seconds', async (_what, parts) => {
    const world = new World({ bindings: [binding('one')], ...parts });
    await world.pass();
    world.take();

    await toggle(world, 30);

    const lines = world.take();
    expect(reads(lines)).toEqual([]);
    expect(statuses(lines).length).toBeLessThanOrEqual(4);
  });

  it('costs a status in ten seconds while the scale set waits', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'ScopeLocked' }, { count: null });
    await world.pass();
    world.take();

    await toggle(world, 50);

    expect(statuses(world.take()).length).toBeLessThanOrEqual(6);
  });

  it('keeps no change of a spec waiting', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await toggle(world, 2);

    world.cluster.edit('one', { userAssigned: [] });
    world.cluster.requestPass('one');
    await world.pass();

    expect(world.assigned()).toEqual([]);
  });

  it('keeps no other binding waiting', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await toggle(world, 2);

    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));
    world.cluster.requestPass('one');
    await world.pass();

    expect(world.ready('two')?.status).toBe('True');
  });

  it('keeps no policy waiting', async () => {
    const world = new World({ bindings: [binding('one')], policies: [] });
    await world.pass();
    await toggle(world, 2);

    world.cluster.setPolicies(policy());
    world.cluster.requestPass('one');
    await world.pass();

    expect(world.ready('one')?.status).toBe('True');
  });

  it('keeps no deletion and no abandonment waiting', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await toggle(world, 1);
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'ScopeLocked' }, { count: null });
    world.cluster.delete('one');
    world.cluster.requestPass('one');
    await world.pass();

    world.cluster.abandon('one');
    world.cluster.requestPass('one');
    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['app']);
  });

  it('delays no look at an operation that is due', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: 5 * SECOND });
    await world.pass();

    await toggle(world, 9);

    expect(world.ready('one')?.status).toBe('True');
  });

  it('is handled at once by a new process', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await toggle(world, 1);
    world.restart();
    world.take();

    world.cluster.requestPass('one');
    await world.pass();

    expect(reads(world.take())).toContain('GET web');
  });
});

describe('scale sets of which one is asked about ten times a second', () => {
  it('are served as if it were not', async () => {
    const fleet = new Fleet({ regions: { westeurope: 30 }, workers: 1 });
    const [noisy = '', ...others] = fleet.names;
    fleet.add([noisy]);
    await fleet.until(() => fleet.isReady(noisy), MINUTE);
    const before = fleet.reads(noisy).length;

    fleet.add(others);
    for (let tenth = 0; tenth < 100; tenth += 1) {
      fleet.world.cluster.requestPass(`of-${noisy}`);
      fleet.add([noisy]);
      await fleet.world.clock.advance(SECOND / 10);
    }

    expect(fleet.areReady).toBe(true);
    expect(fleet.reads(noisy).length - before).toBeLessThanOrEqual(2);
    await fleet.end();
  });
});
