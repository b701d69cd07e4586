import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World, type WorldParts } from './world.ts';

/** A world in which `app` was attached, is assigned, and the identities were listed. */
async function assigned(parts: WorldParts = {}): Promise<World> {
  const world = new World({ bindings: [binding('one')], ...parts });
  await world.pass();
  await world.clock.advance(SECOND);
  await world.listIdentities();
  await world.clock.advance(MINUTE);
  world.take();
  return world;
}

/** As {@link assigned}, and `app` was created again since; the scale set goes on showing its old ids. */
async function recreated(parts: WorldParts = {}): Promise<World> {
  const world = await assigned(parts);
  world.control.recreateIdentity(identity('app'));
  await world.listIdentities();
  await world.clock.advance(SECOND);
  world.take();
  return world;
}

const statusOf = (world: World) => ({ ready: world.ready('one')?.reason, state: world.identity('one', 'app')?.state });
const ASSIGNED = { ready: 'Assigned', state: 'Assigned' };
const STALE = { ready: 'StaleIdentity', state: 'Stale' };
const MISSING = { ready: 'IdentityMissing', state: 'Missing' };

describe('an identity that was created again under the same name', () => {
  it('is Stale, though the scale set shows a client id, after one look at the identity itself', async () => {
    const world = await recreated();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET app', 'status one: False StaleIdentity 0/1']);
    expect(statusOf(world)).toEqual(STALE);
    expect(world.identity('one', 'app')).not.toHaveProperty('clientId');
  });

  it('brings a pass to the scale set that shows it', async () => {
    const world = await recreated();

    expect(world.contradicted).toEqual(['web']);
  });

  it('is asked about once, not in every pass', async () => {
    const world = await recreated();
    await world.pass();
    world.take();

    await world.pass();
    await world.clock.advance(10 * MINUTE);
    await world.listIdentities();
    await world.pass();

    expect(world.take()).toEqual(['GET web', 'LIST identities', 'GET web']);
    expect(statusOf(world)).toEqual(STALE);
  });

  it('costs one look for all scale sets that show it', async () => {
    const world = await assigned({
      scaleSets: [{ name: 'api' }],
      bindings: [binding('one'), binding('two', { scaleSet: 'api' })],
    });
    await world.pass('api');
    world.control.recreateIdentity(identity('app'));
    await world.listIdentities();
    await world.clock.advance(SECOND);
    await world.pass('web');
    world.take();

    await world.pass('api');

    expect(world.take()).toEqual(['GET api', 'status two: False StaleIdentity 0/1']);
  });

  it('is Assigned again when somebody detaches and attaches it', async () => {
    const world = await recreated();
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });
    world.take();

    await world.pass();

    expect(world.take()).toEqual(['GET web', 'status one: True Assigned 1/1']);
  });

  it('is not touched: what Azure is to do about it is for people to say', async () => {
    const world = await recreated();
    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('stays Stale while somebody else is at work on the scale set, and while Azure cannot be asked', async () => {
    const world = await recreated();
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    await world.pass();
    const during = world.identity('one', 'app')?.state;
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });
    world.cluster.edit('one', {
      userAssigned: [
        { resourceId: identity('app'), adopt: false },
        { resourceId: identity('bus'), adopt: false },
      ],
    });
    world.fault(faults.patch, { kind: 'status', status: 403, code: 'ScopeLocked' });
    await world.pass();

    expect(during).toBe('Stale');
    expect(world.ready('one')?.reason).toBe('BlockedByAdministrator');
    expect(world.identity('one', 'app')?.state).toBe('Stale');
  });
});

describe('an identity that was deleted', () => {
  it('is Missing, though the scale set shows a client id, once a GET has said so', async () => {
    const world = await assigned();
    world.control.deleteIdentity(identity('app'));
    await world.listIdentities();
    const asked = world.take();
    await world.pass();

    expect(asked).toEqual(['LIST identities', 'GET app → 404']);
    expect(world.contradicted).toEqual(['web']);
    expect(statusOf(world)).toEqual(MISSING);
    expect(world.take()).toEqual(['GET web', 'status one: False IdentityMissing 0/1']);
  });

  it('is Stale once there is another one of its name', async () => {
    const world = await assigned();
    world.control.deleteIdentity(identity('app'));
    await world.listIdentities();
    await world.pass();
    world.control.createIdentity(identity('app'));
    await world.listIdentities();
    world.take();

    await world.pass();

    expect(statusOf(world)).toEqual(STALE);
    expect(world.take()).not.toContain('GET app');
  });

  it('is not one that a list lacks: absence proves nothing', async () => {
    const world = await assigned();
    world.fault({ path: 'userAssignedIdentities$' }, { kind: 'status', status: 200, body: { value: [] } });
    await world.listIdentities();
    await world.pass();

    expect(statusOf(world)).toEqual(ASSIGNED);
    expect(world.contradicted).toEqual([]);
  });
});

