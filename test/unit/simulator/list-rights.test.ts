import { describe, expect, it } from 'vitest';

import type { GrantSeed } from '../../../dev/simulator/seed.ts';
import type { Settings } from '../../../dev/simulator/settings.ts';
import { armError, clientId, objectId, scaleSetsPath, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const subscription = `/subscriptions/${subscriptionId}`;
const group = `${subscription}/resourceGroups/shop`;
const groupList = webPath.replace(/\/web$/, '');
const identities = `${subscription}/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31`;
const sets = ['api', 'batch', 'cron'].map((name) => ({ name }));

const azureFor = (permissions: readonly GrantSeed[], settings: Partial<Settings> = {}) =>
  simulatedAzure({ scaleSets: sets, settings, principal: { permissions } });
const readerOf = (name: string) => ({ scope: `${groupList}/${name}`, role: 'Reader' }) as const;
const namesIn = (value: readonly { readonly name: string }[]) => value.map(({ name }) => name);
const forbidden = (scope: string): unknown =>
  armError(
    'AuthorizationFailed',
    `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/read' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );

describe('a list', () => {
  it.each([
    ['of the subscription', scaleSetsPath],
    ['of a group', groupList],
  ])('%s shows what the caller may read, and says nothing of the rest', (_name, path) => {
    const reply = azureFor([readerOf('api'), readerOf('cron')]).get(path);

    expect(reply.status).toBe(200);
    expect(namesIn(reply.body.value)).toEqual(['api', 'cron']);
  });

  it('is 200 and empty for a role that reads none of it', () => {
    const role = { scope: group, role: 'Managed Identity Operator' } as const;
    const reply = azureFor([role]).get(scaleSetsPath);

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ value: [] });
  });

  it('of identities is filtered as well', () => {
    const a = {
      scope: `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a`,
      role: 'Reader',
    } as const;

    expect(namesIn(azureFor([a]).get(identities).body.value)).toEqual(['a']);
  });

  it('leaves out what is denied, whatever may be read around it', () => {
    const azure = azureFor([{ scope: '/', role: 'Reader' }]);
    azure.control.setRights(clientId, { denials: [{ scope: `${groupList}/api`, actions: ['*'] }] });

    expect(namesIn(azure.get(scaleSetsPath).body.value)).toEqual(['web', 'batch', 'cron']);
  });

  it('is cut into pages first and filtered then: a page may be empty and lead on', () => {
    const azure = azureFor([readerOf('cron')], { pageSize: 2 });

    const first = azure.get(scaleSetsPath);
    expect(first.body).toMatchObject({ value: [], nextLink: expect.stringContaining('skiptoken') as string });
    const second = azure.get(first.body.nextLink);
    expect(namesIn(second.body.value)).toEqual(['cron']);
    expect(second.body.nextLink).toBeUndefined();
  });

  it.each([
    ['of a subscription where the caller has no role', scaleSetsPath, subscription],
    ['of a group where the caller has no role', groupList, `${group}/providers/Microsoft.Compute`],
  ])('%s is refused', (_name, path, scope) => {
    const elsewhere = { scope: `${subscription}/resourceGroups/other`, role: 'Reader' } as const;
    const reply = azureFor(path === groupList ? [elsewhere] : []).get(path);

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(forbidden(scope));
  });

  it('may be refused to anyone who cannot read all of it', () => {
    const azure = azureFor([{ scope: group, role: 'Reader' }], { listRights: 'Refuse' });

    expect(azure.get(groupList).status).toBe(200);
    expect(azure.get(scaleSetsPath).body).toEqual(forbidden(subscription));
  });
});

describe('a subscription where the caller has no role', () => {
  it('is forbidden', () => {
    expect(azureFor([]).get(webPath).status).toBe(403);
  });

  it.each([webPath, scaleSetsPath, `${subscription}/providers/Microsoft.Authorization/permissions`])(
    'may be said not to exist: %s',
    (path) => {
      const reply = azureFor([], { withoutRole: 'SubscriptionNotFound' }).get(path);

      expect(reply.status).toBe(404);
      expect(reply.body).toEqual(
        armError('SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`),
      );
    },
  );

  it('exists for a role anywhere in it', () => {
    const azure = azureFor([readerOf('api')], { withoutRole: 'SubscriptionNotFound' });

    expect(azure.get(webPath).body.error.code).toBe('AuthorizationFailed');
    expect(azure.get(`${groupList}/api`).status).toBe(200);
  });
});
