import { describe, expect, it } from 'vitest';

import { armError, identity, latest, type Parts, type SimulatedAzure, simulatedAzure, webPath } from './azure.ts';

const list = `${webPath}/virtualMachines`;
const profile = (sku: string) => ({ storageProfile: { imageReference: { sku } } });

interface Shown {
  readonly instanceId: string;
  readonly name: string;
  readonly sku: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

const shown = (azure: SimulatedAzure, path = list): readonly Shown[] =>
  azure.get(path).body.value as unknown as readonly Shown[];
const ids = (azure: SimulatedAzure): readonly string[] => shown(azure).map(({ instanceId }) => instanceId);
const upToDate = (azure: SimulatedAzure): readonly unknown[] =>
  shown(azure).map(({ properties }) => properties['latestModelApplied']);
const upgrade = (azure: SimulatedAzure, body: unknown) => azure.ask('POST', `${webPath}/manualupgrade`, { body });
const newImage = (azure: SimulatedAzure, more: object = {}) =>
  azure.patch(webPath, { properties: { virtualMachineProfile: profile('2022') }, ...more });
const withInstances = (capacity: number, parts: Parts = {}): SimulatedAzure =>
  simulatedAzure({ settings: { operationMs: 0 }, ...parts, web: { capacity, ...parts.web } });

describe('the instances of a Uniform scale set', () => {
  it('go by numbers from 0, as many as its capacity says', () => {
    const azure = withInstances(3);

    expect(ids(azure)).toEqual(['0', '1', '2']);
    expect(azure.get(list).body.value[2]).toEqual({
      name: 'web_2',
      id: `${webPath}/virtualMachines/2`,
      type: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
      location: 'westeurope',
      instanceId: '2',
      sku: { name: 'Standard_D2s_v3', tier: 'Standard' },
      properties: {
        latestModelApplied: true,
        modelDefinitionApplied: 'VirtualMachineScaleSet',
        hardwareProfile: {},
        osProfile: { computerName: 'web000002' },
        provisioningState: 'Succeeded',
        vmId: expect.stringMatching(/^[-\da-f]{36}$/),
        timeCreated: '2026-05-07T07:32:41.0000000+00:00',
      },
    });
  });

  it('are the same each time they are listed', () => {
    const azure = withInstances(2);

    expect(shown(azure)).toEqual(shown(azure));
  });

  it('come in pages', () => {
    const azure = withInstances(3, { settings: { operationMs: 0, pageSize: 2 } });

    const first = azure.get(list);
    const second = azure.get(first.body.nextLink);

    expect([first, second].map(({ body }) => body.value.map(({ name }) => name))).toEqual([
      ['web_0', 'web_1'],
      ['web_2'],
    ]);
  });

  it('come and go with the capacity, and no number is used again', () => {
    const azure = withInstances(3);
    shown(azure);

    azure.control.drift(webPath, { kind: 'Scale', capacity: 1 });
    azure.patch(webPath, { sku: { capacity: 3 } });

    expect(ids(azure)).toEqual(['0', '3', '4']);
  });

  it('are made from the profile that was sent, without its password', () => {
    const azure = withInstances(0);
    const osProfile = { computerNamePrefix: 'shop', adminUsername: 'me', adminPassword: 'myPassword12' };
    azure.patch(webPath, { sku: { capacity: 1 }, properties: { virtualMachineProfile: { osProfile } } });

    expect(shown(azure)[0]?.properties['osProfile']).toEqual({ computerName: 'shop000000', adminUsername: 'me' });
  });

  it('show their state when it is asked for', () => {
    const azure = withInstances(1);
    const instanceView = {
      vmAgent: { vmAgentVersion: 'Unknown', statuses: [] },
      statuses: [
        {
          code: 'ProvisioningState/succeeded',
          level: 'Info',
          displayStatus: 'Provisioning succeeded',
          time: '2026-05-07T07:32:41.0000000+00:00',
        },
        { code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' },
      ],
    };

    expect(shown(azure, `${list}?$expand=instanceView`)[0]?.properties).toMatchObject({ instanceView });
    expect(azure.get(`${list}/0?$expand=instanceView`).body.properties).toMatchObject({ instanceView });
    expect(azure.get(`${list}/0/instanceView`).body).toEqual(instanceView);
    expect(azure.get(`${list}/0`).body.properties).not.toHaveProperty('instanceView');
  });

  it('are counted by their states', () => {
    expect(withInstances(2).get(`${webPath}/instanceView`).body).toMatchObject({
      virtualMachine: { statusesSummary: [{ code: 'ProvisioningState/succeeded', count: 2 }] },
      statuses: [{ code: 'ProvisioningState/succeeded', level: 'Info' }],
    });
  });

  it('are others when the scale set is recreated under the same name', () => {
    const azure = withInstances(1);
    const before = shown(azure)[0]?.properties['vmId'];

    azure.control.replaceScaleSet(webPath);

    expect(ids(azure)).toEqual(['0']);
    expect(shown(azure)[0]?.properties['vmId']).not.toBe(before);
  });

  it('are 404 one by one when they are not there', () => {
    const reply = withInstances(2).get(`${list}/2`);

    expect(reply.status).toBe(404);
    expect(reply.body.error.code).toBe('ResourceNotFound');
  });
});

describe('the instances of a Flexible scale set', () => {
  it('go by the names of their virtual machines', () => {
    const azure = withInstances(2, { web: { orchestrationMode: 'Flexible' } });

    for (const { instanceId, name } of shown(azure)) {
      expect(instanceId).toMatch(/^web_[\da-f]{8}$/);
      expect(name).toBe(instanceId);
    }
    expect(azure.get(`${list}/${ids(azure)[1]!.toUpperCase()}`).body.name).toBe(ids(azure)[1]);
  });

  it('are upgraded by name', () => {
    const azure = withInstances(2, { web: { orchestrationMode: 'Flexible' } });
    newImage(azure);

    expect(upgrade(azure, { instanceIds: [ids(azure)[1]] }).status).toBe(200);

    expect(upToDate(azure)).toEqual([false, true]);
  });
});

describe('latestModelApplied', () => {
  it('is not touched by a change of identity', () => {
    const azure = withInstances(2);

    azure.patchIdentity({ type: 'SystemAssigned, UserAssigned', userAssignedIdentities: { [identity('a')]: {} } });

    expect(upToDate(azure)).toEqual([true, true]);
  });

  it('is not touched by tags, capacity or the upgrade policy', () => {
    const azure = withInstances(1);

    azure.patch(webPath, {
      tags: { a: '1' },
      sku: { capacity: 2 },
      properties: { upgradePolicy: { mode: 'Rolling' } },
    });

    expect(upToDate(azure)).toEqual([true, true]);
  });

  it.each([
    ['profile', { properties: { virtualMachineProfile: profile('2022') } }],
    ['size', { sku: { name: 'Standard_D4s_v3' } }],
  ])('turns false with another %s of virtual machines, under a Manual policy', (_what, change) => {
    const azure = withInstances(2);

    azure.patch(webPath, change);

    expect(upToDate(azure)).toEqual([false, false]);
  });

  it('stays true when the same model is sent again', () => {
    const azure = withInstances(1);
    newImage(azure);
    upgrade(azure, { instanceIds: ['*'] });

    newImage(azure);

    expect(upToDate(azure)).toEqual([true]);
  });

  it('is true for new instances beside old ones, which keep what they were made from', () => {
    const azure = withInstances(1);

    newImage(azure, { sku: { capacity: 2 } });

    expect(upToDate(azure)).toEqual([false, true]);
    expect(shown(azure).map(({ properties }) => properties['storageProfile'])).toEqual([
      undefined,
      { imageReference: { sku: '2022' } },
    ]);
  });

  it('follows by itself under an Automatic policy, once the operation has succeeded', () => {
    const azure = withInstances(1, { settings: { operationMs: 5_000 } });
    azure.patch(webPath, { properties: { upgradePolicy: { mode: 'Automatic' } } });
    azure.wait(5_000);

    newImage(azure);

    expect(upToDate(azure)).toEqual([false]);
    expect(shown(azure)[0]?.properties['provisioningState']).toBe('Updating');
    azure.wait(5_000);
    expect(upToDate(azure)).toEqual([true]);
  });
});

describe('POST manualupgrade', () => {
  const settings = { operationMs: 5_000 };

  it('is answered 202 with both links, moves the etag on, and brings the model when it is done', () => {
    const azure = withInstances(2, { settings });
    newImage(azure);
    azure.wait(5_000);

    const { status, headers, body } = upgrade(azure, { instanceIds: ['*'] });

    expect({ status, body }).toEqual({ status: 202, body: undefined });
    expect(azure.get(webPath).headers['etag']).toBe('"3"');
    const poll = headers['azure-asyncoperation']!;
    const monitor = headers['location']!;
    expect(monitor).toContain('&monitor=true&');
    expect(azure.get(poll).body.status).toBe('InProgress');
    expect(azure.get(monitor)).toMatchObject({ status: 202, body: undefined });
    expect(upToDate(azure)).toEqual([false, false]);
    azure.wait(5_000);
    expect(azure.get(poll).body.status).toBe('Succeeded');
    expect(azure.get(monitor)).toMatchObject({ status: 200, body: undefined });
    expect(upToDate(azure)).toEqual([true, true]);
  });

  it('upgrades only the instances that it names', () => {
    const azure = withInstances(3);
    newImage(azure);

    upgrade(azure, { instanceIds: ['0', '2'] });

    expect(upToDate(azure)).toEqual([true, false, true]);
  });

  it('upgrades nothing when its operation fails', () => {
    const azure = withInstances(1, { settings });
    newImage(azure);
    azure.wait(5_000);
    azure.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'An internal error.' });

    upgrade(azure, { instanceIds: ['*'] });
    azure.wait(5_000);

    expect(upToDate(azure)).toEqual([false]);
  });

  it.each([
    ['no instances', {}, "Required parameter 'instanceIds' is missing (null)."],
    [
      'an instance that is not there',
      { instanceIds: ['0', '7'] },
      'The provided instanceId 7 is not an active Virtual Machine Scale Set VM instanceId.',
    ],
    [
      'what is no number',
      { instanceIds: ['0 1'] },
      'The provided instanceId 0 1 is invalid. It must be a non-negative integer or the character "*".',
    ],
  ])('is refused with %s', (_case, body, message) => {
    const azure = withInstances(1);

    const reply = upgrade(azure, body);

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(armError('InvalidParameter', message, 'instanceIds'));
    expect(azure.get(webPath).headers['etag']).toBe('"1"');
  });

  it('conflicts with an operation that runs', () => {
    const azure = withInstances(1, { settings });
    azure.patchIdentity({ type: 'SystemAssigned' });

    expect(upgrade(azure, { instanceIds: ['*'] }).body.error.code).toBe('Conflict');
  });

  it('is not allowed on a scale set that is being deleted', () => {
    const azure = withInstances(1, { settings });
    azure.del(webPath);

    expect(upgrade(azure, { instanceIds: ['*'] }).body.error.code).toBe('OperationNotAllowed');
  });
});

