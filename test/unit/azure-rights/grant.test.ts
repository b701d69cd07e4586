// docs/installation.md has this script run.
import { describe, expect, it } from 'vitest';

import type { RoleFile } from '../../../dev/checks/azure-roles.ts';
import { GIVEN, grant, type Granted } from './grant.ts';

const SCOPE = `/subscriptions/${GIVEN.SUBSCRIPTION}`;

/** The value behind a flag, in the commands that begin so. */
function valuesOf({ commands }: Granted, beginning: string, flag: string): readonly string[] {
  return commands
    .filter((words) => words.join(' ').startsWith(beginning))
    .map((words) => words[words.indexOf(flag) + 1] ?? '');
}

describe('deploy/azure/grant.sh', () => {
  it('makes identity, trust, role and assignments, in this order, and prints the client id', async () => {
    const granted = await grant();
    expect(granted).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: 'client id: 44444444-4444-4444-8444-444444444444\n',
    });
    expect(
      granted.commands.map((words) =>
        words
          .slice(
            0,
            words.findIndex((word) => word.startsWith('-')),
          )
          .join(' '),
      ),
    ).toEqual([
      'account set',
      'identity create',
      'identity show',
      'identity show',
      'identity federated-credential create',
      'role definition list',
      'role definition create',
      'role assignment create',
      'role assignment create',
      'role assignment create',
    ]);
  });

  it('assigns each role at the resource groups that it is for, to the identity that was made', async () => {
    const granted = await grant();
    const of = (flag: string): readonly string[] => valuesOf(granted, 'role assignment create', flag);
    expect(of('--scope').map((scope, index) => [of('--role')[index], scope])).toEqual([
      ['VMSS Identity Operator', `${SCOPE}/resourceGroups/MC_shop_shop_westeurope`],
      ['VMSS Identity Operator', `${SCOPE}/resourceGroups/apps`],
      ['f1a07417-d97a-45cb-824c-7a7467783830', `${SCOPE}/resourceGroups/identities`],
    ]);
    expect(new Set(of('--assignee-object-id'))).toEqual(new Set(['22222222-2222-4222-8222-222222222222']));
  });

  it('defines the role for the one subscription', async () => {
    const [definition = ''] = valuesOf(await grant(), 'role definition create', '--role-definition');
    const role = JSON.parse(definition) as RoleFile;
    expect(role).toMatchObject({ Name: 'VMSS Identity Operator', AssignableScopes: [SCOPE] });
  });

  it('brings a role that is there already to what it has to be', async () => {
    const granted = await grant({}, ['5a2c']);
    expect(valuesOf(granted, 'role definition create', '--role-definition')).toEqual([]);
    expect(valuesOf(granted, 'role definition update', '--role-definition')).toHaveLength(1);
  });

  it.each([
    [undefined, 'api://AzureADTokenExchange'],
    ['public', 'api://AzureADTokenExchange'],
    ['usgov', 'api://AzureADTokenExchangeUSGov'],
    ['china', 'api://AzureADTokenExchangeChina'],
  ])('trusts the service account for the audience of the cloud %s', async (CLOUD, audience) => {
    const [trust = []] = (await grant({ CLOUD })).commands.filter((words) => words.includes('federated-credential'));
    expect(trust.slice(trust.indexOf('--issuer'), trust.indexOf('--output'))).toEqual([
      '--issuer',
      GIVEN.ISSUER,
      '--subject',
      'system:serviceaccount:vmss-identity-system:vmss-identity-operator',
      '--audiences',
      audience,
    ]);
  });

  it('does nothing for a cloud that it does not know', async () => {
    expect(await grant({ CLOUD: 'mars' })).toMatchObject({ exitCode: 2, commands: [] });
  });

  it.each(Object.keys(GIVEN))('does nothing without %s', async (name) => {
    const { exitCode, stderr, commands } = await grant({ [name]: undefined });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(name);
    expect(commands).toEqual([]);
  });
});
