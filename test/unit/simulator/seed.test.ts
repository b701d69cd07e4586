import { describe, expect, it } from 'vitest';

import { builtInRoles } from '../../../dev/simulator/arm/roles.ts';
import { parseSeed } from '../../../dev/simulator/seed-file.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import { identity, seedOf, simulatedAzure, subscriptionId, tenantId, webPath } from './azure.ts';

const yaml = `
subscriptions:
  - id: ${subscriptionId}
    tenant: ${tenantId}
    resourceGroups:
      - name: shop
        location: westeurope
        identities:
          - { name: a, clientId: 77777777-7777-4777-8777-777777777777 }
        scaleSets:
          - name: web
            orchestrationMode: Flexible
            capacity: 3
            tags: { team: shop }
            identity: { userAssigned: [a] }
principals:
  - clientId: 33333333-3333-4333-8333-333333333333
    tenant: ${tenantId}
    secret: s3cret
`;

function problemOf(text: string): string {
  try {
    parseSeed(text, 'seed.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

describe('a seed file', () => {
  it('describes subscriptions, groups, identities, scale sets and principals', () => {
    const state = createState({});

    applySeed(state, parseSeed(yaml, 'seed.yaml'), 0);

    const set = state.subscriptions.get(subscriptionId)?.scaleSets.get('shop/web');
    expect(set).toMatchObject({ orchestrationMode: 'Flexible', tags: { team: 'shop' }, sku: { capacity: 3 } });
    expect([...set!.identity.userAssigned.values()][0]?.ids?.clientId).toBe('77777777-7777-4777-8777-777777777777');
    expect([...state.principals.keys()]).toEqual(['33333333-3333-4333-8333-333333333333']);
  });

  it('names roles, kinds of managed identities and restrictions', () => {
    const state = createState({});
    const rights = `    managedIdentity: SystemAssigned
    permissions: [{ scope: /, role: Managed Identity Operator }]
restrictions:
  locks: [{ scope: /subscriptions/${subscriptionId}, level: ReadOnly }]
`;

    applySeed(state, parseSeed(yaml + rights, 'seed.yaml'), 0);

    expect(state.principals.get('33333333-3333-4333-8333-333333333333')).toMatchObject({
      managedIdentity: 'SystemAssigned',
      permissions: [{ scope: '/', actions: builtInRoles['Managed Identity Operator'].actions, notActions: [] }],
    });
    expect(state.restrictions.locks).toEqual([{ scope: `/subscriptions/${subscriptionId}`, level: 'ReadOnly' }]);
    expect(problemOf(`${yaml}    managedIdentity: Both\n`)).toBe(
      'seed.yaml:20: principals[0].managedIdentity: must be true, false, SystemAssigned or UserAssigned, not "Both"',
    );
  });

  it('may be JSON', () => {
    expect(parseSeed(JSON.stringify(seedOf()), 'seed.json')).toEqual(seedOf());
  });

  it('may be empty', () => {
    expect(parseSeed('', 'seed.yaml')).toEqual({});
  });

  it.each([
    [
      'an unknown member',
      ['capacity: 3', 'capasity: 3'],
      'seed.yaml:13: subscriptions[0].resourceGroups[0].scaleSets[0].capasity: is not known here',
    ],
    [
      'a wrong value',
      ['Flexible', 'Flex'],
      'seed.yaml:12: subscriptions[0].resourceGroups[0].scaleSets[0].orchestrationMode: must be Uniform or Flexible, not "Flex"',
    ],
    [
      'a missing member',
      ['        location: westeurope\n', ''],
      'seed.yaml:6: subscriptions[0].resourceGroups[0].location: is missing',
    ],
    [
      'an id that is none',
      [`tenant: ${tenantId}\n    res`, 'tenant: contoso\n    res'],
      'seed.yaml:4: subscriptions[0].tenant: must be a GUID, not "contoso"',
    ],
    [
      'what is no list',
      ['[a]', 'a'],
      'seed.yaml:15: subscriptions[0].resourceGroups[0].scaleSets[0].identity.userAssigned: must be a list, not "a"',
    ],
  ])('is refused for %s, with path and line', (_name, [from = '', to = ''], message) => {
    expect(problemOf(yaml.replace(from, to))).toBe(message);
  });

  it('is told all its problems at once', () => {
    expect(problemOf('subscriptions: 1\nprincipals: 2\n')).toBe(
      'seed.yaml:1: subscriptions: must be a list, not 1\nseed.yaml:2: principals: must be a list, not 2',
    );
  });

  it('is refused when it is not YAML', () => {
    expect(problemOf('a: [')).toMatch(/^seed\.yaml:1: seed: /);
  });
});

describe('seeding', () => {
  it('refuses a scale set whose identity is nowhere', () => {
    expect(() => simulatedAzure({ web: { identity: { userAssigned: ['x'] } } })).toThrow(
      `subscriptions[0].resourceGroups[0].scaleSets[0].identity.userAssigned[0]: there is no user-assigned identity`,
    );
  });

  it('takes identities by whole id as well', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: [identity('b')] } } });

    expect(azure.control.scaleSet(webPath).userAssigned[0]?.id).toBe(identity('b'));
  });

  it('refuses a principal that is there already', () => {
    const { control } = simulatedAzure();

    expect(() => {
      control.seed({ principals: [{ clientId: '33333333-3333-4333-8333-333333333333', tenant: tenantId }] });
    }).toThrow('principals[0]: client id 33333333-3333-4333-8333-333333333333 is there already');
  });
});
