import { describe, expect, it } from 'vitest';

import { names, operation, ref, startedInventory } from './listed-subscription.ts';
import { binding, scaleSet } from './objects.ts';
import { failure } from './scripted-list.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

/** An inventory of a subscription with so many operations in flight, whose lists show the scale sets at work. */
function inFlight(count: number, parts: Parameters<typeof startedInventory>[0] = {}) {
  const all = names(count);
  const answer = (): string => all.join(' ');
  const changes = () => ({ provisioningState: 'Updating' });
  const started = startedInventory({ bound: all, answer, changes, ...parts });
  const watches = (): boolean => started.inventory.watches(ref('web').subscriptionId);
  for (const name of all) started.inventory.noteOperation(ref(name), operation());
  const end = (from: number, to: number): void => {
    for (const name of all.slice(from, to)) started.inventory.noteOperation(ref(name), undefined);
  };
  return { ...started, watches, end };
}

describe('operations in flight in a subscription', () => {
  it('are looked at one by one while they are no more than 50', async () => {
    const { watches, clock, lists } = inFlight(50);
    await clock.advance(5 * MINUTE);

    expect(watches()).toBe(false);
    expect(lists()).toEqual([]);
  });

  it('are watched by lists when they are more, every few seconds', async () => {
    const { watches, clock, lists } = inFlight(51);
    await clock.advance(10 * SECOND);

    expect(watches()).toBe(true);
    expect(lists()).toEqual([0, 1.75, 3.5, 5.25, 7, 8.75]);
  });

  it('are counted once each, however often a pass has looked', () => {
    const { watches, inventory } = inFlight(50);
    for (const name of names(50)) inventory.noteOperation(ref(name), operation());

    expect(watches()).toBe(false);
  });

  it('are watched by lists that cost no more pages than Azure grants', async () => {
    const pages = (cursor: string): string =>
      cursor === '29' ? '' : ` > ${String(Number(cursor.replace('first', '0')) + 1)}`;
    const { clock, lists } = inFlight(51, { answer: (_scope, cursor) => pages(cursor) });
    await clock.advance(25 * SECOND);

    expect(lists()).toEqual([0, 9.99, 19.98]);
  });

  it('have a pass as soon as a list shows their scale set at rest, and no sooner', async () => {
    const { clock, take } = inFlight(51, {
      changes: (name) => ({ provisioningState: ['set-7', 'set-9'].includes(name) ? 'Succeeded' : 'Updating' }),
    });
    await clock.advance(0);

    expect(take()).toEqual(['0 set-7', '0 set-9']);
  });

  it('are watched until few are left, which are then looked at one by one', async () => {
    const { clock, watches, end, take, lists } = inFlight(60);
    await clock.advance(0);
    end(0, 49);
    const still = watches();
    end(49, 50);

    expect(still).toBe(true);
    expect(watches()).toBe(false);
    expect(take()).toEqual(
      names(60)
        .slice(50)
        .map((name) => `0 ${name}`),
    );
    await clock.advance(MINUTE);
    expect(lists()).toEqual([0]);
  });

  it('are looked at one by one where the operator may list nothing', async () => {
    const { clock, watches } = inFlight(51, { answer: () => failure('notAuthorised') });
    await clock.advance(0);

    expect(watches()).toBe(false);
  });

  it('are not watched by lists that fail, more often than once a minute', async () => {
    const { clock, lists, take } = inFlight(51, { answer: () => failure('rejected') });
    await clock.advance(2 * MINUTE);

    expect(lists()).toEqual([0, 60, 120]);
    expect(take()).toEqual(['failed rejectedCode', 'failed rejectedCode', 'failed rejectedCode']);
  });

  it('that have timed out are looked at by a list every five minutes', async () => {
    const { clock, inventory, lists } = startedInventory();
    inventory.noteOperation(ref('web'), operation({ timedOut: true }));
    await clock.advance(9 * MINUTE);
    inventory.noteOperation(ref('web'), undefined);
    await clock.advance(10 * MINUTE);

    expect(lists()).toEqual([0, 300, 600]);
  });
});

