import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { World } from './world.ts';

describe('a pass where nothing differs', () => {
  it('reads the scale set, and writes nothing anywhere', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.take();

    expect(await world.pass()).toEqual({});
    expect(world.take()).toEqual(['GET web']);
  });

  it('does not even read it where a list has shown it', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    await world.clock.advance(1);
    await world.list();
    world.take();

    await world.pass();

    expect(world.take()).toEqual([]);
  });

  it('writes no ledger for what others attached', async () => {
    const world = new World({ web: { identity: { userAssigned: ['app', 'bus'] } }, bindings: [binding('one')] });

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 1/1']);
    expect(world.cluster.binding('one').status).toMatchObject({ foreignCount: 1 });
    expect(world.cluster.binding('one').metadata).not.toHaveProperty('finalizers');
  });

  it('minds no other spelling of what is there', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Recase', to: 'upper' });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web']);
  });

  it('asks nothing of Azure for a binding whose scale set no policy allows', async () => {
    const world = new World({ bindings: [binding('one')], policies: [] });

    await world.pass();

    expect(world.take()).toEqual(['status one: False NotPermitted 0/1']);
    expect(world.ready('one')?.message).toContain('kind: VmssIdentityPolicy');
  });

  it('comes again when a binding that is not permitted turns from Reconciling to Stalled', async () => {
    const world = new World({ bindings: [binding('one')], policies: [] });
    await world.pass();
    world.take();

    await world.run(3 * 60_000);

    expect(world.take()).toEqual(['status one: False NotPermitted 0/1']);
    expect(world.cluster.binding('one').status.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled' }));
  });

  it('asks nothing of Azure for a suspended binding', async () => {
    const world = new World({ bindings: [binding('one', { suspend: true })] });

    await world.pass();

    expect(world.take()).toEqual(['status one: Unknown Suspended 0/1']);
  });

  it('reads the scale set for a binding that observes, and writes nothing to Azure', async () => {
    const world = new World({ bindings: [binding('one', { managementPolicy: 'Observe' })] });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.reason).toBe('WouldChange');
  });

  it('answers a request to look again', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.requestPass('one');
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 1/1']);
    expect(world.cluster.binding('one').status.lastHandledReconcileAt).toBe('2026-05-07T07:32:41.000Z');
  });

  it('has nothing to do for a scale set that nobody binds any more', async () => {
    expect(await new World().pass()).toEqual({});
  });

  it('sends an id that is none to nobody', async () => {
    const world = new World({ bindings: [binding('one')] });
    const forged = scaleSet('web/../../../secrets');
    world.cluster.writeLedgerByHand({ scaleSetId: forged, entries: [], foreign: [] });

    expect(await world.pass('web/../../../secrets')).toEqual({});
    expect(world.take()).toEqual([]);
    expect(world.logger.entries.map(({ level }) => level)).toContain('error');
  });
});

describe('a policy', () => {
  it('that is taken back freezes what was attached', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.setPolicies();
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['status one: False NotPermitted 0/1']);
    expect(world.assigned()).toEqual(['app']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'NotPermitted', attachedByUs: true });
  });

  it('that is given back unfreezes it without a write to Azure', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.cluster.setPolicies();
    await world.pass();
    world.cluster.setPolicies(policy());
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('that allows some of the identities has those attached', async () => {
    const world = new World({
      bindings: [binding('one', { userAssigned: ['app', 'bus'] })],
      policies: [policy({ userAssigned: [identity('app')] })],
    });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.identity('one', 'bus')).toMatchObject({ state: 'NotPermitted', attachedByUs: false });
    expect(world.ready('one')?.reason).toBe('NotPermitted');
  });
});
