/** What `mode: Exclusive` may take away, and when: every rule that spares an identity or begins the wait anew. */
import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { HOUR, MINUTE, SECOND, World, type WorldParts } from './world.ts';

const EXCLUSIVE = policy({ exclusive: 'Allow' });

/** Others attached `bus` and `cdn`; `one` is Exclusive and has waited for 50 of its 60 seconds. */
async function waiting(parts: WorldParts = {}): Promise<World> {
  const world = new World({
    policies: [EXCLUSIVE],
    web: { identity: { userAssigned: ['bus', 'cdn'] } },
    bindings: [binding('one', { mode: 'Exclusive' }), binding('two', { namespace: 'other' })],
    ...parts,
  });
  await world.pass();
  await world.run(50 * SECOND);
  world.take();
  return world;
}

describe('the wait of an Exclusive binding', () => {
  const beginnings: Readonly<Record<string, (world: World) => void>> = {
    'a new binding that declares nothing of it': ({ cluster }) => {
      cluster.apply(binding('new', { namespace: 'other' }));
    },
    'a new binding that no policy permits': ({ cluster }) => {
      cluster.setPolicies(policy({ exclusive: 'Allow', namespaces: ['shop', 'other'] }));
      cluster.apply(binding('new', { namespace: 'stranger' }));
    },
    'a change of another binding': ({ cluster }) => {
      cluster.edit('two', { userAssigned: identityIds(['app', 'dns']) });
    },
    'a change of its own': ({ cluster }) => {
      cluster.edit('one', { deletionPolicy: 'Retain' });
    },
    'a binding that goes': ({ cluster }) => {
      cluster.delete('two');
    },
    'another identity that appears': ({ control }) => {
      control.drift(scaleSet(), { kind: 'Attach', identities: [identity('dns')] });
    },
    'another scale set under the same name': ({ control }) => {
      control.replaceScaleSet(scaleSet());
    },
  };

  it.each(Object.entries(beginnings))('begins anew with %s', async (_what, happen) => {
    const world = await waiting();
    happen(world);
    await world.pass();

    await world.run(50 * SECOND);
    const early = world.assigned();
    await world.run(20 * SECOND);

    expect(early).toEqual(expect.arrayContaining(['bus', 'cdn']));
    expect(world.assigned()).not.toContain('bus');
    expect(world.assigned()).not.toContain('cdn');
  });

  it('does not begin anew with a request to look again', async () => {
    const world = await waiting();
    world.cluster.requestPass('one');
    await world.pass();

    await world.run(11 * SECOND);

    expect(world.assigned()).toEqual(['app']);
  });

  it('ends with the permission to be Exclusive, and nothing is detached', async () => {
    const world = await waiting();
    world.cluster.setPolicies(policy());

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())?.spec.exclusive).toBeUndefined();
    expect(world.ready('one')?.reason).toBe('NotPermitted');
  });

  it('is kept for nothing that is ours: what nobody declares any more goes at once', async () => {
    const world = await waiting();
    world.cluster.edit('two', { userAssigned: identityIds(['app', 'dns']) });
    await world.pass();
    world.cluster.edit('two', { userAssigned: identityIds([]) });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned -dns']);
  });
});

