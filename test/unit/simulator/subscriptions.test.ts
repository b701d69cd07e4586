import { describe, expect, it } from 'vitest';

import {
  armError,
  clientId,
  objectId,
  otherSubscriptionId,
  otherTenantId,
  type Parts,
  simulatedAzure,
  subscriptionId,
  tenantId,
} from './azure.ts';

const version = '2022-12-01';
const path = `/subscriptions/${subscriptionId}`;
const reader = (scope: string, ...actions: readonly string[]): Parts => ({
  principal: { permissions: [{ scope, actions }] },
});
const listed = (parts?: Parts): readonly unknown[] => {
  const { value } = simulatedAzure(parts).get('/subscriptions', { version }).body;
  return value.map((entry) => (entry as unknown as { subscriptionId: string }).subscriptionId);
};

describe('GET /subscriptions', () => {
  it("shows those of the caller's tenant, as the CLI reads them", () => {
    const reply = simulatedAzure().get('/subscriptions', { version });

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      value: [
        {
          id: path,
          authorizationSource: 'RoleBased',
          managedByTenants: [],
          subscriptionId,
          tenantId,
          displayName: subscriptionId,
          state: 'Enabled',
          subscriptionPolicies: {
            locationPlacementId: 'Public_2014-09-01',
            quotaId: 'PayAsYouGo_2014-09-01',
            spendingLimit: 'Off',
          },
        },
      ],
      count: { type: 'Total', value: 1 },
    });
  });

  it('shows one in which the caller has a role on a single resource only', () => {
    expect(listed(reader(`${path}/resourceGroups/shop`, 'Microsoft.Compute/*'))).toEqual([subscriptionId]);
  });

  it('shows none in which the caller has no role', () => {
    expect(listed(reader(`/subscriptions/${otherSubscriptionId}`, '*'))).toEqual([]);
  });

  it('needs no right, but a token', () => {
    expect(simulatedAzure({ principal: { permissions: [] } }).get('/subscriptions', { version }).status).toBe(200);
    expect(simulatedAzure().get('/subscriptions', { version, token: '' }).body.error.code).toBe('AuthenticationFailed');
  });
});

describe('GET /subscriptions/{id}', () => {
  it('shows it under its name', () => {
    const azure = simulatedAzure();
    const id = '77777777-7777-4777-8777-777777777777';
    azure.control.seed({ subscriptions: [{ id, tenant: tenantId, name: 'Shop' }] });

    expect(azure.get(`/subscriptions/${id}`, { version }).body).toMatchObject({
      subscriptionId: id,
      displayName: 'Shop',
    });
  });

  it('needs the right to read it', () => {
    const reply = simulatedAzure(reader(`${path}/resourceGroups/shop`, '*')).get(path, { version });

    expect(reply.status).toBe(403);
    expect(reply.body).toEqual(
      armError(
        'AuthorizationFailed',
        `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action 'Microsoft.Resources/subscriptions/read' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      ),
    );
  });

  it('is 404 for one that is not there', () => {
    const reply = simulatedAzure().get(`/subscriptions/${clientId}`, { version });

    expect(reply.status).toBe(404);
    expect(reply.body.error.code).toBe('SubscriptionNotFound');
  });

  it('is refused to a token of another tenant', () => {
    const azure = simulatedAzure();
    const stranger = '88888888-8888-4888-8888-888888888888';
    azure.control.seed({ principals: [{ clientId: stranger, tenant: otherTenantId }] });

    const reply = azure.get(path, { version, token: azure.control.token(stranger) });

    expect(reply.body.error.code).toBe('InvalidAuthenticationTokenTenant');
  });

  it('knows the api-versions of Microsoft.Resources, and newer ones', () => {
    const azure = simulatedAzure();

    expect(azure.get(path, { version: '2099-01-01' }).status).toBe(200);
    const refused = azure.get(path, { version: '2018-12-01' });
    expect(refused.status).toBe(400);
    expect(refused.body.error.code).toBe('InvalidApiVersionParameter');
    expect(refused.body.error.message).toMatch(
      /^The api-version '2018-12-01' is invalid\. The supported versions are '2025-04-01,2025-03-01,.*,2014-04-01'\.$/,
    );
  });

  it('needs an api-version', () => {
    expect(simulatedAzure().get(path, { version: '' }).body.error.code).toBe('MissingApiVersionParameter');
  });

  it('takes no other method', () => {
    expect(simulatedAzure().put(path, {}, { version }).status).toBe(405);
  });
});

describe('GET /tenants', () => {
  it("shows the caller's, whatever it may do", () => {
    const { status, body } = simulatedAzure({ principal: { permissions: [] } }).get('/tenants', { version });

    expect(status).toBe(200);
    expect(body.value).toMatchObject([{ id: `/tenants/${tenantId}`, tenantId, tenantCategory: 'Home' }]);
  });
});

describe('GET /subscriptions/{id}/locations', () => {
  it('shows the regions', () => {
    const { value } = simulatedAzure().get(`${path}/locations`, { version }).body;

    expect(value.find(({ name }) => name === 'westeurope')).toEqual({
      id: `${path}/locations/westeurope`,
      name: 'westeurope',
      type: 'Region',
      displayName: 'West Europe',
      regionalDisplayName: '(Europe) West Europe',
      metadata: { regionType: 'Physical', regionCategory: 'Recommended', geographyGroup: 'Europe' },
    });
  });

  it('needs the right to read them', () => {
    const azure = simulatedAzure(reader(path, 'Microsoft.Compute/*'));

    expect(azure.get(`${path}/locations`, { version }).status).toBe(403);
  });
});

describe('what is not there under a subscription', () => {
  it.each([`${path}/locations/westeurope`, `${path}/somethings`, '/tenants/x', `${path}/resourcegroups/shop/x`])(
    'is 404: %s',
    (unknown) => {
      const reply = simulatedAzure().get(unknown, { version });

      expect(reply.status).toBe(404);
      expect(reply.body.error.code).toBe('InvalidResourceType');
    },
  );
});
