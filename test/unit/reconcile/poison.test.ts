/** One identity that Azure does not take, whatever is wrong with it: it fails alone, costs next to nothing, and heals by itself. */
import { describe, expect, it } from 'vitest';

import { clientId, identity, otherSubscriptionId, subscriptionId } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, World } from './world.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const NOWHERE = '99999999-9999-4999-8999-999999999999';

interface Poison {
  readonly id: string;
  /** Before anybody declares it. */
  readonly spoil?: (world: World) => void;
  readonly heal?: (world: World) => void;
  readonly shows: { readonly state: string; readonly reason: string; readonly message: unknown };
  /** Refused PATCHes in the first two hours. */
  readonly refusedWrites: number;
}

const deny = (world: World): void => {
  world.control.setRights(clientId, { denials: [{ scope: identity('bad'), actions: [ASSIGN] }] });
};
const permit = (world: World): void => {
  world.control.setRights(clientId, { denials: [] });
};
const unreadableRights = (world: World): void => {
  deny(world);
  world.fault(faults.permissions, { kind: 'status', status: 403, code: 'AuthorizationFailed' }, { count: null });
};
const restrict = (world: World): void => {
  const properties = {
    principalId: 'p',
    clientId: 'c',
    tenantId: 't',
    assignmentRestrictions: { providers: ['Microsoft.Web'] },
  };
  const body = { id: identity('bad'), name: 'bad', location: 'westeurope', properties };
  world.fault(faults.getIdentity('bad'), { kind: 'status', status: 200, body }, { count: null });
};
const clearFaults = ({ control }: World): void => {
  control.clearFaults();
};

const POISONS: Readonly<Record<string, Poison>> = {
  'does not exist': {
    id: identity('bad'),
    spoil: ({ control }) => {
      control.deleteIdentity(identity('bad'));
    },
    heal: ({ control }) => {
      control.createIdentity(identity('bad'));
    },
    shows: { state: 'Missing', reason: 'IdentityMissing', message: expect.stringContaining('create it') },
    refusedWrites: 0,
  },
  'may not be assigned, as its permissions say': {
    id: identity('bad'),
    spoil: deny,
    heal: permit,
    shows: {
      state: 'NotAuthorised',
      reason: 'IdentityRefused',
      message: expect.stringContaining('Managed Identity Operator'),
    },
    refusedWrites: 1,
  },
  'may not be assigned, and whose permissions may not be read': {
    id: identity('bad'),
    spoil: unreadableRights,
    heal: permit,
    shows: {
      state: 'NotAuthorised',
      reason: 'IdentityRefused',
      message: expect.stringContaining('Managed Identity Operator'),
    },
    // At once, and after 5, 15, 35 and 75 minutes.
    refusedWrites: 5,
  },
  'is restricted to resources of another kind': {
    id: identity('bad'),
    spoil: restrict,
    heal: clearFaults,
    shows: { state: 'Failed', reason: 'IdentityRefused', message: expect.stringContaining('assignmentRestrictions') },
    refusedWrites: 0,
  },
  'lies in a subscription of another tenant': {
    id: identity('bad').replace(subscriptionId, otherSubscriptionId),
    shows: { state: 'Failed', reason: 'IdentityRefused', message: expect.stringContaining("another tenant's") },
    refusedWrites: 5,
  },
  'lies in a subscription that this cloud does not have': {
    id: identity('bad').replace(subscriptionId, NOWHERE),
    shows: { state: 'Failed', reason: 'IdentityRefused', message: expect.stringContaining("another tenant's") },
    refusedWrites: 5,
  },
};

/** `one` declares the bad one between two good ones. */
function poisoned({ id, spoil }: Poison): World {
  const everywhere = [subscriptionId, otherSubscriptionId, NOWHERE].map((each) => `/subscriptions/${each}/**`);
  const world = new World({
    identities: ['app', 'bad', 'bus', 'cdn'],
    bindings: [binding('one', { userAssigned: ['app', id, 'bus'] })],
    policies: [policy({ userAssigned: everywhere })],
  });
  spoil?.(world);
  return world;
}

