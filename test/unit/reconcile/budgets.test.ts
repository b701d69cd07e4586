import { describe, expect, it } from 'vitest';

import { Fleet, mostWithin } from './fleet.ts';
import { tooMany } from './too-many.ts';
import { MINUTE, SECOND } from './world.ts';

const READS = 'GetVMScaleSetSubscriptionMaximum';
const WRITES = 'VMScaleSetActionsSubscriptionMaximum';

/** As much as Azure itself takes. */
const REAL_LIMITS = { settings: { throttling: 'On' } } as const;

describe('three hundred scale sets at once', () => {
  it('are all served within the budgets, as soon as those allow, with one status each', async () => {
    const fleet = new Fleet({ regions: { westeurope: 300 }, budgetShare: 0.5, ...REAL_LIMITS });
    fleet.add();

    // Half of 300 assignments at once, and half of 15 a second.
    expect(await fleet.until(() => fleet.areReady, 20 * SECOND)).toBe(true);

    const journal = fleet.world.take();
    expect(journal.filter((line) => line.startsWith('PATCH'))).toHaveLength(300);
    expect(journal.filter((line) => line.startsWith('status'))).toHaveLength(300);
    expect(journal.filter((line) => line.includes('→'))).toEqual([]);
    for (const windowMs of [0, 100, SECOND, 5 * SECOND, 10 * SECOND, 20 * SECOND]) {
      expect(mostWithin(fleet.writes(), windowMs)).toBeLessThanOrEqual(150 + windowMs * 0.0075);
    }
    expect(fleet.passes.longestMs).toBe(0);
    await fleet.end();
  });

  it('cost no more than two reads each, however long they wait: without an identity a scale set is read twice', async () => {
    // 5 % of 2,400 reads, and of 800 a minute.
    const fleet = new Fleet({ regions: { westeurope: 120 }, budgetShare: 0.05, ...REAL_LIMITS });
    fleet.add();
    const ideal = ((240 - 120) / (0.05 * 800)) * MINUTE;

    expect(await fleet.until(() => fleet.areReady, 1.1 * ideal)).toBe(true);

    expect(fleet.reads('virtualMachineScaleSets').length).toBeLessThanOrEqual(244);
    for (const windowMs of [0, SECOND, 10 * SECOND, MINUTE, 5 * MINUTE]) {
      expect(mostWithin(fleet.writes(), windowMs)).toBeLessThanOrEqual(15 + windowMs * 0.00075);
    }
    expect(fleet.world.cluster.takeEvents().filter((event) => event.startsWith('Warning'))).toEqual([]);
    await fleet.end();
  });
});

describe('a throttled region', () => {
  it.each([
    ['reads', 'GET', READS],
    ['writes', 'PATCH', WRITES],
  ])('whose %s have to wait stops no other, and holds no worker', async (_what, method, policy) => {
    const fleet = new Fleet({ regions: { westeurope: 49, eastus: 49 }, budgetShare: 0.5, workers: 2 });
    // Where they lie is known, as it is from the first list on.
    await fleet.world.list();
    fleet.world.fault({ method, path: 'virtualMachineScaleSets/westeurope-' }, tooMany(policy, 300), { count: null });
    const [west, east] = ['westeurope', 'eastus'].map((region) =>
      fleet.names.filter((name) => name.startsWith(region)),
    );
    fleet.add();

    expect(await fleet.until(() => east!.every((name) => fleet.isReady(name)), 5 * SECOND)).toBe(true);

    expect(west!.some((name) => fleet.isReady(name))).toBe(false);
    expect(fleet.passes.longestMs).toBe(0);
    // Those under way when it came; and nobody asks again before the time.
    const refused = () => fleet.world.control.requests().filter(({ status }) => status === 429).length;
    const before = refused();
    await fleet.world.clock.advance(290 * SECOND);
    expect([before, refused()]).toEqual([expect.toSatisfy((count: number) => count <= 2), before]);
    await fleet.end();
  });

  it('is served again to the millisecond when Azure said, one request after another', async () => {
    const fleet = new Fleet({ regions: { westeurope: 30 }, budgetShare: 0.5 });
    await fleet.world.list();
    const start = fleet.world.clock.now();
    const writes = { method: 'PATCH', path: 'virtualMachineScaleSets/westeurope-' };
    fleet.world.fault(writes, tooMany(WRITES, 17), { count: 4 });
    fleet.add();

    expect(await fleet.until(() => fleet.areReady, MINUTE)).toBe(true);

    const times = fleet.writes().map((time) => time - start);
    const [first, ...rest] = times.filter((time) => time > 0);
    expect(first).toBe(17 * SECOND);
    // Half of 500 a minute.
    for (const windowMs of [0, SECOND, 5 * SECOND]) {
      expect(mostWithin([first!, ...rest], windowMs)).toBeLessThanOrEqual(1 + windowMs / 240 + 1e-9);
    }
    expect(rest.at(-1)).toBeLessThanOrEqual(17 * SECOND + 30 * 240);
    await fleet.end();
  });
});

describe('a throttled scale set', () => {
  it('waits alone, and to the millisecond', async () => {
    const fleet = new Fleet({ regions: { westeurope: 20 }, budgetShare: 0.5 });
    const start = fleet.world.clock.now();
    const writes = { method: 'PATCH', path: 'virtualMachineScaleSets/westeurope-7$' };
    fleet.world.fault(writes, tooMany('VMScaleSetActionsResource', 45));
    fleet.add();
    await fleet.world.clock.advance(10 * SECOND);
    const waiting = fleet.names.filter((name) => !fleet.isReady(name));
    await fleet.world.clock.advance(35 * SECOND);

    expect(waiting).toEqual(['westeurope-7']);
    expect(fleet.writes('westeurope-7').map((time) => time - start)).toEqual([0, 45 * SECOND]);
    expect(fleet.areReady).toBe(true);
    await fleet.end();
  });
});
