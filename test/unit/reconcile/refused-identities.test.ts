import { describe, expect, it } from 'vitest';

import { clientId, identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const READ = 'Microsoft.ManagedIdentity/userAssignedIdentities/read';

/** The operator may not do this with the identities of these names. */
function deny(world: World, action: string, ...names: readonly string[]): void {
  world.control.setRights(clientId, {
    denials: names.map((name) => ({ scope: identity(name), actions: [action] })),
  });
}

/** `bus` and what follows is not there, and the operator cannot even see that: only refusals tell. */
function unreadable(...missing: readonly string[]): World {
  const names = ['app', ...missing];
  const world = new World({
    bindings: [binding('one', { userAssigned: names })],
    identities: [...names],
    settings: { missingIdentity: 'FailedIdentityOperation' },
  });
  for (const name of missing) world.control.deleteIdentity(identity(name));
  deny(world, READ, ...names);
  return world;
}

describe('a refusal that names several identities', () => {
  async function refused(): Promise<World> {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus', 'cdn'] })] });
    deny(world, ASSIGN, 'bus', 'cdn');
    await world.pass();
    return world;
  }

  it('has the others sent once more in the same pass, and claims none of the refused ones', async () => {
    const world = await refused();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'GET app',
      'GET bus',
      'GET cdn',
      'finalizer on one',
      'ledger: Attaching app for one; Attaching bus for one; Attaching cdn for one; operation',
      'PATCH web UserAssigned +app +bus +cdn → 403',
      'ledger deleted',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: False IdentityRefused 1/3',
    ]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('is shown on each of them, with what to do and when it is tried again', async () => {
    const world = await refused();

    for (const name of ['bus', 'cdn']) {
      expect(world.identity('one', name)).toMatchObject({
        state: 'NotAuthorised',
        reason: 'IdentityRefused',
        message: expect.stringContaining('Managed Identity Operator'),
        nextAttemptTime: '2026-05-07T07:37:41.000Z',
        attachedByUs: false,
      });
    }
  });

  it('looks at all of the request, and sends none again that is gone', async () => {
    const world = new World({
      scaleSets: [{ name: 'api' }],
      bindings: [
        binding('one', { userAssigned: ['app', 'bus', 'cdn'] }),
        binding('other', { scaleSet: 'api', userAssigned: ['app', 'bus', 'cdn'] }),
      ],
      settings: { missingIdentity: 'FailedIdentityOperation' },
    });
    await world.pass('api');
    world.control.deleteIdentity(identity('bus'));
    world.control.deleteIdentity(identity('cdn'));
    world.take();

    await world.pass('web');

    // Azure has named one of the two only.
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +bus +cdn → 400', 'PATCH web UserAssigned +app']);
    expect(world.identity('one', 'bus')?.state).toBe('Missing');
    expect(world.identity('one', 'cdn')?.state).toBe('Missing');
  });

  it('stands for all identities of a subscription that Azure names as a whole', async () => {
    const elsewhere = identity('far').replace(/1{8}-1{4}/, '66666666-6666');
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', elsewhere] })] });
    const message =
      "The client has permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on scope " +
      "'web', however the current tenant '2' is not authorized to access linked subscription '66666666-6666-4111-8111-111111111111'.";
    world.fault({ path: 'userAssignedIdentities/far$' }, { kind: 'status', status: 403, code: 'AuthorizationFailed' });
    world.fault(
      { ...faults.patch, body: 'far' },
      { kind: 'status', status: 403, code: 'LinkedAuthorizationFailed', message },
    );
    world.cluster.setPolicies({
      ...world.cluster.policies()[0]!,
      userAssigned: [
        '/subscriptions/11111111-1111-4111-8111-111111111111/**',
        '/subscriptions/66666666-6666-4111-8111-111111111111/**',
      ],
    });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +far → 403', 'PATCH web UserAssigned +app']);
  });
});

describe('refusals that name one identity at a time', () => {
  it('have it left out, and after the second one each identity sent by itself', async () => {
    const world = unreadable('bus', 'cdn');

    await world.pass();

    expect(world.takeWrites()).toEqual([
      'PATCH web UserAssigned +app +bus +cdn → 400',
      'PATCH web UserAssigned +app +cdn → 400',
      'PATCH web UserAssigned +app',
    ]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('are sorted out with three writes a pass, and the next pass goes on', async () => {
    const world = unreadable('bus', 'cdn', 'dns', 'eve');

    await world.pass();
    const first = world.takeWrites();
    await world.run(5 * SECOND);
    const second = world.takeWrites();
    await world.run(MINUTE);

    expect(first).toEqual([
      'PATCH web UserAssigned +app +bus +cdn +dns +eve → 400',
      'PATCH web UserAssigned +app +cdn +dns +eve → 400',
      'PATCH web UserAssigned +app',
    ]);
    expect(second).toEqual(['PATCH web UserAssigned +dns → 400', 'PATCH web UserAssigned +eve → 400']);
    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('claim nothing for what waits for the next pass', async () => {
    const world = unreadable('bus', 'cdn', 'dns', 'eve');

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(1);
    expect(world.identity('one', 'dns')).toMatchObject({ state: 'Pending' });
  });
});

describe('a refusal that names nobody', () => {
  const effect = {
    kind: 'status',
    status: 400,
    code: 'FailedIdentityOperation',
    message: "Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'no'.",
  } as const;

  it('has each identity sent by itself, three writes a pass counting the first', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus', 'cdn', 'dns'] })] });
    world.fault({ ...faults.patch, body: 'bus' }, effect, { count: null });

    await world.pass();
    const first = world.takeWrites();
    await world.run(5 * SECOND);

    expect(first).toEqual([
      'PATCH web UserAssigned +app +bus +cdn +dns → 400',
      'PATCH web UserAssigned +app',
      'PATCH web UserAssigned +bus → 400',
    ]);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn', 'PATCH web UserAssigned +dns']);
    expect(world.assigned()).toEqual(['app', 'cdn', 'dns']);
    expect(world.identity('one', 'bus')).toMatchObject({ state: 'Failed', reason: 'IdentityRefused' });
  });

  it('has them go together again once all are through', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
    world.fault(faults.patch, effect);
    await world.pass();
    world.take();
    world.cluster.apply(binding('two', { userAssigned: ['cdn', 'dns'] }));

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn +dns']);
  });

  it('has them go one by one still when someone else was at work in between', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus', 'cdn', 'dns'] })] });
    world.fault({ ...faults.patch, body: 'bus' }, effect, { count: null });
    await world.pass();
    world.control.drift(
      '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web',
      { kind: 'ProvisioningState', state: 'Updating' },
    );
    await world.run(10 * SECOND);
    world.control.drift(
      '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web',
      { kind: 'ProvisioningState', state: 'Succeeded' },
    );
    world.take();

    await world.run(MINUTE);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +cdn', 'PATCH web UserAssigned +dns']);
  });

  it('does not blame the one identity that is attached for one that is detached in the same request', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app'] })] });
    await world.pass();
    world.take();
    world.cluster.edit('one', { userAssigned: binding('_', { userAssigned: ['bus'] }).spec.userAssigned });
    const message = `${effect.message} The identity '${identity('app')}' cannot be detached.`;
    world.fault({ ...faults.patch, body: 'app' }, { ...effect, message }, { count: null });

    await world.pass();

    expect(world.takeWrites()).toEqual([
      'PATCH web UserAssigned +bus -app → 400',
      'PATCH web UserAssigned +bus',
      'PATCH web UserAssigned -app → 400',
    ]);
    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.identity('one', 'bus')?.state).toBe('Assigned');
  });
});

describe('a refusal because of an identity that the request does not carry', () => {
  const foreign = identity('dead');
  const message = `Failed to perform resource identity operation. Status: 'BadRequest'. Response: '${JSON.stringify({ error: { code: 'BadRequest', message: `Resource '${foreign}' was not found.` } })}'.`;

  async function blocked(): Promise<World> {
    const world = new World({
      web: { identity: { userAssigned: ['dns'] } },
      bindings: [binding('one')],
    });
    world.fault(
      faults.patch,
      { kind: 'status', status: 400, code: 'FailedIdentityOperation', message },
      { count: null },
    );
    await world.pass();
    return world;
  }

  it('makes the scale set wait, and says how many are dead without naming them', async () => {
    const world = await blocked();

    expect(world.ready('one')).toMatchObject({ reason: 'BlockedByForeignIdentity', status: 'False' });
    expect(world.ready('one')?.message).toContain('1 identity');
    expect(world.ready('one')?.message).not.toContain('dead');
    expect(world.assigned()).toEqual(['dns']);
  });

  it('names them to the platform team, in one line of the log', async () => {
    const world = await blocked();
    await world.pass();
    await world.run(6 * MINUTE);

    expect(world.logger.entries.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ identities: [foreign], scaleSet: scaleSet() }) }),
    ]);
  });

  it('claims nothing, and is not sent again in a loop', async () => {
    const world = await blocked();
    world.take();

    await world.run(5 * MINUTE - SECOND);
    const early = world.take();
    await world.run(12 * MINUTE);

    expect(early).toEqual([]);
    expect(world.takeWrites()).toHaveLength(2);
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });
});
