import { describe, expect, it } from 'vitest';

import { armError, clientId, objectId, type Parts, simulatedAzure, subscriptionId, webPath } from './azure.ts';
import { otherCaller, throttledAzure } from './throttled-azure.ts';

/** A simulated Azure whose Resource Manager lets through two requests of a kind, and two more each second. */
function throttled(parts: Parts = {}) {
  const size = { capacity: 2, refill: 2 };
  const sizes = { SubscriptionReads: size, SubscriptionWrites: size, SubscriptionDeletes: size };
  const azure = throttledAzure(sizes, parts);
  const other = otherCaller(azure);
  const read = () => azure.get(webPath);
  return { ...azure, other, read, exhaustReads: () => [read(), read()] };
}

const readsExceeded = armError(
  'SubscriptionRequestsThrottled',
  `Number of 'read' requests for subscription '${subscriptionId}' actor '${objectId}' exceeded. Please try again after '10' seconds ` +
    'after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.',
);

describe('throttling', () => {
  it('is off unless it is turned on', () => {
    const { read } = throttled({ settings: { throttling: 'Off' } });

    expect(Array.from({ length: 9 }, () => read().status)).toEqual(Array(9).fill(200));
  });

  it('shows full buckets in the headers while it is off', () => {
    const azure = simulatedAzure();
    azure.get(webPath);

    expect(azure.get(webPath).headers).toMatchObject({
      'x-ms-ratelimit-remaining-subscription-reads': '249',
      'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
      'x-ms-ratelimit-remaining-resource':
        'Microsoft.Compute/GetVMScaleSetSubscriptionMaximum;2399,Microsoft.Compute/GetVMScaleSetResource;35',
    });
  });

  it('can be turned on and off while it runs', () => {
    const { control, read, exhaustReads } = throttled();
    exhaustReads();

    expect(read().status).toBe(429);
    control.settings({ throttling: 'Off' });
    expect(read().status).toBe(200);
  });

  it('keeps plain data, which a copy of the state takes along', () => {
    const { state, read, exhaustReads } = throttled();
    exhaustReads();
    read();

    const copy = structuredClone(state);

    expect(copy.usedBuckets.byKey.size).toBeGreaterThan(0);
    expect(copy).toEqual(state);
  });
});

