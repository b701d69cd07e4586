import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { faults, HOUR, SECOND, World } from './world.ts';

const PRECONDITION_FAILED = { kind: 'status', status: 412, code: 'PreconditionFailed', message: 'Etag.' } as const;

/** Just before the next PATCH arrives, someone else changes the scale set. */
function overtake(world: World, times = 1): void {
  for (let time = 0; time < times; time += 1) {
    world.journal.before('PATCH', () => world.control.drift(scaleSet(), { kind: 'Scale', capacity: 2 + time }));
  }
}

describe('a scale set that someone else changes between our read and our write', () => {
  it('is read and planned again at once', async () => {
    const world = new World({ bindings: [binding('one')] });
    overtake(world);

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app → 412',
      'GET web',
      'GET web',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
  });

  it('is written to under the etag of the second read', async () => {
    const world = new World({ bindings: [binding('one')] });
    overtake(world);

    await world.pass();

    const writes = world.control.requests().filter(({ method }) => method === 'PATCH');
    expect(writes.map(({ ifMatch, status }) => [ifMatch, status])).toEqual([
      ['"1"', 412],
      ['"2"', 200],
    ]);
  });

  it('is planned again twice at once, and then after 15 seconds', async () => {
    const world = new World({ bindings: [binding('one')] });
    overtake(world, 3);

    const { requeueAfterMs } = await world.pass();
    const atOnce = world.takeWrites();
    await world.run(15 * SECOND - 1);
    const early = world.take();
    await world.run(1);

    expect(requeueAfterMs).toBe(15 * SECOND);
    expect(atOnce).toHaveLength(3);
    expect(early).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('says ScaleSetBusy while it waits', async () => {
    const world = new World({ bindings: [binding('one')] });
    overtake(world, 3);

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ScaleSetBusy' });
  });

  it('is shown on a binding that is Ready only at the third time in a row', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Strip' });
    overtake(world, 9);
    const seen: unknown[] = [];
    for (let time = 0; time < 3; time += 1) {
      await world.pass();
      seen.push(world.ready('one')?.status);
      await world.clock.advance(20 * SECOND);
    }

    expect(seen).toEqual(['True', 'True', 'False']);
  });

  it('has what it was overtaken by counted anew when it has come to rest', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.journal.before('PATCH', () => {
      world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    });
    await world.pass();
    await world.run(24 * HOUR);
    world.cluster.edit('one', { userAssigned: binding('_', { userAssigned: ['app', 'bus'] }).spec.userAssigned });
    overtake(world, 2);
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([
      'PATCH web UserAssigned +bus → 412',
      'PATCH web UserAssigned +bus → 412',
      'PATCH web UserAssigned +bus',
    ]);
  });
});

describe('an identity that someone else attached first', () => {
  async function lost(): Promise<World> {
    const world = new World({ bindings: [binding('one')] });
    world.journal.before('PATCH', () => {
      world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    });
    await world.pass();
    return world;
  }

  it('is theirs: the entry is taken back', async () => {
    const world = await lost();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app → 412',
      'GET web',
      'ledger deleted',
      'finalizer off one',
      'status one: True Assigned 1/1',
    ]);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Normal AttachedByOthers one: /));
  });

  it('stays when the binding is deleted', async () => {
    const world = await lost();

    world.cluster.delete('one');
    await world.pass();

    expect(world.cluster.has('one')).toBe(false);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is ours when an earlier write for it had an unknown outcome', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    await world.pass();
    world.journal.before('PATCH', () => {
      world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    });

    await world.run(5 * SECOND);

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('is claimed again when it goes and we attach it after all', async () => {
    const world = await lost();
    world.control.drift(scaleSet(), { kind: 'Strip' });

    await world.pass();

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });
});

describe('a 412 for a detach', () => {
  it('has the detach planned again from what is there now', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    world.journal.before('PATCH', () => {
      world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('bus')] });
    });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None → 412', 'PATCH web UserAssigned -app']);
    expect(world.assigned()).toEqual(['bus']);
  });

  it('that comes again and again never ends in a write without a fresh read', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });
    world.fault(faults.patch, PRECONDITION_FAILED, { count: null });
    world.take();

    await world.run(0);
    await world.pass();

    const lines = world.take().filter((line) => /^(GET|PATCH)/.test(line));
    expect(lines).toEqual([
      'GET web',
      'PATCH web None → 412',
      'GET web',
      'PATCH web None → 412',
      'GET web',
      'PATCH web None → 412',
    ]);
  });
});
