import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { Fleet } from './listed-fleet.ts';
import { scaleSet } from './objects.ts';
import { HOUR, MINUTE, SECOND } from './world.ts';

const LIST = '^/subscriptions/[^/]+/providers/Microsoft.Compute/virtualMachineScaleSets$';

describe('many scale sets in one subscription', () => {
  it('are read by list pages when a process starts, but for the first few', async () => {
    await using fleet = new Fleet({ count: 59, settings: { pageSize: 20 } });
    fleet.start();
    await fleet.run(SECOND);

    expect(fleet.takeRequests()).toEqual({ 'GET set': 9, LIST: 3 });
    expect(fleet.ready()).toHaveLength(59);
  });

  it('are attached to from the list, each with one write and no read', async () => {
    await using fleet = new Fleet({ count: 59, has: ['dns'], workers: 1, settings: { pageSize: 20 } });
    fleet.start();
    await fleet.run(SECOND);

    expect(fleet.takeRequests()).toEqual({ 'GET set': 9, LIST: 3, 'GET identity': 1, PATCH: 59 });
    expect(fleet.ready()).toHaveLength(59);
  });

  it('hold no worker while they wait for the first list', async () => {
    await using fleet = new Fleet({ count: 60, workers: 1 });
    fleet.fault({ path: LIST }, { kind: 'delay', ms: 20 * SECOND }, 1);
    fleet.start();
    await fleet.run(SECOND);
    const before = fleet.ready().length;
    fleet.touch('set-3');
    fleet.takeRequests();
    await fleet.run(SECOND);
    const during = fleet.takeRequests();
    await fleet.run(20 * SECOND);

    expect(before).toBe(9);
    expect(during).toEqual({ 'GET set': 1 });
    expect(fleet.ready()).toHaveLength(60);
  });

  it('are read one by one in the end, when the first list does not come', async () => {
    await using fleet = new Fleet({ count: 60 });
    fleet.fault({ path: LIST }, { kind: 'status', status: 503 });
    fleet.start();
    await fleet.run(29 * SECOND);
    const before = fleet.ready().length;
    await fleet.run(5 * SECOND);

    expect(before).toBe(9);
    expect(fleet.ready()).toHaveLength(60);
    expect(fleet.takeRequests()['GET set']).toBe(60);
  });

  it('cost list pages and nothing else while nothing changes', async () => {
    await using fleet = new Fleet({ count: 59, settings: { pageSize: 20 } });
    fleet.start();
    await fleet.run(MINUTE);
    const status = fleet.names.map((name) => fleet.cluster.binding(`of-${name}`).metadata.resourceVersion);
    fleet.takeRequests();
    await fleet.run(HOUR);
    const { LIST: lists = 0, 'LIST identities': identities = 0, ...others } = fleet.takeRequests();

    expect(others).toEqual({});
    expect([15, 18, 21]).toContain(lists);
    expect([5, 6, 7]).toContain(identities);
    expect(fleet.names.map((name) => fleet.cluster.binding(`of-${name}`).metadata.resourceVersion)).toEqual(status);
  });

  it('have their drift mended within an interval', async () => {
    await using fleet = new Fleet({ count: 30, has: ['dns'] });
    fleet.start();
    await fleet.run(MINUTE);
    fleet.control.drift(scaleSet('set-20'), { kind: 'Strip', identities: [identity('app')] });
    fleet.takeRequests();
    await fleet.run(11 * MINUTE);

    expect(fleet.control.scaleSet(scaleSet('set-20')).userAssigned).toHaveLength(2);
    expect(fleet.takeRequests()).toMatchObject({ PATCH: 1 });
  });

  it('have their drift mended within two intervals, though every list leaves them out for want of rights', async () => {
    await using fleet = new Fleet({ count: 30, has: ['dns'] });
    fleet.fault({ path: LIST }, { kind: 'status', status: 200, body: { value: [] } });
    fleet.start();
    await fleet.run(MINUTE);
    fleet.control.drift(scaleSet('set-20'), { kind: 'Strip', identities: [identity('app')] });
    await fleet.run(22 * MINUTE);

    expect(fleet.control.scaleSet(scaleSet('set-20')).userAssigned).toHaveLength(2);
  });

  it('are read one by one, spread over each interval, where the operator may list nothing', async () => {
    await using fleet = new Fleet({ count: 60 });
    fleet.fault({ path: 'virtualMachineScaleSets$' }, { kind: 'status', status: 403, code: 'AuthorizationFailed' });
    fleet.start();
    await fleet.run(11 * MINUTE);
    fleet.takeRequests();
    const perMinute: number[] = [];
    for (let minute = 0; minute < 20; minute += 1) {
      await fleet.run(MINUTE);
      perMinute.push(fleet.takeRequests()['GET set'] ?? 0);
    }

    expect(Math.max(...perMinute)).toBeLessThanOrEqual(15);
    expect(perMinute.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(100);
    expect(fleet.logger.entries.map(({ message }) => message)).toContain(
      'the scale sets of a subscription are read one by one from now on',
    );
    expect(fleet.inventories.levels().scale_sets).toEqual(['resource']);
  });

  it('learn of an identity that was created again, all at the cost of one look', async () => {
    await using fleet = new Fleet({ count: 30, workers: 1 });
    fleet.start();
    await fleet.run(MINUTE);
    fleet.control.recreateIdentity(identity('app'));
    fleet.takeRequests();
    await fleet.run(12 * MINUTE);

    expect(fleet.ready()).toEqual([]);
    expect(fleet.readyOf('set-7')?.reason).toBe('StaleIdentity');
    expect(fleet.takeRequests()['GET identity']).toBe(1);
  });
});

describe('many operations in one subscription', () => {
  it('are watched by list, and each costs one read of its own', async () => {
    await using fleet = new Fleet({ count: 120, has: ['dns'], settings: { operationMs: 20 * SECOND, pageSize: 60 } });
    fleet.start();
    await fleet.run(MINUTE);
    const { POLL: polls = 0, 'GET set': reads = 0, LIST: pages = 0, PATCH: writes = 0 } = fleet.takeRequests();

    expect(fleet.ready()).toHaveLength(120);
    expect(writes).toBe(120);
    expect(polls + reads + pages).toBeLessThanOrEqual(1.5 * writes);
  });

  it('are polled while they are few', async () => {
    await using fleet = new Fleet({ count: 30, has: ['dns'], settings: { operationMs: 20 * SECOND } });
    fleet.start();
    await fleet.run(MINUTE);

    expect(fleet.ready()).toHaveLength(30);
    expect(fleet.takeRequests()['POLL']).toBeGreaterThanOrEqual(60);
  });
});

describe('many scale sets in one subscription that others are at work on', () => {
  const atWork = (fleet: Fleet, state: 'Updating' | 'Succeeded'): void => {
    for (const name of fleet.names) fleet.control.drift(scaleSet(name), { kind: 'ProvisioningState', state });
  };

  it('are looked at by list, once a minute for all of them', async () => {
    await using fleet = new Fleet({ count: 60, has: ['dns'] });
    atWork(fleet, 'Updating');
    fleet.start();
    await fleet.run(3 * MINUTE);
    fleet.takeRequests();
    await fleet.run(8 * MINUTE);
    const { LIST: pages = 0, 'GET set': reads = 0, PATCH: writes = 0 } = fleet.takeRequests();

    expect({ reads, writes }).toEqual({ reads: 0, writes: 0 });
    expect(pages).toBeLessThanOrEqual(10);
  });

  it('are served as soon as a list shows that those are done', async () => {
    await using fleet = new Fleet({ count: 60, has: ['dns'] });
    atWork(fleet, 'Updating');
    fleet.start();
    await fleet.run(10 * MINUTE);
    atWork(fleet, 'Succeeded');
    fleet.takeRequests();
    await fleet.run(2 * MINUTE);

    expect(fleet.ready()).toHaveLength(60);
    expect(fleet.takeRequests()).toMatchObject({ PATCH: 60 });
  });

  it('are looked at one by one while they are few', async () => {
    await using fleet = new Fleet({ count: 30, has: ['dns'] });
    atWork(fleet, 'Updating');
    fleet.start();
    await fleet.run(3 * MINUTE);
    fleet.takeRequests();
    await fleet.run(5 * MINUTE);

    expect(fleet.takeRequests()['GET set']).toBeGreaterThan(90);
  });
});
