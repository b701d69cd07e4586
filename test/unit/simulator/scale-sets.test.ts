import { describe, expect, it } from 'vitest';

import { armError, identity, latest, scaleSetsPath, simulatedAzure, subscriptionId, webPath } from './azure.ts';

describe('GET of a scale set', () => {
  it('shows the model with the canonical id, whatever the casing of the path', () => {
    const azure = simulatedAzure({ web: { capacity: 3, tags: { team: 'shop' }, identity: { userAssigned: ['a'] } } });

    const reply = azure.get(webPath.toUpperCase());

    expect(reply.status).toBe(200);
    expect(reply.headers['etag']).toBe('"1"');
    expect(reply.body).toEqual({
      name: 'web',
      id: webPath,
      type: 'Microsoft.Compute/virtualMachineScaleSets',
      location: 'westeurope',
      tags: { team: 'shop' },
      sku: { name: 'Standard_D2s_v3', tier: 'Standard', capacity: 3 },
      etag: '"1"',
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: {
          [identity('a').replace('resourceGroups', 'resourcegroups')]: {
            principalId: azure.control.identity(identity('a')).principalId,
            clientId: azure.control.identity(identity('a')).clientId,
          },
        },
      },
      properties: {
        upgradePolicy: { mode: 'Manual' },
        orchestrationMode: 'Uniform',
        provisioningState: 'Succeeded',
        uniqueId: azure.control.scaleSet(webPath).uniqueId,
        timeCreated: '2026-05-07T07:32:41.0000000+00:00',
      },
    });
  });

  it('leaves identity out when there is none', () => {
    expect(simulatedAzure().get(webPath).body).not.toHaveProperty('identity');
  });

  it('accepts an endpoint with a slash at its end', () => {
    expect(simulatedAzure().get(`https://azure.test/${webPath}`).status).toBe(200);
  });

  it('is 404 ResourceNotFound for a name that is not there', () => {
    const reply = simulatedAzure().get(webPath.replace('web', 'Api'));

    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(
      armError(
        'ResourceNotFound',
        "The Resource 'Microsoft.Compute/virtualMachineScaleSets/Api' under resource group 'shop' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
      ),
    );
  });

  it('is 404 ResourceGroupNotFound for a group that is not there', () => {
    const reply = simulatedAzure().get(webPath.replace('/shop/', '/Garage/'));

    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(armError('ResourceGroupNotFound', "Resource group 'Garage' could not be found."));
  });

  it('is 404 SubscriptionNotFound for a subscription that is not there', () => {
    const unknown = '99999999-9999-4999-8999-999999999999';
    const reply = simulatedAzure().get(webPath.replace(subscriptionId, unknown));

    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(armError('SubscriptionNotFound', `The subscription '${unknown}' could not be found.`));
  });
});

describe('PUT of a scale set', () => {
  const newPath = webPath.replace(/web$/, 'New');
  const model = { location: 'westeurope', sku: { name: 'Standard_D1_v2', capacity: 3 }, properties: {} };

  it('creates one that is Creating until the operation is done', () => {
    const azure = simulatedAzure();

    const reply = azure.put(newPath, { ...model, identity: { type: 'SystemAssigned' } });

    expect(reply.status).toBe(201);
    expect(reply.body.properties['provisioningState']).toBe('Creating');
    expect(reply.body.identity.type).toBe('SystemAssigned');
    azure.wait(5_000);
    expect(azure.get(newPath).body.properties['provisioningState']).toBe('Succeeded');
  });

  it('needs a location', () => {
    const reply = simulatedAzure().put(newPath, { sku: {} });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(armError('LocationRequired', 'The location property is required for this definition.'));
  });

  it('refuses to move an existing one', () => {
    const reply = simulatedAzure().put(webPath, { ...model, location: 'eastus' });

    expect(reply.status).toBe(409);
    expect(reply.body.error.code).toBe('InvalidResourceLocation');
  });

  it('takes a location by its display name, and shows its short one', () => {
    const azure = simulatedAzure();

    expect(azure.put(newPath, { ...model, location: 'West Europe' }).body).toMatchObject({ location: 'westeurope' });
    expect(azure.put(webPath, { ...model, location: 'West Europe' }).status).toBe(200);
  });

  it('replaces model and tags of an existing one, and its user-assigned identities by the dictionary it brings', () => {
    const azure = simulatedAzure({ web: { tags: { old: 'yes' }, identity: { userAssigned: ['a', 'b'] } } });

    azure.put(webPath, {
      ...model,
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identity('b')]: {}, [identity('c')]: {} } },
    });

    const { body } = azure.get(webPath);
    expect(body).not.toHaveProperty('tags');
    expect(body.sku.capacity).toBe(3);
    expect(Object.keys(body.identity.userAssignedIdentities)).toEqual([
      identity('b').replace('resourceGroups', 'resourcegroups'),
      identity('c'),
    ]);
  });

  it('leaves the identity alone when the body has none', () => {
    const azure = simulatedAzure({ web: { identity: { systemAssigned: true } } });

    azure.put(webPath, model);

    expect(azure.get(webPath).body.identity.type).toBe('SystemAssigned');
  });

  it('never shows a password again', () => {
    const azure = simulatedAzure();
    const osProfile = { adminUsername: 'azureuser', adminPassword: 'myPassword12' };

    const reply = azure.put(newPath, { ...model, properties: { virtualMachineProfile: { osProfile } } });

    expect(reply.body.properties['virtualMachineProfile']).toEqual({ osProfile: { adminUsername: 'azureuser' } });
  });
});