const verdictOf = (world: World, id: string) =>
  world.cluster.binding('one').status.userAssigned?.find(({ resourceId }) => resourceId === id);
const refusedIn = (lines: readonly string[]): number => lines.filter((line) => / → 4\d\d$/.test(line)).length;

describe.each(Object.entries(POISONS))('an identity that %s', (_what, poison) => {
  it('fails alone: the good ones land in the same pass', async () => {
    const world = poisoned(poison);

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.identity('one', 'app')?.state).toBe('Assigned');
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: poison.shows.reason });
  });

  it('has its own state, reason, message and time of the next attempt', async () => {
    const world = poisoned(poison);

    await world.pass();

    const shown = verdictOf(world, poison.id);
    expect(shown).toMatchObject({ ...poison.shows, attachedByUs: false });
    expect(Date.parse(shown?.nextAttemptTime ?? '')).toBeGreaterThan(world.clock.now());
    expect(Date.parse(shown?.nextAttemptTime ?? '')).toBeLessThanOrEqual(world.clock.now() + HOUR);
  });

  it('leaves no claim in the ledger', async () => {
    const world = poisoned(poison);

    await world.pass();

    const entries = world.cluster.ledgerOf(world.key())?.spec.entries ?? [];
    expect(entries.map(({ resourceId }) => resourceId)).not.toContain(poison.id);
  });

  it('costs one refused write a step at most', async () => {
    const world = poisoned(poison);

    await world.pass();
    await world.run(2 * HOUR);

    expect(refusedIn(world.takeWrites())).toBe(poison.refusedWrites);
  });

  it('is not driven by anything that has nothing to do with it', async () => {
    const world = poisoned(poison);
    await world.pass();
    await world.run(16 * MINUTE);
    world.take();
    const due = verdictOf(world, poison.id)?.nextAttemptTime;

    for (const what of ['two', 'three', 'four']) {
      world.cluster.apply(binding(what, { namespace: 'other', userAssigned: ['cdn'] }));
      world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });
      await world.pass();
      world.cluster.requestPass(what);
      await world.pass();
    }

    expect(refusedIn(world.takeWrites())).toBe(0);
    expect(verdictOf(world, poison.id)?.nextAttemptTime).toBe(due);
    expect(world.assigned()).toEqual(['app', 'bus', 'cdn']);
  });

  it('does not hold up what is declared beside it later, nor what is to be taken back', async () => {
    const world = poisoned(poison);
    await world.pass();
    world.take();
    world.cluster.apply(binding('two', { namespace: 'other', userAssigned: ['cdn'] }));
    await world.pass();
    world.cluster.delete('two');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn', 'PATCH web UserAssigned -cdn']);
  });

  it('is forgotten when it is taken out of the list: the binding is Ready at once', async () => {
    const world = poisoned(poison);
    await world.pass();
    world.cluster.edit('one', { userAssigned: identityIds(['app', 'bus']) });

    await world.pass();

    expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });
});

describe.each(Object.entries(POISONS).filter(([, { heal }]) => heal !== undefined))(
  'an identity that %s, and then does no more',
  (_what, poison) => {
    it('is attached by itself, without anybody asking', async () => {
      const world = poisoned(poison);
      await world.pass();
      await world.run(HOUR);
      poison.heal?.(world);
      world.take();

      await world.run(HOUR + MINUTE);

      expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bad']);
      expect(world.ready('one')).toMatchObject({ status: 'True', reason: 'Assigned' });
    });

    it('is attached at once when somebody asks', async () => {
      const world = poisoned(poison);
      await world.pass();
      await world.run(10 * MINUTE);
      poison.heal?.(world);
      world.cluster.requestPass('one');

      await world.pass();

      expect(world.assigned()).toEqual(['app', 'bad', 'bus']);
    });
  },
);
