import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { companionOf, identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const WRITE = 'Microsoft.Compute/virtualMachineScaleSets/write';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'refusal' });
  await world.allow();
});
afterAll(() => world.close());

/** What the operator may not do, by scope; everything else it may. */
const denied = new Map<string, string>();
const setRights = (): void =>
  world.control.setRights(world.clientId, {
    denials: [...denied].map(([scope, action]) => ({ scope, actions: [action] })),
  });
const deny = (scope: string, action: string): void => {
  denied.set(scope, action);
  setRights();
};
const grant = (scope: string): void => {
  denied.delete(scope);
  setRights();
};

/** An identity that the operator may not assign. */
function lock(name: string): string {
  world.control.createIdentity(world.identityId(name));
  deny(world.identityId(name), ASSIGN);
  return name;
}

/** Identities that the operator has seen not long ago, and that are gone. */
async function goneIdentities(...names: readonly string[]): Promise<void> {
  const ids = names.map((name) => world.identityId(name));
  for (const id of ids) world.control.createIdentity(id);
  const set = world.scaleSet(`had-${names.join('-')}`);
  const binding = await world.bind(set, { userAssigned: names });
  await binding.ready();
  await binding.delete();
  await binding.untilGone();
  for (const id of ids) world.control.deleteIdentity(id);
}

describe.concurrent('an identity that does not exist', () => {
  it('is Missing, with the time of the next attempt, while the others are attached', async () => {
    const set = world.scaleSet('missing', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['nowhere', 'one', 'two'] });
    const found = await binding.until('has the others', ({ status }) => status.summary === '2/3');
    expect(readyOf(found)).toMatchObject({ status: 'False', reason: 'IdentityMissing' });
    expect(companionOf(found)).toBe('Reconciling');
    const { state, attachedByUs, nextAttemptTime } = identityOf(found, 'nowhere');
    expect({ state, attachedByUs }).toEqual({ state: 'Missing', attachedByUs: false });
    expect(Date.parse(nextAttemptTime ?? '')).toBeGreaterThan(0);
    expect(set.identities).toEqual(['one', 'theirs', 'two']);
  });

  it('causes no write at all, whatever happens to the rest', async () => {
    const set = world.scaleSet('missing-quiet');
    const binding = await world.bind(set, { userAssigned: ['nowhere', 'one'] });
    await binding.until('has the other', ({ status }) => status.summary === '1/2');
    set.othersAttach('theirs');
    await world.intervals(2);
    expect(set.writes).toMatchObject([{ status: 200, attach: ['one'] }]);
  });

  it('costs one refused PATCH at most when it goes missing unnoticed', async () => {
    await goneIdentities('gone-one', 'gone-two');
    const set = world.scaleSet('missing-unnoticed');
    const binding = await world.bind(set, { userAssigned: ['gone-one', 'gone-two', 'one'] });
    const found = await binding.until('has the other', ({ status }) => status.summary === '1/3');
    expect(identityOf(found, 'gone-one').state).toBe('Missing');
    expect(identityOf(found, 'gone-two').state).toBe('Missing');
    await world.intervals(2);
    expect(set.writes).toMatchObject([
      { status: 403, attach: ['gone-one', 'gone-two', 'one'] },
      { status: 200, attach: ['one'] },
    ]);
    expect((await world.ledgerOf(set))?.spec.entries).toHaveLength(1);
  });

  it('is attached once it exists and somebody asks again', async () => {
    const set = world.scaleSet('missing-healed');
    const binding = await world.bind(set, { userAssigned: ['created-later', 'one'] });
    await binding.shows('IdentityMissing');
    world.control.createIdentity(world.identityId('created-later'));
    await binding.askAgain();
    const found = await binding.ready();
    expect(identityOf(found, 'created-later').nextAttemptTime).toBeUndefined();
    expect(set.identities).toEqual(['created-later', 'one']);
  });

  it('does not hold up one that is added later', async () => {
    const set = world.scaleSet('missing-beside');
    const binding = await world.bind(set, { userAssigned: ['nowhere'] });
    await binding.shows('IdentityMissing');
    await binding.apply({ userAssigned: ['nowhere', 'one'] });
    await binding.until('has the other', ({ status }) => status.summary === '1/2');
    expect(set.writes).toMatchObject([{ status: 200, attach: ['one'] }]);
  });
});

