/** Several bindings of one scale set are one decision: none of them loses what another wants or holds. */
import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, type BindingOptions, identityIds, policy } from './objects.ts';
import { MINUTE, World } from './world.ts';

/** A world in which these bindings are served, and which tells only what comes after. */
async function served(...bindings: readonly ReturnType<typeof binding>[]): Promise<World> {
  const world = new World({ web: { identity: { userAssigned: ['dns'] } }, bindings });
  await world.pass();
  world.take();
  return world;
}

const membersOf = (world: World): readonly (readonly string[])[] | undefined =>
  world.cluster.ledgerOf(world.key())?.spec.entries.map((entry) => entry.for.map(({ name }) => name));

describe('an identity whose binding goes while another declares it', () => {
  const ways: Readonly<Record<string, (world: World) => void>> = {
    'is deleted': ({ cluster }) => {
      cluster.delete('one');
    },
    'no longer lists it': ({ cluster }) => {
      cluster.edit('one', { userAssigned: identityIds([]) });
    },
    'is deleted and retains': ({ cluster }) => {
      cluster.edit('one', { deletionPolicy: 'Retain' });
      cluster.delete('one');
    },
  };

  describe.each(Object.entries(ways))('because it %s', (_how, leave) => {
    it.each(['shop', 'other'])('is handed over without a PATCH in between (to %s)', async (namespace) => {
      const world = await served(binding('one'));
      world.cluster.apply(binding('two', { namespace }));
      leave(world);

      await world.pass();
      await world.run(10 * MINUTE);

      expect(world.takeWrites()).toEqual([]);
      expect(membersOf(world)).toEqual([['two']]);
      expect(world.identity('two', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
    });

    it('goes with the last of them', async () => {
      const world = await served(binding('one'));
      world.cluster.apply(binding('two', { namespace: 'other' }));
      leave(world);
      await world.pass();
      world.cluster.delete('two');

      await world.pass();

      expect(world.assigned()).toEqual(['dns']);
      expect(world.cluster.has('two')).toBe(false);
    });
  });

  it('is handed over also when it is declared only after the other asked to go', async () => {
    const world = await served(binding('one'));
    world.cluster.delete('one');
    world.cluster.apply(binding('two', { namespace: 'other' }));

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.has('one')).toBe(false);
    expect(membersOf(world)).toEqual([['two']]);
  });

  it('is handed over with the system-assigned identity', async () => {
    const world = await served(binding('one', { systemAssigned: 'Enabled' }));
    world.cluster.apply(binding('two', { namespace: 'other', systemAssigned: 'Enabled' }));
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())?.spec.systemAssigned?.for).toMatchObject([{ name: 'two' }]);
  });
});

describe('systemAssigned: Enabled beside Disabled', () => {
  const ENABLED: BindingOptions = { userAssigned: [], systemAssigned: 'Enabled' };
  const DISABLED: BindingOptions = { userAssigned: [], systemAssigned: 'Disabled' };

  it.each([
    ['first', ['enabling', 'disabling']],
    ['last', ['disabling', 'enabling']],
  ])('wins, though it came %s', async (_when, order) => {
    const world = new World();
    for (const name of order) {
      world.cluster.apply(binding(name, name === 'enabling' ? ENABLED : DISABLED));
      await world.pass();
    }

    expect(world.isSystemAssigned()).toBe(true);
    expect(world.ready('enabling')?.status).toBe('True');
    expect(world.ready('disabling')).toMatchObject({ status: 'False', reason: 'Conflict' });
  });

  it.each(['Detach', 'Retain'] as const)(
    'lets Disabled have its way when it goes, with deletionPolicy: %s',
    async (deletionPolicy) => {
      const enabling = binding('enabling', { ...ENABLED, deletionPolicy });
      const world = await served(enabling, binding('disabling', { ...DISABLED, namespace: 'other' }));
      world.cluster.delete('enabling');

      await world.pass();

      expect(world.takeWrites()).toEqual(['PATCH web UserAssigned']);
      expect(world.isSystemAssigned()).toBe(false);
      expect(world.cluster.has('enabling')).toBe(false);
      expect(world.ready('disabling')).toMatchObject({ status: 'True', reason: 'Assigned' });
    },
  );

  it('has the rest of both served', async () => {
    const world = await served(
      binding('enabling', { ...ENABLED, userAssigned: ['app'] }),
      binding('disabling', { ...DISABLED, userAssigned: ['bus'] }),
    );

    expect(world.assigned()).toEqual(['app', 'bus', 'dns']);
    expect(world.identity('disabling', 'bus')?.state).toBe('Assigned');
  });

  it('does not win where no policy allows it', async () => {
    const world = new World({
      web: { identity: { systemAssigned: true } },
      bindings: [binding('enabling', ENABLED), binding('disabling', { ...DISABLED, namespace: 'other' })],
      policies: [policy({ namespaces: ['other'] }), policy({ namespaces: ['shop'], systemAssigned: 'Deny' })],
    });

    await world.pass();

    expect(world.isSystemAssigned()).toBe(false);
    expect(world.ready('enabling')?.reason).toBe('NotPermitted');
  });
});

