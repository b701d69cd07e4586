import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  identity,
  resourceGroup,
  scaleSetPath,
  secret,
  seedWith,
  subscriptionId,
  tenantId,
} from '../conformance/simulator/azure.ts';
import { type AzureCli, signIn, startAzureCli } from './az.ts';

const cloud = 'SimulatedAzure';
const stranger = '99999999-9999-4999-8999-999999999999';
const scaleSets = ['assign', 'system', 'slow', 'show', 'remove', 'last', 'refused', 'instances', 'deleted'];

let cli: AzureCli;
const az = (...args: readonly string[]): Promise<unknown> => cli.az(...args);

beforeAll(async () => {
  const held = { systemAssigned: true, userAssigned: ['ID1', 'ID2'] };
  const last = { systemAssigned: true, userAssigned: ['ID1'] };
  const flexible = { name: 'flexible', orchestrationMode: 'Flexible' as const };
  const seed = seedWith([
    ...scaleSets.map((name) => ({
      name,
      capacity: 2,
      identity: ['show', 'remove'].includes(name) ? held : name === 'last' ? last : {},
    })),
    flexible,
  ]);
  // Of the first one it has a token, and would not look at the secret.
  const principals = [...(seed.principals ?? []), { clientId: stranger, tenant: tenantId, secret }];
  cli = await startAzureCli({ ...seed, principals }, 0);
  await signIn(cli, cloud);
});

afterAll(async () => {
  const total = cli.commands.reduce((sum, { ms }) => sum + ms, 0);
  process.stderr.write(
    `Azure CLI ${cli.version}: ${cli.commands.length} commands in ${Math.round(total / 1000)} s, ` +
      `${cli.simulator.requests().length} requests, ${cli.strayRequests().length} requests to anyone else\n`,
  );
  for (const { args, ms } of cli.commands) process.stderr.write(`  ${Math.round(ms)} ms  az ${args}\n`);
  await cli.stop();
});

const on = (name: string): readonly string[] => ['-g', resourceGroup, '-n', name];
const held = (name: string) => {
  const { systemAssigned, userAssigned } = cli.simulator.control.scaleSet(scaleSetPath(name));
  return { system: systemAssigned !== undefined, user: userAssigned.map(({ id }) => id.split('/').at(-1)) };
};

describe('az cloud and az login', () => {
  it('find all endpoints by themselves', async () => {
    const { httpsUrl } = cli.simulator;

    await az('cloud', 'register', '-n', 'Discovered', '--endpoint-resource-manager', httpsUrl);

    expect(await az('cloud', 'show', '-n', 'Discovered')).toMatchObject({
      endpoints: {
        activeDirectory: httpsUrl,
        activeDirectoryResourceId: 'https://management.azure.com/',
        resourceManager: httpsUrl,
      },
    });
  });

  it('see the subscription', async () => {
    expect(await az('account', 'list')).toMatchObject([
      { id: subscriptionId, tenantId, cloudName: cloud, state: 'Enabled', user: { type: 'servicePrincipal' } },
    ]);
  });

  it('get a bearer token that ARM takes', async () => {
    const { accessToken } = (await az('account', 'get-access-token')) as { accessToken: string };

    const response = await fetch(`${cli.simulator.httpUrl}${scaleSetPath('show')}?api-version=2018-06-01`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });

    expect(response.status).toBe(200);
  });

  it('are told of a wrong secret', async () => {
    const { code, stderr } = await cli.run(
      ...['login', '--service-principal', '-u', stranger, '-p', 'wrong', '--tenant', tenantId],
    );

    expect(code).not.toBe(0);
    expect(stderr).toContain('AADSTS7000215');
  });
});

describe('az account, az group and az provider', () => {
  it('list locations', async () => {
    expect(await az('account', 'list-locations', '--query', "[?name=='westeurope'].displayName")).toEqual([
      'West Europe',
    ]);
  });

  it('create, find, show and delete a group with what is in it', async () => {
    await az('group', 'create', '-n', 'mine', '-l', 'West Europe', '--tags', 'team=shop');
    await az('identity', 'create', '-g', 'mine', '-n', 'inside');

    expect(await az('group', 'exists', '-n', 'mine')).toBe(true);
    expect(await az('group', 'show', '-n', 'mine')).toMatchObject({ location: 'westeurope', tags: { team: 'shop' } });
    expect(await az('group', 'list', '--query', '[].name')).toEqual([resourceGroup, 'mine']);
    await az('group', 'delete', '-n', 'mine', '--yes');
    expect(await az('group', 'exists', '-n', 'mine')).toBe(false);
    expect(await az('identity', 'list', '--query', '[].name')).toEqual(['ID1', 'ID2']);
  });

  it('show a provider, and register it', async () => {
    const state = ['--query', 'registrationState'];

    await az('provider', 'unregister', '-n', 'Microsoft.Compute');
    expect(await az('provider', 'show', '-n', 'Microsoft.Compute', ...state)).toBe('Unregistered');
    await az('provider', 'register', '-n', 'Microsoft.Compute');
    expect(await az('provider', 'show', '-n', 'Microsoft.Compute', ...state)).toBe('Registered');
  });
});

