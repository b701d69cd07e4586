import { describe, expect, it } from 'vitest';

import type { LimitSizes } from '../../../dev/simulator/throttling/limits.ts';
import {
  identity,
  lowerGroupIdentity,
  type Parts,
  type SimulatedAzure,
  simulatedAzure,
  subscriptionId,
  tenantId,
  webPath,
} from './azure.ts';
import { apiPath, attach, farPath, link, throttledAzure } from './throttled-azure.ts';

const secondSubscriptionId = '88888888-8888-4888-8888-888888888888';
const scope = { subscription: subscriptionId, location: 'westeurope' };

/** An identity service that lets through two identities each 20 seconds, of one subscription and location. */
function throttled(parts: Parts = {}, throttlingLimits: LimitSizes = {}): SimulatedAzure {
  const size = { capacity: 2, refill: 2 };
  return throttledAzure({ IdentityAssignmentsPerSubscription: size, ...throttlingLimits }, parts);
}

const temporarilyThrottled =
  `Identity operation for resource '${webPath}' failed with error 'Failed to perform resource identity operation. Status: '429'. ` +
  `Response: '{"error":{"code":"429","message":"Request is temporarily throttled because resource ${webPath} has issued too many ` +
  `requests. Retry after 20 seconds."}}'.'.`;

describe("the identity service's throttling", () => {
  it('lets through 300 identities each 20 seconds, of one subscription and location', () => {
    const { control, wait } = simulatedAzure({ settings: { throttling: 'On' } });
    control.drain('IdentityAssignmentsPerSubscription', scope);

    expect(control.bucket('IdentityAssignmentsPerSubscription', scope)).toMatchObject({ remaining: 0, capacity: 300 });
    wait(20_000);
    expect(control.bucket('IdentityAssignmentsPerSubscription', scope).remaining).toBe(300);
  });

  it('lets through 400 identities each 20 seconds, of one tenant and location', () => {
    const { control, wait } = simulatedAzure({ settings: { throttling: 'On' } });
    const inTenant = { tenant: tenantId, location: 'westeurope' };
    control.drain('IdentityAssignmentsPerTenant', inTenant);

    expect(control.bucket('IdentityAssignmentsPerTenant', inTenant)).toMatchObject({ remaining: 0, capacity: 400 });
    wait(20_000);
    expect(control.bucket('IdentityAssignmentsPerTenant', inTenant).remaining).toBe(400);
  });

  it('hides the time to wait in the text of a 429, and tells it nowhere else', () => {
    const { patchIdentity } = throttled();
    patchIdentity(attach('a', 'b'));

    const reply = patchIdentity(attach('c'));

    expect(reply.status).toBe(429);
    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(reply.body).toEqual({ error: { code: 'FailedIdentityOperation', message: temporarilyThrottled } });
  });

  it('leaves a write that it refuses without effect', () => {
    const { control, patchIdentity } = throttled();
    patchIdentity(attach('a', 'b'));

    patchIdentity(attach('c'));

    expect(control.scaleSet(webPath)).toMatchObject({ etag: 2, provisioningState: 'Succeeded' });
    expect(control.scaleSet(webPath).userAssigned).toHaveLength(2);
  });

  it('lets writes through again when the time that it told is over', () => {
    const { patchIdentity, wait } = throttled();
    patchIdentity(attach('a', 'b'));
    patchIdentity(attach('c'));

    wait(20_000);

    expect(patchIdentity(attach('c')).status).toBe(200);
  });

  it('refuses who asks earlier than told', () => {
    const { patchIdentity, wait } = throttled();
    patchIdentity(attach('a', 'b'));
    wait(10_000);
    patchIdentity(attach('c'));

    wait(19_999);

    expect(patchIdentity(attach('c')).status).toBe(429);
  });

  it.each([
    ['one for each identity that is attached', attach('c'), 1],
    ['one for each that is detached', { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: null } }, 1],
    ['one for each that goes with the type', { type: 'None' }, 2],
    ['none for one that is attached already', attach('a'), 0],
    ['none for a system-assigned identity', { type: 'SystemAssigned, UserAssigned' }, 0],
  ])('counts %s', (_what, change, tokens) => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a', 'b'] } }, settings: { throttling: 'On' } });

    expect(azure.patchIdentity(change).status).toBe(200);

    const { remaining } = azure.control.bucket('IdentityAssignmentsPerSubscription', scope);
    expect(remaining).toBe(300 - tokens);
  });

  it('counts, in a whole list of identities, those that come and those that go', () => {
    const azure = simulatedAzure({ web: { identity: { userAssigned: ['a', 'b'] } }, settings: { throttling: 'On' } });
    const change = { type: 'UserAssigned', identityIds: [identity('b'), identity('c')] };

    azure.patchIdentity(change, { version: '2017-12-01' });

    expect(azure.control.bucket('IdentityAssignmentsPerSubscription', scope).remaining).toBe(298);
  });

  it('counts the identities of a scale set that is created', () => {
    const azure = throttled();

    azure.put(`${webPath}1`, { location: 'West Europe', identity: attach('a', 'b') });

    expect(azure.control.bucket('IdentityAssignmentsPerSubscription', scope).remaining).toBe(0);
  });

  it('counts identities that there are not', () => {
    const { control, patchIdentity } = throttled({ settings: { missingIdentity: 'FailedIdentityOperation' } });

    expect(patchIdentity(attach('missing')).status).toBe(400);
    expect(control.bucket('IdentityAssignmentsPerSubscription', scope).remaining).toBe(1);
  });

  it('refuses a write as a whole', () => {
    const { control, patchIdentity } = throttled();

    expect(patchIdentity(attach('a', 'b', 'c')).status).toBe(429);
    expect(control.bucket('IdentityAssignmentsPerSubscription', scope).remaining).toBe(2);
    expect(control.scaleSet(webPath).userAssigned).toEqual([]);
  });

  it('stops every scale set of the location, and no other location', () => {
    const { patch, patchIdentity } = throttled();
    patchIdentity(attach('a', 'b'));

    expect(patch(apiPath, { identity: attach('a') }).status).toBe(429);
    expect(patch(farPath, { identity: attach('a') }).status).toBe(200);
  });

  it('stops no write that leaves the user-assigned identities alone', () => {
    const { patch, patchIdentity } = throttled();
    patchIdentity(attach('a', 'b'));

    expect(patch(webPath, { sku: { capacity: 4 } }).status).toBe(200);
  });

  it('has a bucket for all subscriptions of a tenant together', () => {
    const azure = throttled({}, { IdentityAssignmentsPerTenant: { capacity: 2 } });
    azure.control.seed({
      subscriptions: [
        {
          id: secondSubscriptionId,
          tenant: tenantId,
          resourceGroups: [{ name: 'shop', location: 'westeurope', scaleSets: [{ name: 'web' }] }],
        },
      ],
    });
    azure.patchIdentity(attach('a', 'b'));

    const reply = azure.patch(webPath.replace(subscriptionId, secondSubscriptionId), { identity: attach('c') });

    expect(reply.body.error.code).toBe('FailedIdentityOperation');
    expect(reply.status).toBe(429);
  });
});