describe('PATCH of the rest of the model', () => {
  it('merges properties and sku, and replaces tags as a whole', () => {
    const azure = simulatedAzure({ web: { capacity: 2, tags: { a: '1', b: '2' }, operationMs: 0 } });

    azure.patch(webPath, { tags: { c: '3' }, sku: { capacity: 7 }, properties: { overprovision: true } });

    const { body } = azure.get(webPath);
    expect(body.tags).toEqual({ c: '3' });
    expect(body.sku).toEqual({ name: 'Standard_D2s_v3', tier: 'Standard', capacity: 7 });
    expect(body.properties).toMatchObject({ upgradePolicy: { mode: 'Manual' }, overprovision: true });
  });

  it('leaves the identity alone', () => {
    const azure = simulatedAzure({ web: { identity: { systemAssigned: true, userAssigned: ['a'] } } });
    const before: unknown = azure.get(webPath).body.identity;

    azure.patch(webPath, { sku: { capacity: 7 } });

    expect(azure.get(webPath).body.identity).toEqual(before);
  });

  it('is 404 for one that is not there', () => {
    expect(simulatedAzure().patch(webPath.replace(/web$/, 'gone'), {}).status).toBe(404);
  });

  it('refuses a body that is not JSON', () => {
    const reply = simulatedAzure().patch(webPath, '{"identity":');

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidRequestContent');
    expect(reply.body.error.message).toMatch(/^The request content was invalid and could not be deserialized: '/);
  });

  it.each(['[]', '""', ''])('refuses the body %s', (body) => {
    expect(simulatedAzure().ask('PATCH', webPath, { body }).body.error.code).toBe('InvalidRequestContent');
  });
});

describe('DELETE of a scale set', () => {
  it('takes time, and then it is not found', () => {
    const azure = simulatedAzure();

    const reply = azure.del(webPath);

    expect(reply.status).toBe(202);
    expect(reply.headers).toHaveProperty('location');
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Deleting');
    azure.wait(5_000);
    expect(azure.get(webPath).body.error.code).toBe('ResourceNotFound');
  });

  it('answers with the same operation when it is asked again', () => {
    const azure = simulatedAzure();
    const first = azure.del(webPath);

    expect(azure.del(webPath).headers['azure-asyncoperation']).toBe(first.headers['azure-asyncoperation']);
  });

  it('has nothing to do for one that is not there', () => {
    const reply = simulatedAzure().del(webPath.replace(/web$/, 'gone'));

    expect(reply.status).toBe(204);
    expect(reply.body).toBeUndefined();
  });

  it('answers a monitor link with 202, then with an empty 200', () => {
    const azure = simulatedAzure();
    const { location } = azure.del(webPath).headers;

    expect(azure.get(location!).status).toBe(202);
    azure.wait(5_000);
    expect(azure.get(location!)).toMatchObject({ status: 200, body: undefined });
  });

  it('forbids a PATCH meanwhile', () => {
    const azure = simulatedAzure();
    azure.del(webPath);

    const reply = azure.patchIdentity({ type: 'SystemAssigned' });

    expect(reply.status).toBe(409);
    expect(reply.body).toEqual(
      armError(
        'OperationNotAllowed',
        "Operation 'Update Virtual Machine Scale Set' is not allowed on Virtual Machine Scale Set 'web' since it is marked for deletion. For more information on your operations, please refer to https://aka.ms/activitylog.",
      ),
    );
  });
});

describe('lists of scale sets', () => {
  const many = { scaleSets: ['s1', 's2', 's3', 's4'].map((name) => ({ name })), settings: { pageSize: 2 } };

  it('come in pages, in the order of creation, each with a link to the next', () => {
    const azure = simulatedAzure(many);

    const first = azure.get(scaleSetsPath);
    const second = azure.get(first.body.nextLink);
    const third = azure.get(second.body.nextLink);

    const names = [first, second, third].map(({ body }) => body.value.map(({ name }) => name));
    expect(names).toEqual([['web', 's1'], ['s2', 's3'], ['s4']]);
    expect(third.body).not.toHaveProperty('nextLink');
    expect(new URL(first.body.nextLink).origin).toBe('https://azure.test');
  });

  it('skip and repeat nothing when one that was shown is deleted between two pages', () => {
    const azure = simulatedAzure(many);
    const first = azure.get(scaleSetsPath);

    azure.control.drift(webPath, { kind: 'Remove' });
    const second = azure.get(first.body.nextLink);

    expect(second.body.value.map(({ name }) => name)).toEqual(['s2', 's3']);
  });

  it('show identity, etag and provisioning state of each', () => {
    const azure = simulatedAzure({ web: { identity: { systemAssigned: true } } });

    expect(azure.get(scaleSetsPath).body.value).toEqual([azure.get(webPath).body]);
  });

  it('refuse a skip token that they did not give', () => {
    const reply = simulatedAzure().get(`${scaleSetsPath}?$skiptoken=x`);

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('InvalidRequestContent');
  });

  it('go on where they were when the last entry that was shown is gone', () => {
    const azure = simulatedAzure(many);
    const first = azure.get(scaleSetsPath);

    azure.control.drift(webPath.replace(/web$/, 's1'), { kind: 'Remove' });
    const second = azure.get(first.body.nextLink);

    expect(second.body.value.map(({ name }) => name)).toEqual(['s2', 's3']);
  });

  it('may be of one resource group', () => {
    const azure = simulatedAzure();
    const inGroup = webPath.replace(/\/web$/, '');

    expect(azure.get(inGroup).body.value).toHaveLength(1);
    expect(azure.get(inGroup.replace('/shop/', '/none/')).body.error.code).toBe('ResourceGroupNotFound');
  });
});

describe('api-versions', () => {
  it('are required', () => {
    const reply = simulatedAzure().get(webPath, { version: '' });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      armError(
        'MissingApiVersionParameter',
        'The api-version query parameter (?api-version=) is required for all requests.',
      ),
    );
  });

  it('that Compute never had are refused with those that it has', () => {
    const reply = simulatedAzure().get(webPath, { version: '2018-12-01' });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('NoRegisteredProviderFound');
    expect(reply.body.error.message).toMatch(
      /^No registered resource provider found for location 'westeurope' and API version '2018-12-01' for type 'virtualMachineScaleSets'\. The supported api-versions are '2015-06-15, .*, 2025-11-01, 2026-04-01'\. The supported locations are 'eastus, /,
    );
  });

  it('newer than the newest are read as the newest', () => {
    const azure = simulatedAzure();

    expect(azure.get(webPath, { version: '2031-01-01' }).body).toEqual(azure.get(webPath).body);
  });

  it('newer than the newest are refused where that is asked for', () => {
    const azure = simulatedAzure({ settings: { strictApiVersions: true } });

    expect(azure.get(webPath, { version: '2031-01-01' }).body.error.code).toBe('NoRegisteredProviderFound');
    expect(azure.get(identity('a'), { version: '2031-01-01' }).body.error.code).toBe('NoRegisteredProviderFound');
    expect(azure.get(webPath, { version: latest }).status).toBe(200);
  });

  it('can be narrowed to a list, which is then taken at its word', () => {
    const azure = simulatedAzure({ settings: { computeApiVersions: ['2017-12-01'] } });

    expect(azure.get(webPath, { version: '2017-12-01' }).status).toBe(200);
    expect(azure.get(webPath, { version: latest }).body.error.code).toBe('NoRegisteredProviderFound');
  });

  it('before 2023-09-01 have no etag', () => {
    const reply = simulatedAzure().get(webPath, { version: '2023-07-01' });

    expect(reply.body).not.toHaveProperty('etag');
    expect(reply.headers).not.toHaveProperty('etag');
  });

  it('before 2020-12-01 do not know the orchestration mode', () => {
    const { properties } = simulatedAzure().get(webPath, { version: '2017-12-01' }).body;

    expect(properties).not.toHaveProperty('orchestrationMode');
  });
});
