import { describe, expect, it } from 'vitest';

import {
  identity,
  lowerGroupIdentity,
  scaleSetsPath,
  type SimulatedAzure,
  simulatedAzure,
  subscriptionId,
  tenantId,
  webPath,
} from './azure.ts';

const lag = { listLagMs: 30_000 };
const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const apiPath = webPath.replace(/web$/, 'api');
const names = (azure: SimulatedAzure): readonly string[] => azure.get(scaleSetsPath).body.value.map(({ name }) => name);
const listed = (azure: SimulatedAzure) => azure.get(scaleSetsPath).body.value[0];

describe('a list that lags', () => {
  it('shows what was there from the beginning', () => {
    expect(names(simulatedAzure({ settings: lag }))).toEqual(['web']);
  });

  it('shows a scale set as it was that long ago, its etag included, while a GET of it is current', () => {
    const azure = simulatedAzure({ settings: { ...lag, operationMs: 0 } });
    const before = azure.get(webPath).body;
    azure.patchIdentity(attachA);
    const after = azure.get(webPath).body;

    azure.wait(29_999);
    expect(listed(azure)).toEqual(before);
    azure.wait(1);

    expect(listed(azure)).toEqual(after);
    expect(after).toHaveProperty('etag', '"2"');
    expect(azure.get(webPath).body).toEqual(after);
  });

  it('shows every stage of an operation that late', () => {
    const azure = simulatedAzure({ settings: lag });
    azure.patchIdentity(attachA);

    azure.wait(30_000);
    expect(listed(azure)?.properties['provisioningState']).toBe('Updating');
    expect(listed(azure)?.identity.userAssignedIdentities).toEqual({ [identity('a')]: {} });
    azure.wait(5_000);

    expect(listed(azure)?.properties['provisioningState']).toBe('Succeeded');
    expect(listed(azure)?.identity.userAssignedIdentities[identity('a')]).toHaveProperty('clientId');
  });

  it('misses a new scale set', () => {
    const azure = simulatedAzure({ settings: { ...lag, operationMs: 0 } });
    azure.put(apiPath, { location: 'westeurope' });

    expect(names(azure)).toEqual(['web']);
    azure.wait(30_000);

    expect(names(azure)).toEqual(['web', 'api']);
  });

  it('misses one that was seeded later, in a subscription of its own too', () => {
    const azure = simulatedAzure({ settings: lag });
    const id = '77777777-7777-4777-8777-777777777777';
    const group = { name: 'late', location: 'eastus', scaleSets: [{ name: 'late' }] };
    azure.control.seed({ subscriptions: [{ id, tenant: tenantId, resourceGroups: [group] }] });
    const path = scaleSetsPath.replace(subscriptionId, id);

    expect(azure.get(path).body.value).toEqual([]);
    azure.wait(30_000);

    expect(azure.get(path).body.value).toHaveLength(1);
  });

  it('still shows one that is gone', () => {
    const azure = simulatedAzure({ settings: lag });
    azure.control.drift(webPath, { kind: 'Remove' });

    expect(azure.get(webPath).status).toBe(404);
    expect(names(azure)).toEqual(['web']);
    azure.wait(30_000);

    expect(names(azure)).toEqual([]);
  });

  it('still shows the uniqueId of one that was replaced', () => {
    const azure = simulatedAzure({ settings: lag });
    const before = azure.get(webPath).body.properties['uniqueId'];
    azure.control.replaceScaleSet(webPath);

    expect(listed(azure)?.properties['uniqueId']).toBe(before);
    azure.wait(30_000);

    expect(listed(azure)?.properties['uniqueId']).toBe(azure.control.scaleSet(webPath).uniqueId);
  });

  it('learns late that an identity is dead', () => {
    const settings = { ...lag, deletedIdentity: 'NullIds' } as const;
    const azure = simulatedAzure({ settings, web: { identity: { userAssigned: ['a'] } } });
    const shown = () => listed(azure)?.identity.userAssignedIdentities[lowerGroupIdentity('a')];
    azure.get(webPath);
    azure.control.deleteIdentity(identity('a'));

    expect(shown()).toHaveProperty('clientId', expect.any(String));
    azure.wait(30_000);

    expect(shown()).toEqual({ principalId: null, clientId: null });
  });

  it('lags in a resource group as in the subscription', () => {
    const azure = simulatedAzure({ settings: lag });
    azure.control.drift(webPath, { kind: 'Remove' });

    expect(azure.get(webPath.replace(/\/web$/, '')).body.value).toHaveLength(1);
  });
});

describe('the lag', () => {
  it('is none by default, and then there are no second books', () => {
    const azure = simulatedAzure();
    azure.control.drift(webPath, { kind: 'Remove' });

    expect(names(azure)).toEqual([]);
    expect(azure.state.laggingLists).toBeUndefined();
  });

  it('may begin while it runs, with what is there then', () => {
    const azure = simulatedAzure();
    azure.control.settings(lag);
    azure.control.drift(webPath, { kind: 'Scale', capacity: 9 });

    expect(listed(azure)?.sku.capacity).toBe(1);
    azure.wait(30_000);

    expect(listed(azure)?.sku.capacity).toBe(9);
  });

  it('may end, and lists show the truth at once', () => {
    const azure = simulatedAzure({ settings: lag });
    azure.control.drift(webPath, { kind: 'Remove' });

    azure.control.settings({ listLagMs: 0 });

    expect(names(azure)).toEqual([]);
  });

  it('piles nothing up, whether or not anyone lists', () => {
    const azure = simulatedAzure({ settings: { ...lag, operationMs: 0 } });
    azure.patchIdentity(attachA);
    azure.wait(30_000);
    azure.get(webPath);

    expect(azure.state.laggingLists?.pending).toEqual([]);
  });

  it('is part of the state, so that a copied state goes on alike', () => {
    const azure = simulatedAzure({ settings: lag });
    azure.control.drift(webPath, { kind: 'Remove' });

    expect(structuredClone(azure.state)).toEqual(azure.state);
  });
});