describe('an operation that lists watch over', () => {
  /** A world in which a write was accepted, a list was drawn up before it, and lists watch over what comes of it. */
  async function begun(operationMs = MINUTE): Promise<World> {
    const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings: [binding('one')], operationMs });
    await world.list();
    await world.pass();
    world.watched = true;
    await world.clock.advance(2 * SECOND);
    world.take();
    return world;
  }

  it('is not polled, and waits for a list', async () => {
    const world = await begun();

    expect(await world.pass()).toEqual({ requeueAfterMs: MINUTE });
    expect(world.take()).toEqual([]);
  });

  it('goes on while a list shows the scale set at work', async () => {
    const world = await begun();
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('Assigning');
  });

  it('is over when a list shows the scale set at rest, and one read of it says so too', async () => {
    const world = await begun();
    await world.clock.advance(MINUTE);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger: Attached app for one', 'status one: True Assigned 1/1']);
  });

  it('is not over for a list that lags behind and shows what the write was planned from', async () => {
    const world = await begun();
    world.listLagging();

    await world.pass();

    expect(world.take()).toEqual([]);
  });

  it('is not over for a list that lags behind in another way: the scale set itself does not say so', async () => {
    const world = await begun();
    world.listLagging({ etag: '"0"' });

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web']);
    expect(world.ready('one')?.reason).toBe('Assigning');
  });

  it('is asked how it ended when a list shows that it failed', async () => {
    const world = new World({ bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });
    await world.pass();
    world.watched = true;
    await world.clock.advance(SECOND);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take().slice(0, 2)).toEqual(['POLL', 'GET web']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'OperationFailed' });
  });

  it('is looked at by itself when no list has told of it for a minute', async () => {
    const world = await begun(10 * MINUTE);
    await world.pass();
    world.take();

    await world.run(MINUTE);

    expect(world.take()).toEqual(['POLL']);
  });

  it('is looked at by itself as soon as lists watch over it no more', async () => {
    const world = await begun(10 * MINUTE);
    await world.pass();
    world.watched = false;
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['POLL']);
  });

  it('is called timed out after 30 minutes all the same', async () => {
    const world = await begun(5 * 60 * MINUTE);
    for (let minute = 0; minute < 31; minute += 1) {
      await world.list();
      await world.pass();
      await world.clock.advance(MINUTE);
    }

    expect(world.ready('one')?.reason).toBe('OperationTimedOut');
    expect(world.take().filter((line) => line === 'POLL' || line === 'GET web')).toEqual([]);
  });

  it('that has timed out costs no read while a list shows the scale set at work, and one when it is at rest', async () => {
    const world = await begun(40 * MINUTE);
    world.watched = false;
    await world.run(31 * MINUTE);
    world.take();
    for (let look = 0; look < 3; look += 1) {
      await world.list();
      await world.pass();
      await world.clock.advance(4 * MINUTE);
    }
    const reads = world.take().filter((line) => line === 'GET web');
    await world.list();

    await world.pass();

    expect(reads).toEqual([]);
    expect(world.take()).toContain('GET web');
    expect(world.ready('one')?.status).toBe('True');
  });

  it('that has timed out is read by itself when no list tells of it', async () => {
    const world = await begun(5 * 60 * MINUTE);
    world.watched = false;
    await world.run(31 * MINUTE);
    world.fault(
      { path: 'virtualMachineScaleSets$' },
      { kind: 'status', status: 200, body: { value: [] } },
      { count: null },
    );
    world.take();

    await world.list();
    await world.pass();
    await world.run(6 * MINUTE);

    expect(world.take().filter((line) => line === 'GET web')).toHaveLength(1);
  });
});

describe('a write of ours that has ended', () => {
  it('is confirmed by a GET, though a list that was asked for later shows it', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.settings({ operationMs: SECOND });
    world.control.drift(scaleSet(), {
      kind: 'Strip',
      identities: world.control.scaleSet(scaleSet()).userAssigned.map(({ id }) => id),
    });
    await world.pass();
    await world.clock.advance(2 * SECOND);
    world.fault(faults.getScaleSet, { kind: 'status', status: 503 });
    await world.pass();
    await world.clock.advance(10 * SECOND);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'ledger: Attached app for one', 'status one: True Assigned 1/1']);
  });
});
