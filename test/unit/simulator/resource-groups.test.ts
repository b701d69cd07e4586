import { describe, expect, it } from 'vitest';

import { armError, identity, type Parts, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const version = '2022-12-01';
const groups = `/subscriptions/${subscriptionId}/resourcegroups`;
const shop = `${groups}/shop`;
const canonical = (name: string): string => `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
const allowed = (...actions: readonly string[]): Parts => ({ principal: { permissions: [{ scope: '/', actions }] } });

describe('a resource group', () => {
  it('is shown with its canonical id, whatever the casing of the path', () => {
    const reply = simulatedAzure().get(shop.toUpperCase(), { version });

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      id: canonical('shop'),
      name: 'shop',
      type: 'Microsoft.Resources/resourceGroups',
      location: 'westeurope',
      properties: { provisioningState: 'Succeeded' },
    });
  });

  it('is 404 when it is not there', () => {
    const reply = simulatedAzure().get(`${groups}/Garage`, { version });

    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(armError('ResourceGroupNotFound', "Resource group 'Garage' could not be found."));
  });

  it('can be asked for with HEAD', () => {
    const azure = simulatedAzure();

    expect(azure.ask('HEAD', shop, { version })).toMatchObject({ status: 204, body: undefined });
    expect(azure.ask('HEAD', `${groups}/garage`, { version }).status).toBe(404);
  });

  it('is created by a PUT, and updated by another', () => {
    const azure = simulatedAzure();
    const path = `${groups}/New_(1).rg`;

    const created = azure.put(path, { location: 'West Europe', managedBy: 'someone', tags: { a: '1' } }, { version });
    const updated = azure.put(path, { location: 'westeurope' }, { version });

    expect([created.status, updated.status]).toEqual([201, 200]);
    expect(created.body).toMatchObject({ location: 'westeurope', managedBy: 'someone', tags: { a: '1' } });
    expect(updated.body).not.toHaveProperty('tags');
    expect(
      azure.put(
        identity('new').replace('/shop/', '/New_(1).rg/'),
        { location: 'westeurope' },
        { version: '2023-01-31' },
      ).status,
    ).toBe(201);
  });

  it('takes new tags by PATCH, all of them at once', () => {
    const azure = simulatedAzure();
    azure.patch(shop, { tags: { a: '1', b: '2' } }, { version });

    expect(azure.patch(shop, { tags: { c: '3' } }, { version }).body.tags).toEqual({ c: '3' });
    expect(azure.patch(shop, {}, { version }).body.tags).toEqual({ c: '3' });
  });

  it.each([
    ['no location', 'new', {}, 400, 'LocationRequired', 'The location property is required for this definition.'],
    [
      'another location than it has',
      'shop',
      { location: 'East US' },
      409,
      'InvalidResourceGroupLocation',
      "Invalid resource group location 'East US'. The Resource group already exists in location 'westeurope'.",
    ],
    [
      'characters that may not be in its name',
      'a b$',
      { location: 'eastus' },
      400,
      'InvalidResourceGroup',
      "The provided resource group name 'a b$' has these invalid characters: ' $'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'. For more details, visit https://aka.ms/ResourceGroupNamingRestrictions .",
    ],
  ])('is refused with %s', (_case, name, body, status, code, message) => {
    const reply = simulatedAzure().put(`${groups}/${encodeURIComponent(name)}`, body, { version });

    expect(reply.status).toBe(status);
    expect(reply.body).toEqual(armError(code, message));
  });

  it('is refused with a location that is none, and told which there are', () => {
    const { error } = simulatedAzure().put(`${groups}/new`, { location: 'Canada' }, { version }).body;

    expect(error.code).toBe('LocationNotAvailableForResourceGroup');
    expect(error.message).toMatch(
      /^The provided location 'Canada' is not available for resource group\. List of available regions is 'eastus,eastus2,/,
    );
  });

  it.each(['name.', 'x'.repeat(91)])('is refused with the name %s', (name) => {
    const reply = simulatedAzure().put(`${groups}/${name}`, { location: 'eastus' }, { version });

    expect(reply.body.error.code).toBe('InvalidResourceGroup');
  });

  it('needs a right of its own for each method', () => {
    const azure = simulatedAzure(allowed('Microsoft.Resources/subscriptions/resourceGroups/read'));

    expect(azure.get(shop, { version }).status).toBe(200);
    expect(azure.put(shop, { location: 'westeurope' }, { version }).status).toBe(403);
    expect(azure.patch(shop, {}, { version }).status).toBe(403);
    expect(azure.del(shop, { version }).status).toBe(403);
  });

  it('is forbidden before it is missing', () => {
    expect(simulatedAzure(allowed('Microsoft.Compute/*')).get(`${groups}/garage`, { version }).status).toBe(403);
  });
});

describe('the list of resource groups', () => {
  const withMany = (parts: Parts = {}) => {
    const azure = simulatedAzure(parts);
    const more = ['b', 'c'].map((name) => ({ name, location: 'westeurope' }));
    azure.control.seed({
      subscriptions: [
        { id: subscriptionId, tenant: azure.state.subscriptions.get(subscriptionId)!.tenantId, resourceGroups: more },
      ],
    });
    return azure;
  };

  it('comes page by page', () => {
    const azure = withMany({ settings: { pageSize: 2 } });

    const first = azure.get(groups, { version });
    const second = azure.get(first.body.nextLink);

    expect([first, second].map(({ body }) => body.value.map(({ name }) => name))).toEqual([['shop', 'b'], ['c']]);
  });

  it('holds those that the caller may read', () => {
    const permissions = [{ scope: canonical('b'), actions: ['*/read'] }];

    const { status, body } = withMany({ principal: { permissions } }).get(groups, { version });

    expect(status).toBe(200);
    expect(body.value.map(({ name }) => name)).toEqual(['b']);
  });
});

describe('deleting a resource group', () => {
  const settings = { operationMs: 5_000 };

  it('takes time, is told of by its Location, and takes all that is in it along', () => {
    const azure = simulatedAzure({ settings, web: { identity: { userAssigned: ['a'] } } });

    const { status, headers, body } = azure.del(shop, { version });

    expect(status).toBe(202);
    expect(body).toBeUndefined();
    expect(headers['retry-after']).toBe('15');
    const location = headers['location']!;
    expect(location).toContain(`https://azure.test/subscriptions/${subscriptionId}/operationresults/`);
    expect(azure.get(location, { version: '' })).toMatchObject({ status: 202, body: undefined, headers: { location } });
    expect(azure.get(shop, { version }).body.properties).toEqual({ provisioningState: 'Deleting' });
    azure.wait(5_000);
    expect(azure.get(location, { version: '' })).toMatchObject({ status: 200, body: undefined });
    expect(azure.get(shop, { version }).body.error.code).toBe('ResourceGroupNotFound');
    expect(azure.control.snapshot()).toMatchObject({ scaleSets: [], identities: [] });
  });

  it('leaves other groups alone, but for the identities that their scale sets had from it', () => {
    const azure = simulatedAzure({ settings });
    const { tenantId } = azure.state.subscriptions.get(subscriptionId)!;
    const scaleSets = [{ name: 'api', identity: { userAssigned: [identity('a')] } }];
    const resourceGroups = [{ name: 'shop-2', location: 'westeurope', scaleSets }];
    azure.control.seed({ subscriptions: [{ id: subscriptionId, tenant: tenantId, resourceGroups }] });

    azure.del(shop, { version });
    azure.wait(5_000);

    const api = azure.control.scaleSet(webPath.replace('/shop/', '/shop-2/').replace(/web$/, 'api'));
    expect(api.userAssigned).toMatchObject([{ id: identity('a'), orphaned: true }]);
  });

  it('forbids writes in it meanwhile, and another creation of it', () => {
    const azure = simulatedAzure({ settings });
    azure.del(shop, { version });
    const being = armError(
      'ResourceGroupBeingDeleted',
      "The resource group 'shop' is in deprovisioning state and cannot perform this operation.",
    );

    const replies = [
      azure.put(webPath, { location: 'westeurope' }),
      azure.patchIdentity({ type: 'SystemAssigned' }),
      azure.put(identity('new'), { location: 'westeurope' }, { version: '2023-01-31' }),
      azure.put(shop, { location: 'westeurope' }, { version }),
    ];

    for (const { status, body } of replies) expect({ status, body }).toEqual({ status: 409, body: being });
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Deleting');
  });

  it('takes over from an operation that runs', () => {
    const azure = simulatedAzure({ settings });
    const link = azure.patchIdentity({ type: 'SystemAssigned' }).headers['azure-asyncoperation']!;

    azure.del(shop, { version });

    expect(azure.get(link).body.error.code).toBe('OperationPreempted');
  });

  it('is the same deletion when it is asked again', () => {
    const azure = simulatedAzure({ settings });
    const first = azure.del(shop, { version });

    expect(azure.del(shop, { version }).headers['location']).toBe(first.headers['location']);
  });

  it('answers 202 even when it takes no time', () => {
    const azure = simulatedAzure({ settings: { operationMs: 0 } });

    const { status, headers } = azure.del(shop, { version });

    expect(status).toBe(202);
    expect(azure.get(headers['location']!, { version: '' }).status).toBe(200);
  });

  it('can be ended at once behind the back of the API', () => {
    const azure = simulatedAzure({ settings });
    azure.del(shop, { version });

    azure.control.finishOperations();

    expect(azure.get(shop, { version }).status).toBe(404);
  });

  it('is 404 for one that is not there, and for a link that is none', () => {
    const azure = simulatedAzure();

    expect(azure.del(`${groups}/garage`, { version }).body.error.code).toBe('ResourceGroupNotFound');
    const link = `/subscriptions/${subscriptionId}/operationresults/forged`;
    expect(azure.get(link, { version }).status).toBe(404);
  });
});
