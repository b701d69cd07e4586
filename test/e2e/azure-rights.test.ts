import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { RoleFile } from '../../dev/checks/azure-roles.ts';
import type { LogEntry } from '../../dev/simulator/request-log.ts';
import type { GrantSeed } from '../../dev/simulator/seed.ts';
import { identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

const READ = 'Microsoft.Compute/virtualMachineScaleSets/read';
const WRITE = 'Microsoft.Compute/virtualMachineScaleSets/write';
const READ_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/read';
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const ASK = 'Microsoft.Authorization/permissions/read';

/** The operator has in Azure what `deploy/azure/` grants, and nothing else; and Azure is as strict as it may be. */
let world: World;
let role: RoleFile;
beforeAll(async () => {
  role = JSON.parse(
    await readFile(join(import.meta.dirname, '../../deploy/azure/scale-set-role.json'), 'utf8'),
  ) as RoleFile;
  world = await startWorld({ name: 'azure-rights', operationMs: 500 });
  world.control.settings({ permissionsRead: 'ByRole', listRights: 'Refuse' });
  await world.allow({ systemAssigned: 'EnableAndDisable', exclusive: 'Allow' });
});
beforeEach(() => {
  grantAsDeployed();
});
afterAll(async () => {
  grantAsDeployed();
  await world.close();
});

const groupId = (group: string): string => `/subscriptions/${world.subscription}/resourceGroups/${group}`;

function grantAsDeployed(): void {
  const permissions: readonly GrantSeed[] = [
    { scope: groupId('apps'), actions: [...role.Actions] },
    { scope: groupId('identities'), role: 'Managed Identity Operator' },
  ];
  world.control.setRights(world.clientId, { permissions, denials: [] });
}

/** Takes one right away, wherever it comes from. */
function without(action: string): void {
  world.control.setRights(world.clientId, { denials: [{ scope: '/', actions: [action] }] });
}

const refusals = (): readonly LogEntry[] => world.control.requests().filter(({ status }) => status === 403);

describe('the rights that deploy/azure grants', () => {
  it('are enough to attach and detach identities', async () => {
    const set = world.scaleSet('attach', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    await binding.ready();
    await binding.apply({ userAssigned: ['two'] });
    await set.until('has lost one', (each) => !each.has('one'));
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });

  it('are enough to find drift, by lists of the resource groups', async () => {
    const set = world.scaleSet('drift');
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    set.othersStrip('one');
    await set.until('has it again', (each) => each.has('one'));
    const lists = world.control
      .requests()
      .filter(
        ({ path, status }) => status === 200 && path.startsWith(`${groupId('apps')}/`) && path.endsWith('ScaleSets'),
      );
    expect(lists.length).toBeGreaterThan(0);
  });

  it('are enough to turn a system-assigned identity on and off', async () => {
    const set = world.scaleSet('system', { foreign: ['theirs'] });
    const binding = await world.bind(set, { systemAssigned: 'Enabled' });
    await binding.ready();
    await binding.apply({ systemAssigned: 'Disabled' });
    await binding.ready();
    expect(world.wholeIdentity(set)).toMatchObject({ type: 'UserAssigned' });
  });

  it('are enough to detach what others attached, where that is asked for', async () => {
    const set = world.scaleSet('exclusive', { foreign: ['theirs'] });
    set.mayLose('theirs');
    await (await world.bind(set, { userAssigned: ['one'], mode: 'Exclusive' })).ready();
    await set.until('has nothing else', (each) => !each.has('theirs'));
  });

  it('are refused nothing but lists of the whole subscription', () => {
    const wholes = [world.listPath, world.identityListPath];
    expect(
      refusals()
        .filter(({ path }) => !wholes.includes(path))
        .map(({ method, path }) => `${method} ${path}`),
    ).toEqual([]);
  });
});

describe('without the right to read scale sets', () => {
  it('a binding says which right is missing where, and nothing is written', async () => {
    without(READ);
    const set = world.scaleSet('unread');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('AuthorizationFailed');
    expect(readyOf(found)?.message).toBe(
      `The operator lacks the right '${READ}' on ${set.id} (AuthorizationFailed); grant a role that has it.`,
    );
    expect(set.writes).toEqual([]);
    grantAsDeployed();
    await binding.askAgain();
    await binding.ready();
  });
});

describe('without the right to write scale sets', () => {
  it('a binding says which right is missing where, after one refused write', async () => {
    without(WRITE);
    const set = world.scaleSet('unwritten');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('AuthorizationFailed');
    expect(readyOf(found)?.message).toBe(
      `The operator lacks the right '${WRITE}' on ${set.id} (AuthorizationFailed); grant a role that has it.`,
    );
    expect(set.writes).toMatchObject([{ status: 403 }]);
    grantAsDeployed();
    await binding.askAgain();
    await binding.ready();
  });
});

describe('without the right to assign an identity', () => {
  it('a binding says so of the identity, with the right and the role', async () => {
    without(ASSIGN);
    const set = world.scaleSet('unassigned');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('IdentityRefused');
    const { state, message, resourceId } = identityOf(found, 'one');
    expect(state).toBe('NotAuthorised');
    expect(message).toContain(ASSIGN);
    expect(message).toContain('role Managed Identity Operator');
    expect(resourceId).toBe(world.identityId('one'));
    grantAsDeployed();
    await binding.askAgain();
    await binding.ready();
  });
});

describe('without the right to read identities', () => {
  it('what exists is attached all the same', async () => {
    without(READ_IDENTITY);
    const set = world.scaleSet('unseen');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    expect(set.identities).toEqual(['one']);
  });

  it('what does not exist costs a refused write, for nothing tells that it is gone', async () => {
    without(READ_IDENTITY);
    const set = world.scaleSet('unseen-gone');
    const binding = await world.bind(set, { userAssigned: ['nowhere'] });
    const found = await binding.shows('IdentityRefused');
    expect(identityOf(found, 'nowhere').state).toBe('NotAuthorised');
    expect(set.writes).toMatchObject([{ status: 403 }]);
    await binding.delete();
    await binding.untilGone();
  });
});

describe('without the right to ask what it may do', () => {
  it('all is served, and an identity that it may not assign is written once more in each step', async () => {
    world.control.setRights(world.clientId, {
      denials: [
        { scope: '/', actions: [ASK] },
        { scope: world.identityId('two'), actions: [ASSIGN] },
      ],
    });
    const set = world.scaleSet('unasked');
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    await binding.until('has the other', ({ status }) => status.summary === '1/2');
    expect(set.identities).toEqual(['one']);
    await binding.askAgain();
    await binding.shows('IdentityRefused');
    expect(set.writes).toMatchObject([
      { status: 403 },
      { status: 200, attach: ['one'] },
      { status: 403, attach: ['two'] },
    ]);
    await binding.delete();
    await binding.untilGone();
  });
});