describe('what lies under a scale set', () => {
  const mayOnly = (...actions: readonly string[]): SimulatedAzure =>
    simulatedAzure({ principal: { permissions: [{ scope: '/', actions }] } });

  it('needs rights of its own', () => {
    const azure = mayOnly('Microsoft.Compute/virtualMachineScaleSets/read');

    for (const path of [list, `${list}/0`, `${list}/0/instanceView`, `${webPath}/instanceView`]) {
      expect(azure.get(path).status).toBe(403);
    }
    expect(upgrade(azure, { instanceIds: ['*'] }).body.error.message).toContain(
      "'Microsoft.Compute/virtualMachineScaleSets/manualUpgrade/action'",
    );
  });

  it('is 404 with its scale set', () => {
    const gone = webPath.replace(/web$/, 'gone');

    expect(simulatedAzure().get(`${gone}/virtualMachines`).body.error.code).toBe('ResourceNotFound');
  });

  it('is 404 when there is no such thing', () => {
    expect(simulatedAzure().get(`${webPath}/extensions`).body.error.code).toBe('InvalidResourceType');
    expect(simulatedAzure().get(`${list}/0/networkInterfaces`).body.error.code).toBe('InvalidResourceType');
  });

  it('takes no other method', () => {
    expect(simulatedAzure().get(`${webPath}/manualupgrade`).status).toBe(405);
    expect(simulatedAzure().del(`${list}/0`).status).toBe(405);
  });

  it('has the api-versions of Compute', () => {
    expect(simulatedAzure().get(list, { version: '2018-12-01' }).body.error.code).toBe('NoRegisteredProviderFound');
    expect(simulatedAzure().get(list, { version: latest }).status).toBe(200);
  });
});
