import { ComputeManagementClient, isRestError, type VirtualMachineScaleSet } from '@azure/arm-compute';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { credentialFor, identity, resourceGroup, scaleSetPath, seedWith, subscriptionId } from './azure.ts';

let simulator: Simulator;
let compute: ComputeManagementClient;

const names = ['attach', 'detach', 'both', 'guarded', 'failing', 'refused', 'deleted', 'flexible', 'instances', 'put'];

beforeAll(async () => {
  simulator = await startSimulator({
    operationMs: 50,
    seed: seedWith(
      names.map((name) => ({
        name,
        capacity: 3,
        orchestrationMode: name === 'flexible' ? ('Flexible' as const) : ('Uniform' as const),
        identity: name === 'detach' || name === 'both' ? { systemAssigned: true, userAssigned: ['ID1'] } : {},
      })),
    ),
  });
  compute = new ComputeManagementClient(credentialFor(simulator), subscriptionId, {
    endpoint: simulator.httpsUrl,
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  });
});
afterAll(() => simulator.stop());

const fast = { updateIntervalInMs: 20 };
const attached = (set: VirtualMachineScaleSet): readonly string[] =>
  Object.keys(set.identity?.userAssignedIdentities ?? {});

describe("@azure/arm-compute's ordinary client", () => {
  it('attaches an identity and waits for the operation', async () => {
    const update = { identity: { type: 'UserAssigned' as const, userAssignedIdentities: { [identity('ID1')]: {} } } };

    const result = await compute.virtualMachineScaleSets.update(resourceGroup, 'attach', update, fast);

    expect(result.provisioningState).toBe('Succeeded');
    expect(result.etag).toBe('"2"');
    expect(result.identity?.userAssignedIdentities?.[identity('ID1')]).toEqual({
      principalId: simulator.control.identity(identity('ID1')).principalId,
      clientId: simulator.control.identity(identity('ID1')).clientId,
    });
  });

  it('detaches one by null and keeps the system-assigned principal', async () => {
    const before = await compute.virtualMachineScaleSets.get(resourceGroup, 'detach');
    const userAssignedIdentities = { [identity('ID2')]: {}, [identity('ID1')]: null as unknown as object };
    const update = { identity: { type: 'SystemAssigned, UserAssigned' as const, userAssignedIdentities } };

    const result = await compute.virtualMachineScaleSets.update(resourceGroup, 'detach', update, fast);

    expect(attached(result)).toEqual([identity('ID2')]);
    expect(result.identity?.principalId).toBe(before.identity?.principalId);
  });

  it('drops the dictionary with the type SystemAssigned', async () => {
    const update = { identity: { type: 'SystemAssigned' as const } };

    const result = await compute.virtualMachineScaleSets.update(resourceGroup, 'both', update, fast);

    expect(result.identity?.type).toBe('SystemAssigned');
    expect(attached(result)).toEqual([]);
  });

  it('reads all pages of a list', async () => {
    const names: string[] = [];
    for await (const set of compute.virtualMachineScaleSets.listAll()) names.push(set.name ?? '');

    expect(names.slice(0, 4)).toEqual(['attach', 'detach', 'both', 'guarded']);
    expect(simulator.requests().filter(({ path }) => path.endsWith('/virtualMachineScaleSets')).length).toBeGreaterThan(
      2,
    );
  });

  it('reads a list page by page', async () => {
    const sizes: number[] = [];
    for await (const page of compute.virtualMachineScaleSets.list(resourceGroup).byPage()) sizes.push(page.length);

    expect(sizes.slice(0, -1).every((size) => size === 2)).toBe(true);
    expect(sizes.length).toBeGreaterThanOrEqual(names.length / 2);
  });

  it('is stopped by an old etag with the code of ARM', async () => {
    const update = compute.virtualMachineScaleSets.update(
      resourceGroup,
      'guarded',
      { identity: { type: 'SystemAssigned' } },
      { ...fast, ifMatch: '"7"' },
    );

    await expect(update).rejects.toMatchObject({
      name: 'RestError',
      statusCode: 412,
      code: 'PreconditionFailed',
      message: 'Etag provided in if-match header "7" does not match etag "1" of resource.',
    });
  });

  it('sees an operation fail', async () => {
    simulator.control.planOutcome(
      { kind: 'Fail', code: 'FailedIdentityOperation', message: 'Retry after 20 seconds' },
      { scaleSetId: scaleSetPath('failing') },
    );

    const update = compute.virtualMachineScaleSets.update(
      resourceGroup,
      'failing',
      { identity: { type: 'SystemAssigned' } },
      fast,
    );

    await expect(update).rejects.toThrow(/FailedIdentityOperation.*Retry after 20 seconds/);
  });

  it('is told which identities are refused', async () => {
    const update = { identity: { type: 'UserAssigned' as const, userAssignedIdentities: { [identity('none')]: {} } } };

    const error: unknown = await compute.virtualMachineScaleSets.update(resourceGroup, 'refused', update, fast).then(
      () => undefined,
      (reason: unknown) => reason,
    );

    expect(isRestError(error) && error.code).toBe('LinkedAuthorizationFailed');
    expect((error as Error).message).toContain(`on the linked scope(s) '${identity('none')}'`);
  });

  it('is told that Flexible takes no system-assigned identity', async () => {
    const update = compute.virtualMachineScaleSets.update(
      resourceGroup,
      'flexible',
      { identity: { type: 'SystemAssigned' } },
      fast,
    );

    await expect(update).rejects.toMatchObject({ statusCode: 400, code: 'InvalidParameter' });
  });

  it('deletes a scale set and waits until it is gone', async () => {
    await compute.virtualMachineScaleSets.delete(resourceGroup, 'deleted', fast);

    await expect(compute.virtualMachineScaleSets.get(resourceGroup, 'deleted')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('puts a whole model in the place of one, and keeps the identity that it does not name', async () => {
    const sku = { name: 'Standard_D4s_v3', tier: 'Standard', capacity: 1 };
    await compute.virtualMachineScaleSets.update(resourceGroup, 'put', { identity: { type: 'SystemAssigned' } }, fast);

    const put = await compute.virtualMachineScaleSets.createOrUpdate(
      resourceGroup,
      'put',
      { location: 'eastus', sku, tags: { a: '1' }, overprovision: false },
      fast,
    );

    expect(put).toMatchObject({
      provisioningState: 'Succeeded',
      etag: '"3"',
      sku,
      tags: { a: '1' },
      overprovision: false,
    });
    expect(put.identity?.type).toBe('SystemAssigned');
  });

  it('lists instances, sees them left behind by a new model, and brings it to them', async () => {
    const outdated = async (): Promise<readonly string[]> => {
      const ids: string[] = [];
      for await (const vm of compute.virtualMachineScaleSetVMs.list(resourceGroup, 'instances')) {
        if (vm.latestModelApplied !== true) ids.push(vm.instanceId ?? '');
      }
      return ids;
    };
    const identityAlone = { identity: { type: 'SystemAssigned' as const } };
    const storageProfile = {
      imageReference: { publisher: 'Canonical', offer: 'ubuntu', sku: 'server', version: 'latest' },
    };

    await compute.virtualMachineScaleSets.update(resourceGroup, 'instances', identityAlone, fast);
    expect(await outdated()).toEqual([]);
    const model = { virtualMachineProfile: { storageProfile } };
    await compute.virtualMachineScaleSets.update(resourceGroup, 'instances', model, fast);
    expect(await outdated()).toEqual(['0', '1', '2']);
    await compute.virtualMachineScaleSets.updateInstances(resourceGroup, 'instances', { instanceIds: ['1'] }, fast);
    expect(await outdated()).toEqual(['0', '2']);
    await compute.virtualMachineScaleSets.updateInstances(resourceGroup, 'instances', { instanceIds: ['*'] }, fast);
    expect(await outdated()).toEqual([]);
  });

  it('reads the state of one instance, and of all', async () => {
    const vm = await compute.virtualMachineScaleSetVMs.get(resourceGroup, 'both', '2', { expand: 'instanceView' });
    const view = await compute.virtualMachineScaleSetVMs.getInstanceView(resourceGroup, 'both', '2');
    const summary = await compute.virtualMachineScaleSets.getInstanceView(resourceGroup, 'both');

    expect(vm).toMatchObject({ name: 'both_2', instanceId: '2', provisioningState: 'Succeeded' });
    expect(vm.instanceView?.statuses?.map(({ code }) => code)).toEqual(view.statuses?.map(({ code }) => code));
    expect(summary.virtualMachine?.statusesSummary).toMatchObject([{ code: 'ProvisioningState/succeeded', count: 3 }]);
  });

  it('creates a scale set with a system-assigned identity', async () => {
    const created = await compute.virtualMachineScaleSets.createOrUpdate(
      resourceGroup,
      'created',
      { location: 'eastus', sku: { name: 'Standard_D1_v2', capacity: 3 }, identity: { type: 'SystemAssigned' } },
      fast,
    );

    expect(created.provisioningState).toBe('Succeeded');
    expect(created.identity?.principalId).toMatch(/^[-\da-f]{36}$/);
  });
});
