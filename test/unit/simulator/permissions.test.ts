import { describe, expect, it } from 'vitest';

import { builtInRoles } from '../../../dev/simulator/arm/rights/roles.ts';
import type { GrantSeed } from '../../../dev/simulator/seed.ts';
import type { Settings } from '../../../dev/simulator/settings.ts';
import { identity, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const subscription = `/subscriptions/${subscriptionId}`;
const group = `${subscription}/resourceGroups/shop`;
const at = (scope: string): string => `${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
const row = (actions: readonly string[], notActions: readonly string[] = []) => ({
  actions,
  notActions,
  dataActions: [],
  notDataActions: [],
});
const azureFor = (permissions: readonly GrantSeed[], settings: Partial<Settings> = {}) =>
  simulatedAzure({ settings, principal: { permissions } });

describe('the permissions of a caller', () => {
  it.each([
    ['a subscription', subscription, 1],
    ['a group', group, 2],
    ['a scale set', webPath, 3],
    ['an identity', identity('a'), 2],
    ['a resource of another type', `${group}/providers/Microsoft.Network/virtualNetworks/v/subnets/s`, 2],
  ])('are told at %s, a row for each role that reaches there', (_name, scope, count) => {
    const rows = [
      { scope: subscription, actions: ['one'] },
      { scope: group, actions: ['two'] },
      { scope: webPath, actions: ['three'] },
    ];

    const reply = azureFor(rows).get(at(scope));

    expect(reply.status).toBe(200);
    expect(reply.body.value).toEqual(rows.slice(0, count).map(({ actions }) => row(actions)));
  });

  it('are told as well where there is nothing: rights are judged before existence', () => {
    const azure = azureFor([{ scope: group, role: 'Managed Identity Operator' }]);

    for (const scope of [identity('absent'), `${webPath}-absent`]) {
      expect(azure.get(at(scope)).body.value).toEqual([row(builtInRoles['Managed Identity Operator'].actions)]);
    }
    expect(azure.get(at(`${subscription}/resourceGroups/nowhere`)).body.value).toEqual([]);
  });

  it('tell a denial as notActions', () => {
    const azure = simulatedAzure({
      principal: {
        permissions: [{ scope: subscription, actions: ['*/read'], notActions: ['*/secrets/read'] }],
        denials: [{ scope: identity('a'), actions: ['*/assign/action'] }],
      },
    });

    expect(azure.get(at(identity('a'))).body.value).toEqual([row(['*/read'], ['*/secrets/read', '*/assign/action'])]);
  });

  it('are paged', () => {
    const azure = azureFor(
      ['a', 'b', 'c'].map((action) => ({ scope: '/', actions: [action] })),
      { pageSize: 2 },
    );

    const first = azure.get(at(webPath));
    expect(first.body.value).toEqual([row(['a']), row(['b'])]);
    const second = azure.get(first.body.nextLink);
    expect(second.body).toEqual({ value: [row(['c'])] });
  });

  it('are for everyone to read, or a right as any other', () => {
    const mayAssign = { scope: identity('a'), actions: ['*/assign/action'] };
    expect(azureFor([mayAssign]).get(at(identity('a'))).status).toBe(200);

    const refused = azureFor([mayAssign], { permissionsRead: 'ByRole' }).get(at(identity('a')));
    expect(refused.status).toBe(403);
    expect(refused.body.error.message).toContain(
      `'Microsoft.Authorization/permissions/read' over scope '${identity('a')}'`,
    );
    const operator = { scope: group, role: 'Managed Identity Operator' } as const;
    expect(azureFor([operator], { permissionsRead: 'ByRole' }).get(at(identity('a'))).status).toBe(200);
  });

  it('are only there to be read, and only of a scope', () => {
    const azure = simulatedAzure();

    expect(azure.ask('POST', at(webPath)).status).toBe(405);
    expect(azure.get(at(`${subscription}/resourceGroups`)).status).toBe(404);
    expect(azure.get(at(`${group}/providers/Microsoft.Compute`)).status).toBe(404);
    expect(azure.get(at('/tenants/x')).status).toBe(404);
  });
});
