import { describe, expect, it } from 'vitest';

import { builtInRoles } from '../../../dev/simulator/arm/rights/roles.ts';
import { parseSeed } from '../../../dev/simulator/seed-file.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import { identity, lowerGroupIdentity, seedOf, simulatedAzure, subscriptionId, tenantId, webPath } from './azure.ts';

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
      'a member that every object has',
      ['capacity: 3', 'constructor: 3'],
      'seed.yaml:13: subscriptions[0].resourceGroups[0].scaleSets[0].constructor: is not known here',
    ],
    [
      'a whole part that is not known, where it begins',
      ['principals:', 'settings:\n  throttled:\n    - often\nprincipals:'],
      'seed.yaml:17: settings.throttled: is not known here',
    ],
    [
      'a wrong type',
      ['capacity: 3', 'capacity: three'],
      'seed.yaml:13: subscriptions[0].resourceGroups[0].scaleSets[0].capacity: must be a whole number, 0 or more, not "three"',
    ],
    [
      'nothing where something has to be',
      ['secret: s3cret', 'secret:'],
      'seed.yaml:19: principals[0].secret: must be a text, not null',
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

  it.each([
    ['an open bracket', 'settings: {}\nprincipals: [', /^seed\.yaml:2: seed: .*]/],
    ['a key twice', 'settings: {}\nprincipals: []\nsettings: {}\n', /^seed\.yaml:3: seed: Map keys must be unique$/],
    ['a tab', 'settings:\n\toperationMs: 1\n', /^seed\.yaml:2: seed: .*[Tt]ab/],
    ['an alias of nothing', 'principals: *all', /^seed\.yaml:1: seed: Unresolved alias .*: all$/],
    ['broken JSON', '{\n  "settings": {,}\n}', /^seed\.yaml:2: seed: /],
    ['two documents', 'settings: {}\n---\nsettings: {}\n', /^seed\.yaml:2: seed: .*multiple documents/],
  ])('is refused when it is not YAML, with the line: %s', (_name, text, message) => {
    expect(problemOf(text)).toMatch(message);
  });

  it('has a line for each mistake in its YAML', () => {
    const lines = problemOf('settings: {}\nsettings: {}\nprincipals: []\nprincipals: []\n').split('\n');

    expect(lines.map((line) => line.slice(0, 'seed.yaml:0:'.length))).toEqual(['seed.yaml:2:', 'seed.yaml:4:']);
  });

  const group = '    resourceGroups:\n';
  const more = `      - { name: SHOP, location: westeurope, scaleSets: [{ name: Web }], identities: [{ name: A }] }\n`;
  it.each([
    [
      'a scale set and an identity that are named twice, in whatever case',
      [group, group + more],
      'seed.yaml:10: subscriptions[0].resourceGroups[1].identities[0]: is there already\n' +
        'seed.yaml:12: subscriptions[0].resourceGroups[1].scaleSets[0]: is there already',
    ],
    [
      'a principal that is named twice',
      ['principals:\n', `principals:\n  - { clientId: 33333333-3333-4333-8333-333333333333, tenant: ${tenantId} }\n`],
      'seed.yaml:18: principals[1]: client id 33333333-3333-4333-8333-333333333333 is there already',
    ],
    [
      'a subscription of two tenants',
      ['principals:\n', `  - { id: ${subscriptionId}, tenant: ${subscriptionId} }\nprincipals:\n`],
      `seed.yaml:16: subscriptions[1].tenant: subscription ${subscriptionId} belongs to tenant ${tenantId} already`,
    ],
    [
      'an identity that is nowhere',
      ['[a]', '[a, b]'],
      `seed.yaml:15: subscriptions[0].resourceGroups[0].scaleSets[0].identity.userAssigned[1]: there is no user-assigned identity ${lowerGroupIdentity('b')}`,
    ],
    [
      'an identity that is assigned twice',
      ['[a]', '[a, A]'],
      `seed.yaml:15: subscriptions[0].resourceGroups[0].scaleSets[0].identity.userAssigned[1]: ${lowerGroupIdentity('A')} is there already`,
    ],
  ])('is refused for %s', (_name, [from = '', to = ''], message) => {
    expect(problemOf(yaml.replace(from, to))).toBe(message);
  });

  it('may name a group again, and an identity of a group that comes later', () => {
    const later = yaml
      .replace('[a]', `[${identity('z')}]`)
      .replace('principals:', '      - { name: shop, location: westeurope, identities: [{ name: z }] }\nprincipals:');

    expect(problemOf(later)).toBe('none');
  });
});

describe('seeding', () => {
  it('refuses a scale set whose identity is nowhere', () => {
    expect(() => simulatedAzure({ web: { identity: { userAssigned: ['x'] } } })).toThrow(
      `subscriptions[0].resourceGroups[0].scaleSets[0].identity.userAssigned[0]: there is no user-assigned identity`,
    );
  });

  it('adds nothing of a seed that is refused', () => {
    const azure = simulatedAzure();
    const before = azure.control.snapshot();
    const identities = [{ name: 'new' }, { name: 'a' }];
    const resourceGroups = [{ name: 'shop', location: 'westeurope', identities }];

    expect(() => {
      azure.control.seed({
        settings: { pageSize: 7 },
        subscriptions: [{ id: subscriptionId, tenant: tenantId, resourceGroups }],
      });
    }).toThrow('subscriptions[0].resourceGroups[0].identities[1]: is there already');

    expect(azure.control.snapshot()).toEqual(before);
    expect(azure.control.settings().pageSize).toBe(100);
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