describe('what an Exclusive binding never detaches', () => {
  it('is what a policy has come to protect during the wait, whomever the policy is for', async () => {
    const world = await waiting();
    world.cluster.setPolicies(EXCLUSIVE, {
      ...policy({ namespaces: ['nobody'], protected: [identity('bus')] }),
      scaleSets: ['/subscriptions/99999999-9999-4999-8999-999999999999/**'],
    });

    await world.pass();
    await world.run(5 * MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it('is the identity that the operator signs in with, nor does it announce it', async () => {
    const objectId = new World().control.identity(identity('bus')).principalId;
    const world = await waiting({ principal: { objectId } });
    const announced = world.cluster.binding('one').status.plan?.detach;

    await world.run(5 * MINUTE);

    expect(announced).toEqual([expect.stringMatching(/\/cdn$/)]);
    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it.each(['aks-managed-poolName', 'AKS-Managed-createOperationID', 'aks-managed-'])(
    'is anything on a scale set that AKS manages (tag %s)',
    async (tag) => {
      const world = await waiting({ web: { identity: { userAssigned: ['bus'] }, tags: { [tag]: 'x' } } });

      await world.run(HOUR);

      expect(world.takeWrites()).toEqual([]);
      expect(world.assigned()).toEqual(['app', 'bus']);
      expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'ExclusiveOnManagedScaleSet' });
      expect(world.identity('one', 'app')?.state).toBe('Assigned');
    },
  );
});

describe('what an Exclusive binding detaches', () => {
  it('gets no entry in the ledger: it was never ours', async () => {
    const world = await waiting();

    await world.run(11 * SECOND);

    const ledgers = world.take().filter((line) => line.startsWith('ledger'));
    expect(ledgers.filter((line) => /bus|cdn/.test(line))).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is also an orphan, when it has been announced', async () => {
    const world = await waiting({
      web: {},
      bindings: [binding('one', { mode: 'Exclusive' }), binding('two', { namespace: 'other', userAssigned: ['dns'] })],
    });
    world.cluster.deleteByForce('two');
    await world.pass();
    const announced = world.cluster.binding('one').status.plan?.detach;

    await world.run(61 * SECOND);

    expect(announced).toEqual([expect.stringMatching(/\/dns$/)]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is also what a binding declares that no policy permits', async () => {
    const world = await waiting({
      policies: [policy({ exclusive: 'Allow', namespaces: ['shop'] })],
      bindings: [binding('one', { mode: 'Exclusive' }), binding('two', { namespace: 'other', userAssigned: ['bus'] })],
    });

    await world.run(11 * SECOND);

    expect(world.assigned()).toEqual(['app']);
  });
});

describe('adopt', () => {
  const taking = (parts: WorldParts = {}): World =>
    new World({
      policies: [policy({ adopt: 'Allow' })],
      web: { identity: { userAssigned: ['bus', 'cdn'] } },
      bindings: [binding('one', { userAssigned: ['bus'], adopt: true })],
      ...parts,
    });

  it('is acted on when it comes later, by a ledger write alone', async () => {
    const world = taking({ bindings: [binding('one', { userAssigned: ['bus'] })] });
    await world.pass();
    const before = world.identity('one', 'bus')?.attachedByUs;
    world.cluster.edit('one', { userAssigned: identityIds(['bus'], true) });

    await world.pass();

    expect([before, world.identity('one', 'bus')?.attachedByUs]).toEqual([false, true]);
    expect(world.takeWrites()).toEqual([]);
  });

  it('counts only from a policy that allows that identity, too', async () => {
    const world = taking({
      policies: [
        policy({ adopt: 'Allow', userAssigned: [identity('cdn')] }),
        policy({ userAssigned: [identity('bus')] }),
      ],
    });

    await world.pass();

    expect(world.identity('one', 'bus')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(world.ready('one')?.reason).toBe('NotPermitted');
  });

  it('is not acted on for a binding that is suspended', async () => {
    const world = taking({ bindings: [binding('one', { userAssigned: ['bus'], adopt: true, suspend: true })] });

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });

  it('has what it took over detached when it is taken out of the list', async () => {
    const world = taking();
    await world.pass();
    world.cluster.edit('one', { userAssigned: [] });

    await world.pass();

    expect(world.assigned()).toEqual(['cdn']);
  });

  it('that is taken back gives nothing back to its owner: what was taken over stays ours', async () => {
    const world = taking();
    await world.pass();
    world.cluster.edit('one', { userAssigned: identityIds(['bus']) });

    await world.pass();

    expect(world.identity('one', 'bus')?.attachedByUs).toBe(true);
  });
});