describe('ids that differ only in case', () => {
  const SPELLED = identity('APP').replace('resourceGroups/shop', 'RESOURCEGROUPS/Shop');

  it('are one identity: one key in one PATCH, and one entry for both bindings', async () => {
    const world = new World({ bindings: [binding('one'), binding('two', { userAssigned: [SPELLED] })] });

    await world.pass();

    expect(world.takeWrites()).toEqual([expect.stringMatching(/^PATCH web UserAssigned \+app$/i)]);
    expect(membersOf(world)).toEqual([['one', 'two']]);
    expect([world.ready('one')?.status, world.ready('two')?.status]).toEqual(['True', 'True']);
  });

  it('are shown to each binding as it spells them', async () => {
    const world = new World({ bindings: [binding('one'), binding('two', { userAssigned: [SPELLED] })] });

    await world.pass();

    expect(world.cluster.binding('one').status.userAssigned?.[0]?.resourceId).toBe(identity('app'));
    expect(world.cluster.binding('two').status.userAssigned?.[0]?.resourceId).toBe(SPELLED);
  });

  it('keep the identity for one another', async () => {
    const world = await served(binding('one'), binding('two', { userAssigned: [SPELLED] }));
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(membersOf(world)).toEqual([['two']]);
  });
});

describe('a binding that is frozen', () => {
  const kinds: Readonly<Record<string, (world: World) => void>> = {
    'because it is suspended': ({ cluster }) => {
      cluster.edit('frozen', { suspend: true });
    },
    'because it only observes': ({ cluster }) => {
      cluster.edit('frozen', { managementPolicy: 'Observe' });
    },
    'because its policy was taken back': ({ cluster }) => {
      cluster.setPolicies(policy({ namespaces: ['shop'] }));
    },
    'because its policy names another identity now': ({ cluster }) => {
      const narrowed = policy({ namespaces: ['other'], userAssigned: [identity('cdn')] });
      cluster.setPolicies(policy({ namespaces: ['shop'] }), narrowed);
    },
  };

  /** `frozen` has `app` together with `one`, and `bus` by itself; then it is frozen. */
  async function frozen(freeze: (world: World) => void): Promise<World> {
    const both = binding('frozen', { namespace: 'other', userAssigned: ['app', 'bus'] });
    const world = await served(binding('one'), both);
    freeze(world);
    await world.pass();
    world.take();
    return world;
  }

  it.each(Object.entries(kinds))('%s loses nothing to a binding that goes', async (_why, freeze) => {
    const world = await frozen(freeze);
    world.cluster.delete('one');

    await world.pass();
    await world.run(10 * MINUTE);

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'bus', 'dns']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it.each(Object.entries(kinds))('%s holds up nobody else', async (_why, freeze) => {
    const world = await frozen(freeze);
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'cdn']) });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it.each(Object.entries(kinds))('%s is not given again what others take off', async (_why, freeze) => {
    const world = await frozen(freeze);
    world.control.drift(world.control.scaleSet(binding('_').spec.scaleSet.resourceId).id, {
      kind: 'Strip',
      identities: [identity('bus')],
    });

    await world.pass();
    await world.run(10 * MINUTE);

    expect(world.takeWrites()).toEqual([]);
  });
});

describe('a binding that no policy allowed from the start', () => {
  it('shields nothing: what it declares goes when the binding goes that it was attached for', async () => {
    const world = new World({
      bindings: [binding('one'), binding('two', { namespace: 'other' })],
      policies: [policy({ namespaces: ['shop'] })],
    });
    await world.pass();
    world.cluster.delete('one');

    await world.pass();

    expect(world.assigned()).toEqual([]);
    expect(world.ready('two')?.reason).toBe('NotPermitted');
  });
});