describe("Resource Manager's throttling", () => {
  it.each([
    ['reads', { SubscriptionReads: 250, SubscriptionGlobalReads: 3_750 }],
    ['writes', { SubscriptionWrites: 200, SubscriptionGlobalWrites: 3_000 }],
    ['deletes', { SubscriptionDeletes: 200, SubscriptionGlobalDeletes: 3_000 }],
  ])("holds as many tokens for %s as Azure's own", (_kind, sizes) => {
    const azure = simulatedAzure();
    const scope = { subscription: subscriptionId, principal: clientId };
    const capacities = Object.keys(sizes).map((limit) => [
      limit,
      azure.control.bucket(limit as keyof typeof sizes, scope).capacity,
    ]);

    expect(Object.fromEntries(capacities)).toEqual(sizes);
  });

  it('refuses reads beyond its bucket in its own words', () => {
    const { read, exhaustReads } = throttled();
    exhaustReads();

    const reply = read();

    expect(reply.status).toBe(429);
    expect(reply.body).toEqual(readsExceeded);
    expect(reply.headers['retry-after']).toBe('10');
  });

  it('refuses writes beyond theirs, and they have no effect', () => {
    const azure = throttled();
    const identity = { type: 'SystemAssigned' };
    azure.patchIdentity({ type: 'None' });
    azure.patchIdentity({ type: 'None' });

    const reply = azure.patchIdentity(identity);

    expect(reply.status).toBe(429);
    expect(reply.body.error.message).toContain("Number of 'write' requests");
    expect(azure.control.scaleSet(webPath)).toMatchObject({ etag: 3, systemAssigned: undefined });
  });

  it('refuses deletes beyond theirs', () => {
    const azure = throttled();
    azure.del(`${webPath}x`);
    azure.del(`${webPath}x`);

    const reply = azure.del(webPath);

    expect(reply.body.error.message).toContain("Number of 'delete' requests");
    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Succeeded');
  });

  it('lets requests through again when the time that it told is over', () => {
    const { read, exhaustReads, wait } = throttled();
    exhaustReads();
    read();

    wait(10_000);

    expect(read().status).toBe(200);
  });

  it('refuses who asks earlier than told, though there are tokens again, and tells anew', () => {
    const { read, exhaustReads, wait } = throttled();
    exhaustReads();
    read();
    wait(9_000);

    expect(read().headers['retry-after']).toBe('10');
    wait(9_999);
    expect(read().status).toBe(429);
    wait(10_000);
    expect(read().status).toBe(200);
  });

  it('tells the time in the text alone when the header is withheld', () => {
    const { read, exhaustReads } = throttled({ settings: { throttlingRetryAfter: 'None' } });
    exhaustReads();

    const reply = read();

    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(reply.body).toEqual(readsExceeded);
  });

  it('counts reads, writes and deletes apart', () => {
    const { patchIdentity, del, read, exhaustReads } = throttled();
    exhaustReads();

    expect(read().status).toBe(429);
    expect(patchIdentity({ type: 'None' }).status).toBe(200);
    expect(del(`${webPath}x`).status).toBe(204);
  });

  it('stops no other principal', () => {
    const { get, other, exhaustReads, read } = throttled();
    exhaustReads();

    expect(read().status).toBe(429);
    expect(get(webPath, other).status).toBe(200);
  });

  it('has a bucket for all principals together', () => {
    const { control, get, other, exhaustReads } = throttled();
    control.settings({ throttlingLimits: { SubscriptionGlobalReads: { capacity: 2 } } });
    exhaustReads();

    const reply = get(webPath, other);

    expect(reply.status).toBe(429);
    expect(reply.headers['x-ms-ratelimit-remaining-subscription-global-reads']).toBe('0');
  });

  it('shows with each answer what is left', () => {
    const { read } = throttled();
    read();

    expect(read().headers).toMatchObject({
      'x-ms-ratelimit-remaining-subscription-reads': '0',
      'x-ms-ratelimit-remaining-subscription-global-reads': '3748',
    });
  });

  it.each([
    ['write', 'writes', '199', '2999'],
    ['delete', 'deletes', '199', '2999'],
  ])('shows with a %s what is left of %s, and nothing of the others', (kind, name, own, global) => {
    const azure = simulatedAzure({ settings: { throttling: 'On' } });

    const { headers } = kind === 'write' ? azure.patchIdentity({ type: 'None' }) : azure.del(webPath);

    const shown = Object.entries(headers).filter(([header]) => header.includes('ratelimit-remaining-subscription'));
    expect(Object.fromEntries(shown)).toEqual({
      [`x-ms-ratelimit-remaining-subscription-${name}`]: own,
      [`x-ms-ratelimit-remaining-subscription-global-${name}`]: global,
    });
  });

  it('counts requests that it then refuses for want of a right', () => {
    const { read } = throttled({ principal: { permissions: [] } });

    expect([read().status, read().status, read().status]).toEqual([403, 403, 429]);
  });

  it('counts no request before it knows whose it is', () => {
    const { get, read } = throttled();
    const replies = Array.from({ length: 3 }, () => get(webPath, { token: '' }));

    expect(replies.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(Object.keys(replies[0]!.headers).filter((name) => name.includes('ratelimit'))).toEqual([]);
    expect(read().status).toBe(200);
  });

  it('counts user-assigned identities with everything else', () => {
    const { get, read } = throttled();
    const path = webPath.replace(
      'Microsoft.Compute/virtualMachineScaleSets/web',
      'Microsoft.ManagedIdentity/userAssignedIdentities/a',
    );
    get(path);
    get(path);

    expect(read().status).toBe(429);
  });

  it('is told by the log', () => {
    const { control, read, exhaustReads } = throttled();
    exhaustReads();
    read();

    expect(control.requests().at(-1)).toMatchObject({ status: 429, code: 'SubscriptionRequestsThrottled' });
  });

  it('counts no request that a fault kept from arriving', () => {
    const { control, read } = throttled();
    control.addFault({ effect: { kind: 'status', status: 503 }, count: 2 });

    expect([read().status, read().status, read().status, read().status]).toEqual([503, 503, 200, 200]);
  });
});
