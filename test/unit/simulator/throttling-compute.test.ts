import { describe, expect, it } from 'vitest';

import type { LimitName, LimitSizes } from '../../../dev/simulator/throttling/limits.ts';
import { clientId, identity, scaleSetsPath, subscriptionId, tenantId, webPath } from './azure.ts';
import {
  apiPath,
  attach,
  farPath,
  link,
  newSet,
  otherCaller,
  resourceHeader,
  shownTokens,
  throttledAzure,
  times,
} from './throttled-azure.ts';

describe("Compute's token buckets", () => {
  const location = { subscription: subscriptionId, location: 'westeurope' };
  const scaleSet = { scaleSet: webPath };
  const operation = { operation: 'x' };

  it.each<[LimitName, object, number, number]>([
    ['VMScaleSetActionsResource', scaleSet, 4, 12],
    ['VMScaleSetActionsSubscriptionMaximum', location, 500, 1_500],
    ['CreateVMScaleSetResource', scaleSet, 4, 12],
    ['CreateVMScaleSetSubscriptionMaximum', location, 125, 375],
    ['DeleteVMScaleSetResource', scaleSet, 4, 12],
    ['DeleteVMScaleSetSubscriptionMaximum', location, 175, 525],
    ['GetVMScaleSetResource', scaleSet, 12, 36],
    ['GetVMScaleSetSubscriptionMaximum', location, 800, 2_400],
    ['HighCostGetVMScaleSetSubscriptionMaximum', location, 360, 1_080],
    ['GetOperationResource', operation, 15, 45],
    ['GetOperationSubscriptionMaximum', location, 5_000, 15_000],
  ])('are of the size that Microsoft states: %s', (limit, scope, refill, capacity) => {
    const { control } = throttledAzure();
    control.drain(limit, scope);

    expect(control.bucket(limit, scope)).toMatchObject({ remaining: 0, refill, capacity });
    expect(control.bucket(limit, scope).refillMs).toBe(Date.UTC(2026, 4, 7, 7, 33, 41));
  });

  it('let through twelve updates of a scale set at once, and four more each minute', () => {
    const { patchIdentity, wait } = throttledAzure();
    const update = () => patchIdentity({ type: 'None' });

    expect(times(13, update)).toEqual([...Array<number>(12).fill(200), 429]);
    wait(59_999);
    expect(update().status).toBe(429);
    wait(1_000);
    expect(times(5, update)).toEqual([200, 200, 200, 200, 429]);
  });

  it('let through an update whose size another has used up', () => {
    const { control, patchIdentity } = throttledAzure();
    control.drain('VMScaleSetActionsResource', { scaleSet: webPath }, 1);

    expect(times(2, () => patchIdentity({ type: 'None' }))).toEqual([200, 429]);
  });
});

