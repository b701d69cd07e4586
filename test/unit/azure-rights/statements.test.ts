import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { type RoleFile, statementsOf } from '../../../dev/checks/azure-roles.ts';
import { OPERATOR_ACCOUNT, OPERATOR_NAMESPACE } from '../../../dev/demo/trust.ts';
import { builtInRoles } from '../../../dev/simulator/arm/rights/roles.ts';
import type { ArmOperation } from '../../../src/azure/call.ts';
import { allows } from '../../../src/azure/permissions.ts';
import { IDENTITY_ROLE, SCALE_SET_ROLE } from '../../../src/check/azure-command.ts';
import {
  ASSIGN_IDENTITY,
  type AzureAction,
  READ_IDENTITY,
  READ_PERMISSIONS,
  READ_SCALE_SET,
  WRITE_SCALE_SET,
} from '../../../src/identity/azure-actions.ts';

const FOLDER = join(import.meta.dirname, '../../../deploy/azure');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** What each request of the operator's takes; a poll link is signed, and is its own right. */
const TAKES: Readonly<Record<ArmOperation, readonly AzureAction[]>> = {
  get_scale_set: [READ_SCALE_SET],
  list_scale_sets: [READ_SCALE_SET],
  patch_identity: [WRITE_SCALE_SET, ASSIGN_IDENTITY],
  poll_operation: [],
  get_identity: [READ_IDENTITY],
  list_identities: [READ_IDENTITY],
  get_permissions: [READ_PERMISSIONS],
};
const allActions = [...new Set(Object.values(TAKES).flat())];

const role = JSON.parse(read('scale-set-role.json')) as RoleFile;
const MANAGED_IDENTITY_OPERATOR = 'f1a07417-d97a-45cb-824c-7a7467783830';

describe('the custom role', () => {
  it('is called as --check calls it', () => {
    expect(role.Name).toBe(SCALE_SET_ROLE);
  });

  it('has what requests about scale sets take, the right to ask what it may do, and nothing else', () => {
    const ofIdentities = (action: string): boolean => action.startsWith('Microsoft.ManagedIdentity/');
    expect([...role.Actions].toSorted()).toEqual(allActions.filter((action) => !ofIdentities(action)).toSorted());
  });

  it('takes nothing out and reaches no data', () => {
    expect([role.NotActions, role.DataActions, role.NotDataActions]).toEqual([[], [], []]);
  });

  it('has the members that the Azure CLI knows, and a subscription to be filled in', () => {
    expect(Object.keys(role)).toEqual([
      'Name',
      'Description',
      'Actions',
      'NotActions',
      'DataActions',
      'NotDataActions',
      'AssignableScopes',
    ]);
    expect(role.AssignableScopes).toEqual(['/subscriptions/00000000-0000-0000-0000-000000000000']);
  });
});

describe('Managed Identity Operator', () => {
  it('has what requests about identities take, and the right to ask what it may do', () => {
    const wanted = [READ_IDENTITY, ASSIGN_IDENTITY, READ_PERMISSIONS];
    expect(wanted.filter((action) => !allows([builtInRoles[IDENTITY_ROLE]], action))).toEqual([]);
  });

  it('may do nothing to scale sets', () => {
    expect([READ_SCALE_SET, WRITE_SCALE_SET].filter((action) => allows([builtInRoles[IDENTITY_ROLE]], action))).toEqual(
      [],
    );
  });
});

describe('the ways to grant it all', () => {
  const files = {
    'grant.sh': `${read('grant.sh')}\n${read('scale-set-role.json')}`,
    'main.tf': read('main.tf'),
    bicep: readdirSync(join(FOLDER, 'bicep'))
      .map((file) => read(`bicep/${file}`))
      .join('\n'),
  };

  it.each(Object.entries(files))('state the same actions, roles, subject and audiences: %s', (_, text) => {
    expect(statementsOf(text)).toEqual({
      actions: [...role.Actions].toSorted(),
      audiences: ['api://AzureADTokenExchange', 'api://AzureADTokenExchangeChina', 'api://AzureADTokenExchangeUSGov'],
      subjects: [`system:serviceaccount:${OPERATOR_NAMESPACE}:${OPERATOR_ACCOUNT}`],
      roles: [SCALE_SET_ROLE, MANAGED_IDENTITY_OPERATOR].toSorted(),
    });
  });

  it.each([
    ['grant.sh', [`grant "$scale_set_role" "$group"`, `grant "$identity_role" "$group"`, '/resourceGroups/$2']],
    ['main.tf', ['scope              = each.value.id', 'scope    = each.value.id', 'azurerm_resource_group']],
    ['bicep', ['scope: resourceGroup(group)', 'roleDefinitionId: scaleSetRole.id', 'identityRole)']],
  ] as const)('assign both roles at resource groups, and nowhere above: %s', (file, parts) => {
    for (const part of parts) expect(files[file]).toContain(part);
  });

  it.each(Object.entries(files))('grant to a service principal, which may be too new to be found: %s', (_, text) => {
    expect(text).toMatch(/ServicePrincipal/);
  });
});

describe('what a file states', () => {
  it('is read without its comments', () => {
    const text =
      '# api://Commented\n  // Microsoft.Compute/disks/read\nx = "api://Stated Microsoft.Compute/disks/write"';
    expect(statementsOf(text)).toEqual({
      actions: ['Microsoft.Compute/disks/write'],
      audiences: ['api://Stated'],
      subjects: [],
      roles: [],
    });
  });
});
