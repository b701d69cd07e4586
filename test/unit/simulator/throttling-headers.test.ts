import { describe, expect, it } from 'vitest';

import { identity, scaleSetsPath, simulatedAzure, webPath } from './azure.ts';
import { apiPath, attach, link, newSet, resourceHeader, shownTokens, throttledAzure } from './throttled-azure.ts';

describe('the header x-ms-ratelimit-remaining-resource', () => {
  it('has, with a read, the policies of reads', () => {
    const azure = throttledAzure();
    azure.get(apiPath);

    expect(azure.get(webPath).headers[resourceHeader]).toBe(
      'Microsoft.Compute/GetVMScaleSetSubscriptionMaximum;2398,Microsoft.Compute/GetVMScaleSetResource;35',
    );
  });

  it('has, with an update, its policies and the queues of instances', () => {
    const { headers } = throttledAzure().patchIdentity(attach('a'));

    expect(headers[resourceHeader]).toBe(
      'Microsoft.Compute/VMScaleSetActionsSubscriptionMaximum;1499,Microsoft.Compute/VMScaleSetActionsResource;11,' +
        'Microsoft.Compute/VMScaleSetBatchedVMRequestsSubscriptionMaximum;6000,Microsoft.Compute/VmssQueuedVMOperations;0',
    );
    expect(headers['x-ms-request-charge']).toBe('0');
  });

  it('has, with the creation of a scale set, the policies of creations', () => {
    const { headers } = throttledAzure().put(`${webPath}1`, newSet);

    expect(shownTokens(headers)).toMatch(/^CreateVMScaleSetSubscriptionMaximum;374,CreateVMScaleSetResource;11,/);
  });

  it('has, with a deletion, the policies of deletions', () => {
    const { headers } = throttledAzure().del(webPath);

    expect(shownTokens(headers)).toMatch(/^DeleteVMScaleSetSubscriptionMaximum;524,DeleteVMScaleSetResource;11,/);
  });

  it('has, with a look at an operation, the policies of those', () => {
    const { get, patchIdentity } = throttledAzure({}, { settings: { operationMs: 5_000 } });
    const poll = patchIdentity(attach('a')).headers[link]!;
    get(poll);

    expect(shownTokens(get(poll).headers)).toBe('GetOperationResource;43,GetOperationSubscriptionMaximum;14998');
  });

  it('has, with the list of a group in one location, the policy of lists', () => {
    const { headers } = simulatedAzure().get(webPath.replace(/\/web$/, ''));

    expect(shownTokens(headers)).toBe('HighCostGetVMScaleSetSubscriptionMaximum;1079');
  });

  it('counts as it did in a recorded run: tokens come back by the minute, not by the second', () => {
    const { get, patchIdentity, wait } = throttledAzure({}, { settings: { operationMs: 5_700 } });
    const seen: (string | undefined)[] = [];
    const update = (name: string): string => {
      const { headers } = patchIdentity(attach(name));
      seen.push(shownTokens(headers)?.split(',', 2).join(','));
      return headers[link]!;
    };
    const poll = (link: string): void => {
      seen.push(shownTokens(get(link).headers)?.split(',', 1)[0]);
    };

    const operation = update('a');
    wait(1_000);
    poll(operation);
    wait(38_000);
    poll(operation);
    wait(28_000);
    update('b');

    expect(seen).toEqual([
      'VMScaleSetActionsSubscriptionMaximum;1499,VMScaleSetActionsResource;11',
      'GetOperationResource;44',
      'GetOperationResource;43',
      'VMScaleSetActionsSubscriptionMaximum;1499,VMScaleSetActionsResource;11',
    ]);
  });

  it('is not there with a list that several locations answered', () => {
    expect(throttledAzure().get(scaleSetsPath).headers).not.toHaveProperty(resourceHeader);
  });

  it('is not there with what Compute has no part in', () => {
    const { get } = throttledAzure();

    expect(get(identity('a')).headers).not.toHaveProperty(resourceHeader);
    expect(get(`${webPath}/providers/Microsoft.Authorization/permissions`).headers).not.toHaveProperty(resourceHeader);
  });

  it('shows, with a refusal, which bucket is empty', () => {
    const { headers } = (({ get, control }) => {
      control.drain('GetVMScaleSetResource', { scaleSet: webPath });
      return get(webPath);
    })(throttledAzure());

    expect(shownTokens(headers)).toBe('GetVMScaleSetSubscriptionMaximum;2400,GetVMScaleSetResource;0');
  });
});
