import { describe, expect, it } from 'vitest';

import { allows } from '../../../src/azure/permissions.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

describe('permissions allow an action', () => {
  it.each([
    ['by its name', [ASSIGN]],
    ['in any case', [ASSIGN.toUpperCase()]],
    ['by a wildcard for everything', ['*']],
    ['by a wildcard at the end', ['Microsoft.ManagedIdentity/*']],
    ['by a wildcard at the beginning', ['*/action']],
    ['by a wildcard within', ['Microsoft.ManagedIdentity/*/assign/action']],
    [
      'as the built-in role Managed Identity Operator writes it',
      ['Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action'],
    ],
    ['by several wildcards', ['*ManagedIdentity*assign*']],
    ['by wildcards for no segment at all', ['Microsoft.ManagedIdentity/*/*/assign/*/action']],
  ])('%s', (_, actions) => {
    expect(allows([{ actions, notActions: [] }], ASSIGN)).toBe(true);
  });

  it.each([
    ['by another name', ['Microsoft.ManagedIdentity/userAssignedIdentities/read']],
    ['by the name and more', [`${ASSIGN}s`]],
    [
      'by a wildcard whose ends overlap',
      ['Microsoft.ManagedIdentity/userAssignedIdentities/assign/act*/assign/action'],
    ],
    [
      'by a wildcard for no segment of another name',
      ['Microsoft.ManagedIdentity/userAssigned/*/Identities/assign/action'],
    ],
    ['by nothing', []],
  ])('but not %s', (_, actions) => {
    expect(allows([{ actions, notActions: [] }], ASSIGN)).toBe(false);
  });

  it('but not where the same role takes it back', () => {
    expect(allows([{ actions: ['*'], notActions: ['Microsoft.ManagedIdentity/*'] }], ASSIGN)).toBe(false);
  });

  it('where another role gives what one takes back', () => {
    const roles = [
      { actions: ['*'], notActions: [ASSIGN] },
      { actions: [ASSIGN], notActions: [] },
    ];
    expect(allows(roles, ASSIGN)).toBe(true);
  });

  it.each([[[]], [[null]], [['*']], [[{ actions: '*' }]], [[{ actions: [7] }]]])('but not from %j', (permissions) => {
    expect(allows(permissions, ASSIGN)).toBe(false);
  });
});