describe('a refusal by Compute', () => {
  const twoReads: LimitSizes = { GetVMScaleSetResource: { capacity: 2, refill: 1 } };

  it('names the policy, its window and its counts in a text of JSON', () => {
    const { get, wait } = throttledAzure(twoReads);
    get(webPath);
    get(webPath);
    wait(15_000);

    const reply = get(webPath);

    expect(reply.status).toBe(429);
    expect(reply.body).toEqual({
      error: {
        code: 'OperationNotAllowed',
        message: 'The server rejected the request because too many requests have been received for this subscription.',
        details: [
          {
            code: 'TooManyRequests',
            target: 'GetVMScaleSetResource',
            message: JSON.stringify({
              operationGroup: 'GetVMScaleSetResource',
              startTime: '2026-05-07T07:32:41.0000000+00:00',
              endTime: '2026-05-07T07:33:41.0000000+00:00',
              allowedRequestCount: 2,
              measuredRequestCount: 3,
            }),
          },
        ],
        innererror: { internalErrorCode: 'TooManyRequestsReceived' },
      },
    });
  });

  it('tells how long it is until tokens come back', () => {
    const { get, wait } = throttledAzure(twoReads);
    get(webPath);
    get(webPath);
    wait(15_000);

    expect(get(webPath).headers['retry-after']).toBe('45');
  });

  it('tells no time when the header is withheld', () => {
    const { get } = throttledAzure(twoReads, { settings: { throttlingRetryAfter: 'None' } });
    times(2, () => get(webPath));

    const reply = get(webPath);

    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(JSON.stringify(reply.body)).not.toMatch(/after/);
  });

  it('holds until the time that it told, though tokens come back before', () => {
    const { get, wait } = throttledAzure(twoReads);
    times(2, () => get(webPath));
    wait(500);
    expect(get(webPath).headers['retry-after']).toBe('60');

    wait(59_600);

    expect(get(webPath)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    wait(1_000);
    expect(get(webPath).status).toBe(200);
  });

  it('holds only until tokens come back when it told no time', () => {
    const { get, wait } = throttledAzure(twoReads, { settings: { throttlingRetryAfter: 'None' } });
    times(2, () => get(webPath));
    wait(500);
    get(webPath);

    wait(59_600);

    expect(get(webPath).status).toBe(200);
  });

  it('keeps nobody waiting but who was told to', () => {
    const azure = throttledAzure(twoReads);
    const other = otherCaller(azure);
    times(2, () => azure.get(webPath));
    azure.wait(500);
    azure.get(webPath);

    azure.wait(59_600);

    expect(azure.get(webPath, other).status).toBe(200);
  });

  it('takes nothing from the other buckets of the request', () => {
    const { control, get } = throttledAzure(twoReads);

    times(5, () => get(webPath));

    const scope = { subscription: subscriptionId, location: 'westeurope' };
    expect(control.bucket('GetVMScaleSetSubscriptionMaximum', scope).remaining).toBe(2_398);
  });

  it('leaves an update without effect', () => {
    const { control, patchIdentity } = throttledAzure({ VMScaleSetActionsResource: { capacity: 1 } });
    patchIdentity(attach('a'));

    const reply = patchIdentity(attach('b'));

    expect(reply.status).toBe(429);
    expect(reply.headers).not.toHaveProperty(link);
    expect(control.scaleSet(webPath)).toMatchObject({ etag: 2, userAssigned: [{ id: identity('a') }] });
  });

  it('leaves a scale set that was to be created unmade', () => {
    const { get, put } = throttledAzure({ CreateVMScaleSetSubscriptionMaximum: { capacity: 1 } });
    put(`${webPath}1`, newSet);

    expect(put(`${webPath}2`, newSet).status).toBe(429);
    expect(get(`${webPath}2`).status).toBe(404);
  });

  it('leaves a scale set that was to be deleted as it is', () => {
    const { control, get, del } = throttledAzure();
    control.drain('DeleteVMScaleSetResource', { scaleSet: webPath });

    expect(del(webPath).status).toBe(429);
    expect(get(webPath).status).toBe(200);
  });

  it('is told by the log', () => {
    const { control, get } = throttledAzure(twoReads);
    times(3, () => get(webPath));

    expect(control.requests().at(-1)).toMatchObject({ status: 429, code: 'OperationNotAllowed', principal: clientId });
  });
});

describe('an exhausted bucket of Compute', () => {
  it('of one scale set stops no other', () => {
    const { get, patch, patchIdentity } = throttledAzure({ VMScaleSetActionsResource: { capacity: 1 } });

    expect(times(2, () => patchIdentity({ type: 'None' }))).toEqual([200, 429]);
    expect(patch(apiPath, { identity: { type: 'None' } }).status).toBe(200);
    expect(get(webPath).status).toBe(200);
  });

  it('of one location stops every scale set there', () => {
    const { patch, patchIdentity } = throttledAzure({ VMScaleSetActionsSubscriptionMaximum: { capacity: 1 } });
    patchIdentity({ type: 'None' });

    const reply = patch(apiPath, { identity: { type: 'None' } });

    expect(reply.status).toBe(429);
    expect(reply.body.error).toMatchObject({ details: [{ target: 'VMScaleSetActionsSubscriptionMaximum' }] });
  });

  it('of one location stops no other location', () => {
    const { patch, patchIdentity } = throttledAzure({ VMScaleSetActionsSubscriptionMaximum: { capacity: 1 } });
    patchIdentity({ type: 'None' });

    expect(patch(farPath, { identity: { type: 'None' } }).status).toBe(200);
  });

  it('is exhausted for every principal', () => {
    const azure = throttledAzure({ VMScaleSetActionsResource: { capacity: 1 } });
    const other = otherCaller(azure);
    azure.patchIdentity({ type: 'None' });

    expect(azure.patchIdentity({ type: 'None' }, other).status).toBe(429);
  });

  it('of one operation stops the polls of no other', () => {
    const { get, patch, patchIdentity } = throttledAzure(
      { GetOperationResource: { capacity: 1 } },
      { settings: { operationMs: 5_000 } },
    );
    const first = patchIdentity({ type: 'None' }).headers[link]!;
    const second = patch(apiPath, { identity: { type: 'None' } }).headers[link]!;

    expect(times(2, () => get(first))).toEqual([200, 429]);
    expect(get(second).status).toBe(200);
  });

  it('of updates stops no read, and no poll', () => {
    const { get, patchIdentity } = throttledAzure(
      { VMScaleSetActionsSubscriptionMaximum: { capacity: 1 } },
      { settings: { operationMs: 5_000 } },
    );
    const poll = patchIdentity({ type: 'None' }).headers[link]!;

    expect(patchIdentity({ type: 'None' }).status).toBe(429);
    expect([get(webPath).status, get(poll).status, get(scaleSetsPath).status]).toEqual([200, 200, 200]);
  });
});

describe('what Compute counts', () => {
  it('is every update that reaches it, those that it then refuses too', () => {
    const { patchIdentity } = throttledAzure({ VMScaleSetActionsResource: { capacity: 2 } });
    const stale = { headers: { 'if-match': '"7"' } };

    expect(times(3, () => patchIdentity({ type: 'None' }, stale))).toEqual([412, 412, 429]);
  });

  it('is a PUT on a scale set that is there as an update', () => {
    const { headers } = throttledAzure().put(webPath, newSet);

    expect(shownTokens(headers)).toContain('VMScaleSetActionsResource;11');
  });

  it('is no request that its sender has no right to', () => {
    const { control, patchIdentity } = throttledAzure({}, { principal: { permissions: [] } });
    control.drain('VMScaleSetActionsResource', { scaleSet: webPath });

    const reply = patchIdentity({ type: 'None' });

    expect(reply.status).toBe(403);
    expect(reply.headers).not.toHaveProperty(resourceHeader);
  });

  it('is no update whose identities may not be assigned', () => {
    const { control, patchIdentity } = throttledAzure();
    control.drain('VMScaleSetActionsResource', { scaleSet: webPath });

    expect(patchIdentity(attach('missing')).body.error.code).toBe('LinkedAuthorizationFailed');
  });

  it('is no request for a scale set that there is not', () => {
    const { get } = throttledAzure({ GetVMScaleSetSubscriptionMaximum: { capacity: 1 } });

    expect(times(3, () => get(`${webPath}x`))).toEqual([404, 404, 404]);
    expect(get(webPath).status).toBe(200);
  });

  it('is each page of a list, in every location that has some of its scale sets', () => {
    const { control, get } = throttledAzure({}, { settings: { pageSize: 2 } });

    get(get(scaleSetsPath).body.nextLink);

    const left = ['westeurope', 'northeurope'].map(
      (location) =>
        control.bucket('HighCostGetVMScaleSetSubscriptionMaximum', { subscription: subscriptionId, location })
          .remaining,
    );
    expect(left).toEqual([1_078, 1_078]);
  });

  it('is the list of a group in its own locations alone', () => {
    const azure = throttledAzure();
    const group = { name: 'warehouse', location: 'uksouth', scaleSets: [{ name: 'far' }] };
    azure.control.seed({ subscriptions: [{ id: subscriptionId, tenant: tenantId, resourceGroups: [group] }] });

    azure.get(webPath.replace('/shop/', '/warehouse/').replace(/\/web$/, ''));

    const used = azure.control.buckets().filter(({ limit }) => limit.startsWith('HighCost'));
    expect(used).toEqual([expect.objectContaining({ location: 'uksouth', remaining: 1_079 })]);
  });

  it('refuses a list when one of its locations is exhausted', () => {
    const { control, get } = throttledAzure();
    const scope = { subscription: subscriptionId, location: 'North Europe' };
    control.drain('HighCostGetVMScaleSetSubscriptionMaximum', scope);

    const reply = get(scaleSetsPath);

    expect(reply.status).toBe(429);
    expect(reply.body).not.toHaveProperty('value');
    expect(reply.body.error).toMatchObject({ details: [{ target: 'HighCostGetVMScaleSetSubscriptionMaximum' }] });
  });

  it('are the looks at an operation, by either of its links', () => {
    const { get, del } = throttledAzure(
      { GetOperationResource: { capacity: 2 } },
      { settings: { operationMs: 5_000 } },
    );
    const { headers } = del(webPath);

    expect([get(headers[link]!).status, get(headers['location']!).status]).toEqual([200, 202]);
    expect(get(headers[link]!).status).toBe(429);
  });
});