describe('a list of identities that lags behind', () => {
  it('costs a look, and makes nothing of an identity that works', async () => {
    const world = await assigned();
    world.control.recreateIdentity(identity('app'));
    world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('app')] });

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET app', expect.stringContaining('status'), 'GET web']);
    expect(statusOf(world)).toEqual(ASSIGNED);
  });

  it('leaves alone what nobody can find out more about', async () => {
    const world = await assigned();
    world.control.recreateIdentity(identity('app'));
    await world.listIdentities();
    await world.clock.advance(SECOND);
    world.fault(faults.getIdentity('app'), { kind: 'status', status: 403, code: 'AuthorizationFailed' });
    world.take();

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET app → 403', 'GET web']);
    expect(statusOf(world)).toEqual(ASSIGNED);
  });
});

describe('a new process', () => {
  /** A world in which the last process found `app` to be stale. */
  async function restarted(deleted = false): Promise<World> {
    const world = await assigned();
    if (deleted) world.control.deleteIdentity(identity('app'));
    else world.control.recreateIdentity(identity('app'));
    await world.listIdentities();
    await world.clock.advance(SECOND);
    await world.pass();
    world.restart();
    world.take();
    return world;
  }

  it.each([
    ['stale', false, STALE, 'GET app'],
    ['missing', true, MISSING, 'GET app → 404'],
  ])('looks once at an identity that the last one found %s, and says so still', async (_, deleted, expected, look) => {
    const world = await restarted(deleted);

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web', look, 'GET web']);
    expect(statusOf(world)).toEqual(expected);
  });

  it('says so still while the identity cannot be read, and looks again', async () => {
    const world = await restarted();
    world.fault(faults.getIdentity('app'), { kind: 'status', status: 503 });

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET app → 503', 'GET web', 'GET app']);
    expect(statusOf(world)).toEqual(STALE);
  });

  it('takes it for Assigned where it may not read the identity', async () => {
    const world = await restarted();
    world.fault(
      faults.getIdentity('app'),
      { kind: 'status', status: 403, code: 'AuthorizationFailed' },
      { count: null },
    );

    await world.pass();
    await world.pass();

    expect(world.take()).toEqual(['GET web', 'GET app → 403', 'status one: True Assigned 1/1', 'GET web']);
  });
});

describe('identities that nobody granted', () => {
  it('are not asked about, whatever a binding declares', async () => {
    const world = new World({
      web: { identity: { userAssigned: ['bus'] } },
      bindings: [binding('one', { userAssigned: ['app', 'bus'] })],
      policies: [policy({ userAssigned: [identity('app')] })],
      settings: { deletedIdentity: 'NullIds' },
    });
    world.control.recreateIdentity(identity('bus'));
    await world.pass();
    await world.listIdentities();

    expect(world.take().filter((line) => line.includes('bus'))).toEqual([]);
    expect(world.roster.known(world.identityKey('bus'))).toBeUndefined();
    expect(world.identity('one', 'bus')?.state).toBe('NotPermitted');
  });

  it('are not asked about any more when the policy is taken back, the binding is suspended, or deleted', async () => {
    for (const end of [
      (world: World) => world.cluster.setPolicies(),
      (world: World) => world.cluster.edit('one', { suspend: true }),
      (world: World) => world.cluster.delete('one'),
    ]) {
      const world = await assigned();
      const before = world.roster.isWanted(world.identityKey('app'));
      end(world);
      await world.pass();

      expect(before).toBe(true);
      expect(world.roster.isWanted(world.identityKey('app'))).toBe(false);
    }
  });
});

describe('an identity without a client id on the scale set', () => {
  it('is asked about once, not in every pass', async () => {
    const world = await assigned({ settings: { deletedIdentity: 'NullIds' } });
    world.control.recreateIdentity(identity('app'));
    await world.pass();
    await world.clock.advance(SECOND);
    await world.pass();
    world.take();

    await world.clock.advance(SECOND);
    await world.pass();

    expect(world.take()).toEqual(['GET web']);
    expect(statusOf(world)).toEqual(STALE);
  });

  it('that is missing is looked for on its schedule, not in every pass', async () => {
    const world = await assigned({ settings: { deletedIdentity: 'NullIds' } });
    world.control.deleteIdentity(identity('app'));
    await world.pass();
    await world.clock.advance(SECOND);
    await world.pass();
    world.take();
    await world.clock.advance(SECOND);
    await world.pass();
    const soon = world.take();

    await world.run(MINUTE);

    expect(soon).toEqual(['GET web']);
    expect(world.take()).toContain('GET app → 404');
    expect(statusOf(world)).toEqual(MISSING);
  });
});