describe("the identity service's throttling, as the result of an operation", () => {
  const later: Parts = { settings: { identityThrottling: 'FailedOperation', operationMs: 5_000 } };

  function exhausted(): SimulatedAzure {
    const azure = throttled(later);
    azure.control.drain('IdentityAssignmentsPerSubscription', scope);
    return azure;
  }

  it('lets the write be accepted, and fails its operation', () => {
    const { get, patchIdentity, wait } = exhausted();

    const reply = patchIdentity(attach('a'));
    wait(5_000);

    expect(reply.status).toBe(200);
    expect(get(reply.headers[link]!)).toMatchObject({
      status: 200,
      body: { status: 'Failed', error: { code: 'FailedIdentityOperation', message: temporarilyThrottled } },
    });
  });

  it('leaves the identity in the model, without its ids', () => {
    const { control, patchIdentity, wait } = exhausted();

    patchIdentity(attach('a'));
    wait(5_000);

    expect(control.scaleSet(webPath)).toMatchObject({
      provisioningState: 'Failed',
      userAssigned: [{ id: identity('a'), clientId: undefined }],
    });
  });

  it('is mended by the same write again, which is counted', () => {
    const { control, patchIdentity, wait } = exhausted();
    patchIdentity(attach('a'));
    wait(20_000);

    patchIdentity(attach('a'));
    wait(5_000);

    expect(control.scaleSet(webPath).userAssigned[0]?.clientId).toBe(
      control.identity(lowerGroupIdentity('a')).clientId,
    );
    expect(control.bucket('IdentityAssignmentsPerSubscription', scope).remaining).toBe(1);
  });

  it('fails the operation of a write that would otherwise be done at once', () => {
    const azure = exhausted();
    azure.control.settings({ operationMs: 0 });

    const reply = azure.patchIdentity(attach('a'));

    expect(reply.body.properties['provisioningState']).toBe('Updating');
    expect(azure.get(reply.headers[link]!).body.status).toBe('Failed');
  });

  it('leaves what was planned for the next operation to the next', () => {
    const azure = exhausted();
    azure.control.planOutcome({ kind: 'Stuck' });

    const reply = azure.patchIdentity(attach('a'));
    azure.wait(5_000);

    expect(azure.get(reply.headers[link]!).body.status).toBe('Failed');
  });
});