describe.concurrent('the operator’s own identity', () => {
  it('is not attached to anything', async () => {
    const { subscription, control } = world;
    const own = control.snapshot().principals.find(({ clientId }) => clientId === world.clientId);
    const identity = { name: 'own', principalId: own?.objectId ?? '' };
    const tenant = control.identity(world.identityId('one')).tenantId;
    const group = { name: 'identities', location: 'westeurope', identities: [identity] };
    control.seed({ subscriptions: [{ id: subscription, tenant, resourceGroups: [group] }] });
    const set = world.scaleSet('escalated');
    const binding = await world.bind(set, { userAssigned: ['own', 'one'] });
    const found = await binding.until('has the other', ({ status }) => status.summary === '1/2');
    expect(identityOf(found, 'own').state).toBe('NotPermitted');
    expect(set.identities).toEqual(['one']);
    expect(set.writes).toHaveLength(1);
  });
});

describe.concurrent('an identity that the operator may not assign', () => {
  it('is NotAuthorised, with what to do, while the others are attached', async () => {
    const set = world.scaleSet('locked', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: [lock('locked'), 'one', 'two'] });
    const found = await binding.until('has the others', ({ status }) => status.summary === '2/3');
    expect(readyOf(found)?.reason).toBe('IdentityRefused');
    expect(identityOf(found, 'locked').state).toBe('NotAuthorised');
    expect(identityOf(found, 'locked').message).toContain('Managed Identity Operator');
    expect(set.identities).toEqual(['one', 'theirs', 'two']);
  });

  it('is not sent again until the right is there', async () => {
    const set = world.scaleSet('locked-quiet');
    const binding = await world.bind(set, { userAssigned: [lock('locked-quiet'), 'one'] });
    await binding.until('has the other', ({ status }) => status.summary === '1/2');
    await world.intervals(2);
    await binding.askAgain();
    await binding.shows('IdentityRefused');
    expect(set.writes).toMatchObject([{ status: 403 }, { status: 200, attach: ['one'] }]);
  });

  it('is attached once the right is there and somebody asks again', async () => {
    const set = world.scaleSet('locked-healed');
    const binding = await world.bind(set, { userAssigned: [lock('locked-healed'), 'one'] });
    await binding.until('has the other', ({ status }) => status.summary === '1/2');
    grant(world.identityId('locked-healed'));
    await binding.askAgain();
    await binding.ready();
    expect(set.identities).toEqual(['locked-healed', 'one']);
  });
});

describe.concurrent('a scale set that the operator may not write', () => {
  it('is told with the action and the scope that are missing, and asked once', async () => {
    const set = world.scaleSet('forbidden');
    deny(set.id, WRITE);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('AuthorizationFailed');
    expect(readyOf(found)?.message).toContain(WRITE);
    expect(readyOf(found)?.message).toContain(set.id);
    await world.intervals(2);
    expect(set.writes).toMatchObject([{ status: 403 }]);
    expect(await world.ledgerOf(set)).toBeUndefined();
    grant(set.id);
    await binding.askAgain();
    await binding.ready();
  });
});

describe('where Azure names missing identities one at a time (FailedIdentityOperation)', () => {
  beforeAll(() => world.control.settings({ missingIdentity: 'FailedIdentityOperation' }));
  afterAll(() => world.control.settings({ missingIdentity: 'LinkedAuthorizationFailed' }));

  it('one refused PATCH tells of all of them', async () => {
    await goneIdentities('gone-three', 'gone-four');
    const set = world.scaleSet('failed-operation', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['gone-three', 'gone-four', 'one'] });
    const found = await binding.until('has the other', ({ status }) => status.summary === '1/3');
    expect(identityOf(found, 'gone-three').state).toBe('Missing');
    expect(identityOf(found, 'gone-four').state).toBe('Missing');
    await world.intervals(2);
    expect(set.writes).toMatchObject([{ status: 400 }, { status: 200, attach: ['one'] }]);
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('a dead identity of others that blocks every change is told, without its name, and nothing is sent in a loop', async () => {
    const set = world.scaleSet('blocked', { foreign: ['theirs'] });
    const message = `Identity operation for resource '${set.id}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${world.identityId('theirs')}' was not found."}}'.'.`;
    set.fault('PATCH', { kind: 'status', status: 400, code: 'FailedIdentityOperation', message }, null);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('BlockedByForeignIdentity');
    expect(JSON.stringify(found.status)).not.toContain('theirs');
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
    world.control.clearFaults();
    await binding.askAgain();
    await binding.ready();
    expect(set.identities).toEqual(['one', 'theirs']);
  });
});
