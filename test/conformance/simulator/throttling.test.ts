import { ComputeManagementClient } from '@azure/arm-compute';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { credentialFor, resourceGroup, scaleSetPath, seedWith, subscriptionId } from './azure.ts';

let simulator: Simulator;
let compute: ComputeManagementClient;

beforeAll(async () => {
  simulator = await startSimulator({
    operationMs: 0,
    settings: { throttling: 'On' },
    seed: seedWith([{ name: 'read' }, { name: 'updated' }]),
  });
  compute = new ComputeManagementClient(credentialFor(simulator), subscriptionId, {
    endpoint: simulator.httpsUrl,
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  });
});
afterAll(() => simulator.stop());

/** Of whole windows: the figure itself depends on when in its window the bucket was asked. */
const seconds = /^[1-9]\d?$/;

describe("@azure/arm-compute's ordinary client, throttled", () => {
  it("sees Compute's 429 with its Retry-After", async () => {
    simulator.control.drain('VMScaleSetActionsResource', { scaleSet: scaleSetPath('updated') });

    const update = compute.virtualMachineScaleSets.update(resourceGroup, 'updated', { identity: { type: 'None' } });

    await expect(update).rejects.toMatchObject({ name: 'RestError', statusCode: 429, code: 'OperationNotAllowed' });
    const error: unknown = await update.then(undefined, (reason: unknown) => reason);
    expect((error as RestErrorWithHeaders).response.headers.get('retry-after')).toMatch(seconds);
  });

  it("sees Resource Manager's 429 with its Retry-After", async () => {
    simulator.control.settings({ throttlingLimits: { SubscriptionReads: { capacity: 1 } } });
    const read = () => compute.virtualMachineScaleSets.get(resourceGroup, 'read');
    await read();

    const error: unknown = await read().then(undefined, (reason: unknown) => reason);

    expect(error).toMatchObject({ name: 'RestError', statusCode: 429, code: 'SubscriptionRequestsThrottled' });
    expect((error as RestErrorWithHeaders).response.headers.get('retry-after')).toBe('10');
  });
});

interface RestErrorWithHeaders {
  readonly response: { readonly headers: { get(name: string): string | undefined } };
}
