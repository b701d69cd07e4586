import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { phaseOf, reattaching, recreated, works } from './recreated.ts';
import { faults, HOUR, MINUTE, SECOND } from './world.ts';

describe('staleIdentities: Reattach', () => {
  it('detaches and attaches an identity that was created again, with the ledger before each', async () => {
    const world = await recreated();

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'GET app',
      'ledger: Reattaching app for one; operation',
      'PATCH web None',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
    expect(works(world)).toBe(true);
  });

  it('says when it begins and when it is done', async () => {
    const world = await recreated();

    await world.pass();

    expect(world.cluster.takeEvents()).toEqual([
      expect.stringContaining('Normal Reattaching one: '),
      expect.stringContaining('Normal Reattached one: '),
    ]);
  });

  it('warns of no default identity that is back in a moment', async () => {
    const world = await recreated({ web: { identity: { userAssigned: ['bus'] } } });

    await world.pass();

    expect(works(world)).toBe(true);
    expect(world.cluster.takeEvents().join('\n')).not.toContain('DefaultIdentityChanges');
  });

  it('leaves the other identities of the scale set alone', async () => {
    const world = await recreated({
      web: { identity: { userAssigned: ['dns'], systemAssigned: true } },
      bindings: [reattaching('one', { userAssigned: ['app', 'bus'] })],
    });

    await world.pass();

    expect(world.takeWrites()).toEqual([
      'PATCH web SystemAssigned+UserAssigned -app',
      'PATCH web SystemAssigned+UserAssigned +app',
    ]);
    expect(world.assigned()).toEqual(['app', 'bus', 'dns']);
  });

  it('takes two of them in one request', async () => {
    const parts = { bindings: [reattaching('one', { userAssigned: ['app', 'bus', 'cdn'] })] };
    const world = await recreated(parts, ['app', 'bus']);

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -app -bus', 'PATCH web UserAssigned +app +bus']);
  });

  it('finds one that the scale set shows without a client id', async () => {
    const world = await recreated({ settings: { deletedIdentity: 'NullIds' } });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None', 'PATCH web UserAssigned +app']);
    expect(works(world)).toBe(true);
  });

  it('finds one that was taken for what an operation left undone, when that has been done again', async () => {
    const world = await recreated({ settings: { deletedIdentity: 'NullIds' } });
    world.cluster.edit('one', { staleIdentities: 'Report' });
    await world.pass();
    world.cluster.edit('one', { staleIdentities: 'Reattach', userAssigned: identityIds(['app', 'bus']) });
    world.fault(faults.getIdentity('app'), { kind: 'status', status: 503 });
    world.fault(faults.patch, { kind: 'reset', applied: true });
    await world.pass();
    await world.run(MINUTE);
    const failed = world.identity('one', 'app');

    await world.run(10 * MINUTE);
    await world.pass();

    expect(failed).toMatchObject({ state: 'Failed', reason: 'OperationFailed' });
    expect(works(world)).toBe(true);
  });

  it('frees a scale set that Azure keeps from any other change for its sake', async () => {
    const world = await recreated({ settings: { deadIdentityBlocksWrites: 'FailedIdentityOperation' } });
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });
    await world.list();

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('writes nothing any more afterwards', async () => {
    const world = await recreated();
    await world.pass();
    world.take();

    await world.listIdentities();
    await world.run(HOUR);
    await world.pass();

    expect(world.take().filter((line) => !/^(GET|LIST)/.test(line))).toEqual([]);
  });

  it('is no drift, though the identity is off for a while', async () => {
    const world = await recreated({ operationMs: 10 * SECOND });

    await world.pass();
    await world.run(5 * MINUTE);

    expect(works(world)).toBe(true);
    expect(world.heard.filter((line) => line.startsWith('drift'))).toEqual([]);
  });

  it('shows what is being done while Azure works on it', async () => {
    const world = await recreated({ operationMs: 10 * SECOND });

    await world.pass();
    const during = [world.ready('one')];
    await world.run(16 * SECOND);
    during.push(world.ready('one'));
    await world.run(MINUTE);

    expect(during).toMatchObject([
      { status: 'False', reason: 'Detaching', message: expect.stringContaining('to be attached again') },
      { status: 'False', reason: 'Assigning', message: expect.stringContaining('is being attached again') },
    ]);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('goes by what a list shows no further than to read the scale set and the identity', async () => {
    const world = await recreated();
    await world.list();
    world.take();

    await world.pass();

    expect(world.take().slice(0, 2)).toEqual(['GET web', 'GET app']);
    expect(works(world)).toBe(true);
  });

  it('begins as soon as the identity can be read', async () => {
    const world = await recreated();
    world.fault(faults.getIdentity('app'), { kind: 'status', status: 503 });

    await world.pass();
    const early = { writes: world.takeWrites(), waitMs: world.waitMs };
    await world.run(MINUTE);

    expect(early).toEqual({ writes: [], waitMs: 30 * SECOND });
    expect(works(world)).toBe(true);
  });
});

describe('an identity that is stale and is not reattached', () => {
  const vetoed = { bindings: [reattaching('one'), binding('two', { namespace: 'secret' })] };

  it.each([
    ['another binding on Report vetoes it', vetoed, 'another binding that declares it says staleIdentities: Report'],
    [
      'another one is on Observe',
      { bindings: [reattaching('one'), reattaching('two', { namespace: 'secret', managementPolicy: 'Observe' })] },
      'is suspended or on Observe',
    ],
    ['someone else attached it', { web: { identity: { userAssigned: ['app'] } } }, 'someone else attached it'],
    ['a policy protects it', { policies: [policy({ protected: [identity('app')] })] }, 'a policy protects it'],
  ] as const)('stays as it is when %s, and says so', async (_, parts, message) => {
    const world = await recreated(parts);

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Stale', reason: 'StaleIdentity' });
    expect(world.identity('one', 'app')?.message).toContain(message);
    expect(JSON.stringify(world.cluster.binding('one').status)).not.toMatch(/secret|two/);
  });

  it('is told on Report as it always was', async () => {
    const world = await recreated(vetoed);

    await world.pass();

    expect(world.identity('two', 'app')?.message).toContain('detach and attach it to have it work');
  });

  it('is reattached when the last one on Report goes, and its word with it', async () => {
    const world = await recreated(vetoed);
    await world.pass();
    world.cluster.edit('two', { staleIdentities: 'Reattach' });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web None', 'PATCH web UserAssigned +app']);
    expect(works(world)).toBe(true);
  });

  it('is not vetoed by a binding that no policy permits, or that is being deleted', async () => {
    const world = await recreated({
      bindings: [reattaching('one'), binding('two', { namespace: 'other' }), binding('three')],
      policies: [policy({ namespaces: ['shop'] })],
    });
    world.cluster.delete('three');

    await world.pass();

    expect(works(world)).toBe(true);
  });

  it('waits while a binding that declares it is suspended', async () => {
    const world = await recreated({ bindings: [reattaching('one'), reattaching('two')] });
    world.cluster.edit('two', { suspend: true });
    await world.pass();
    const suspended = world.takeWrites();
    world.cluster.edit('two', { suspend: false });

    await world.pass();

    expect(suspended).toEqual([]);
    expect(works(world)).toBe(true);
  });

  it('waits while somebody else is at work on the scale set', async () => {
    const world = await recreated();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    await world.pass();
    const busy = world.takeWrites();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });

    await world.run(5 * MINUTE);

    expect(busy).toEqual([]);
    expect(works(world)).toBe(true);
  });

  it('is left alone for 24 hours after it was reattached, whatever process looks', async () => {
    const world = await recreated();
    await world.pass();
    await world.clock.advance(HOUR);
    world.control.recreateIdentity(identity('app'));
    await world.listIdentities();
    await world.clock.advance(SECOND);
    world.take();
    await world.pass();
    const again = world.identity('one', 'app');
    world.restart();
    await world.pass();
    await world.run(22 * HOUR);
    const early = world.takeWrites();
    await world.run(HOUR);

    expect(again).toMatchObject({ state: 'Stale', message: expect.stringContaining('less than 24 hours') });
    expect(again?.nextAttemptTime).toBe('2026-05-08T07:34:42.000Z');
    expect(early).toEqual([]);
    expect(world.takeWrites()).toEqual(['PATCH web None', 'PATCH web UserAssigned +app']);
    expect(phaseOf(world)).toBe('Attached');
  });

  it('is void with the scale set that it was on', async () => {
    const world = await recreated();
    world.crashBefore('PATCH');
    await expect(world.pass()).rejects.toThrow('crash');
    world.control.replaceScaleSet(scaleSet());
    world.restart();

    await world.pass();

    expect(phaseOf(world)).toBeUndefined();
    expect(world.assigned()).toEqual(['app']);
    expect(world.control.requests().filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });
});
