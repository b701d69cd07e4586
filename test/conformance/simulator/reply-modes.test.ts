import { ComputeManagementClient } from '@azure/arm-compute';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { credentialFor, identity, resourceGroup, scaleSetPath, seedWith, subscriptionId } from './azure.ts';

const links = ['AsyncOperation', 'Accepted', 'AcceptedLocation'] as const;
const attach = { identity: { type: 'UserAssigned' as const, userAssignedIdentities: { [identity('ID1')]: {} } } };
const fast = { updateIntervalInMs: 20 };

let simulator: Simulator;
let compute: ComputeManagementClient;

beforeAll(async () => {
  const names = [...links, 'Bare'].flatMap((mode) => [mode, `${mode}-failing`]);
  simulator = await startSimulator({ operationMs: 50, seed: seedWith(names.map((name) => ({ name }))) });
  compute = new ComputeManagementClient(credentialFor(simulator), subscriptionId, {
    endpoint: simulator.httpsUrl,
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  });
});
afterAll(() => simulator.stop());

describe.each(links)('the poller of @azure/arm-compute, in the reply mode %s', (writeReply) => {
  it('waits for the operation and brings its result', async () => {
    simulator.control.settings({ writeReply });

    const result = await compute.virtualMachineScaleSets.update(resourceGroup, writeReply, attach, fast);

    expect(result.provisioningState).toBe('Succeeded');
    expect(result.identity?.userAssignedIdentities?.[identity('ID1')]).toHaveProperty('clientId');
  });

  it('sees the operation fail', async () => {
    const name = `${writeReply}-failing`;
    simulator.control.settings({ writeReply });
    simulator.control.planOutcome(
      { kind: 'Fail', code: 'FailedIdentityOperation', message: 'Retry after 20 seconds' },
      { scaleSetId: scaleSetPath(name) },
    );

    const update = compute.virtualMachineScaleSets.update(resourceGroup, name, attach, fast);

    await expect(update).rejects.toThrow('Retry after 20 seconds');
  });
});

describe('the poller of @azure/arm-compute, in the reply mode Bare', () => {
  it('takes a write for done that is not', async () => {
    simulator.control.settings({ writeReply: 'Bare', operationMs: 60_000 });

    const result = await compute.virtualMachineScaleSets.update(resourceGroup, 'Bare', attach, fast);

    expect(result.provisioningState).toBe('Updating');
  });
});