describe('az identity', () => {
  it('shows an identity', async () => {
    const { principalId, clientId: id } = cli.simulator.control.identity(identity('ID1'));

    expect(await az('identity', 'show', ...on('ID1'))).toMatchObject({
      id: identity('ID1'),
      principalId,
      clientId: id,
      tenantId,
    });
  });

  it('creates an identity where its group is, and deletes it', async () => {
    expect(await az('identity', 'create', ...on('made'), '--tags', 'a=1')).toMatchObject({
      location: 'eastus',
      tags: { a: '1' },
    });

    await az('identity', 'delete', ...on('made'));

    expect((await cli.run('identity', 'show', ...on('made'))).stderr).toContain('ResourceNotFound');
  });
});

describe('az vmss', () => {
  it('lists scale sets, over several pages', async () => {
    const names = (await az('vmss', 'list', '-g', resourceGroup, '--query', '[].name')) as readonly string[];

    expect(names).toEqual(expect.arrayContaining(['assign', 'flexible']));
    expect(await az('vmss', 'list', '--query', 'length(@)')).toBe(names.length);
  });

  it('shows a scale set and its identity', async () => {
    expect(await az('vmss', 'show', ...on('show'))).toMatchObject({ name: 'show', provisioningState: 'Succeeded' });
    expect(await az('vmss', 'identity', 'show', ...on('show'))).toMatchObject({
      type: 'SystemAssigned, UserAssigned',
      userAssignedIdentities: { [identity('ID1')]: {}, [identity('ID2')]: {} },
    });
  });

  it('assigns user-assigned identities, one after the other', async () => {
    await az('vmss', 'identity', 'assign', ...on('assign'), '--identities', identity('ID1'));
    await az('vmss', 'identity', 'assign', ...on('assign'), '--identities', identity('ID2'));

    expect(held('assign')).toEqual({ system: false, user: ['ID1', 'ID2'] });
  });

  it('assigns the system-assigned identity', async () => {
    expect(await az('vmss', 'identity', 'assign', ...on('system'))).toMatchObject({
      systemAssignedIdentity: expect.stringMatching(/^[-\da-f]{36}$/),
    });
    expect(held('system')).toEqual({ system: true, user: [] });
  });

  it('follows the link of an operation that takes time', async () => {
    // Over by the time of the first look: it would wait for 30 s before the second.
    cli.simulator.control.setOperationLength(scaleSetPath('slow'), 1);

    await az('vmss', 'identity', 'assign', ...on('slow'), '--identities', identity('ID1'));

    expect(held('slow')).toEqual({ system: false, user: ['ID1'] });
    expect(cli.simulator.requests().some(({ path }) => path.includes('/locations/eastus/operations/'))).toBe(true);
  });

  // What docs/runbook.md has done about a broken identity.
  it('removes one identity and keeps the other', async () => {
    await az('vmss', 'identity', 'remove', ...on('remove'), '--identities', identity('ID2'));

    expect(held('remove')).toEqual({ system: true, user: ['ID1'] });
  });

  it('removes the last user-assigned identity, then the system-assigned one', async () => {
    await az('vmss', 'identity', 'remove', ...on('last'), '--identities', identity('ID1'));
    expect(held('last')).toEqual({ system: true, user: [] });

    await az('vmss', 'identity', 'remove', ...on('last'));
    expect(held('last')).toEqual({ system: false, user: [] });
  });

  it('says which identity may not be assigned', async () => {
    const { code, stderr } = await cli.run(
      ...['vmss', 'identity', 'assign', ...on('refused'), '--identities', identity('nowhere')],
    );

    expect(code).not.toBe(0);
    expect(stderr).toContain('LinkedAuthorizationFailed');
    expect(stderr).toContain(identity('nowhere'));
  });

  it('says that a Flexible scale set takes no system-assigned identity', async () => {
    const { code, stderr } = await cli.run('vmss', 'identity', 'assign', ...on('flexible'));

    expect(code).not.toBe(0);
    expect(stderr).toContain("The value 'SystemAssigned' of parameter 'identity' is not allowed");
  });

  it('lists instances, and brings them the latest model', async () => {
    const outdated = () =>
      az('vmss', 'list-instances', ...on('instances'), '--query', '[?!latestModelApplied].instanceId');
    const size = ['--set', 'sku.name=Standard_D4s_v3'];

    await az('vmss', 'update', ...on('instances'), ...size);
    expect(await outdated()).toEqual(['0', '1']);
    await az('vmss', 'update-instances', ...on('instances'), '--instance-ids', '*');
    expect(await outdated()).toEqual([]);
  });

  it('deletes a scale set', async () => {
    await az('vmss', 'delete', ...on('deleted'));

    expect((await cli.run('vmss', 'show', ...on('deleted'))).stderr).toContain('ResourceNotFound');
  });
});

describe('the Azure CLI', () => {
  it('has talked to nobody else', () => {
    expect(cli.commands.length).toBeGreaterThan(20);
    expect(cli.strayRequests()).toEqual([]);
  });
});
