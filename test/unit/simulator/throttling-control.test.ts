import { describe, expect, it } from 'vitest';

import { handleControl } from '../../../dev/simulator/control/routes.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import { smallestSweep } from '../../../dev/simulator/throttling/used-buckets.ts';
import { clientId, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const scope = { subscription: subscriptionId, location: 'westeurope' };

function throttled() {
  const azure = simulatedAzure({ settings: { throttling: 'On', operationMs: 0 } });
  const ask = (method: string, body?: unknown) =>
    handleControl(azure.control, {
      method,
      url: 'http://127.0.0.1/_control/throttle',
      headers: {},
      body: body === undefined ? '' : JSON.stringify(body),
    });
  return { ...azure, ask };
}

describe('the token buckets behind the control API', () => {
  it('are those that are not full', () => {
    const { control, get } = throttled();
    get(webPath);

    expect(control.buckets()).toEqual([
      expect.objectContaining({ limit: 'SubscriptionReads', subscription: subscriptionId, principal: clientId }),
      expect.objectContaining({ limit: 'SubscriptionGlobalReads', subscription: subscriptionId }),
      expect.objectContaining({ limit: 'GetVMScaleSetSubscriptionMaximum', ...scope }),
      {
        limit: 'GetVMScaleSetResource',
        scaleSet: webPath,
        remaining: 35,
        capacity: 36,
        refill: 12,
        refillMs: Date.UTC(2026, 4, 7, 7, 33, 41),
        refused: 0,
      },
    ]);
  });

  it('are no longer told of when they are full again', () => {
    const { control, get, wait } = throttled();
    get(webPath);

    wait(60_000);

    expect(control.buckets()).toEqual([]);
  });

  it('count what they refused', () => {
    const { control, get } = throttled();
    control.drain('GetVMScaleSetResource', { scaleSet: webPath });
    get(webPath);
    get(webPath);

    expect(control.bucket('GetVMScaleSetResource', { scaleSet: webPath }).refused).toBe(2);
  });

  it('are found whatever the case of an id', () => {
    const { control, get } = throttled();
    get(webPath);

    expect(control.bucket('GetVMScaleSetResource', { scaleSet: webPath.toUpperCase() }).remaining).toBe(35);
  });

  it('can be drained but for a few tokens', () => {
    const { control, patchIdentity } = throttled();
    control.drain('VMScaleSetActionsResource', { scaleSet: webPath }, 1);

    expect([patchIdentity({ type: 'None' }).status, patchIdentity({ type: 'None' }).status]).toEqual([200, 429]);
  });

  it('are never filled up by being drained', () => {
    const { control } = throttled();
    control.drain('VMScaleSetActionsResource', { scaleSet: webPath });
    control.drain('VMScaleSetActionsResource', { scaleSet: webPath }, 5);

    expect(control.bucket('VMScaleSetActionsResource', { scaleSet: webPath }).remaining).toBe(0);
  });

  it('have to be named in full', () => {
    const { control } = throttled();

    expect(() => {
      control.drain('GetVMScaleSetSubscriptionMaximum', { subscription: subscriptionId });
    }).toThrow('a bucket GetVMScaleSetSubscriptionMaximum is that of a location');
  });

  it('are told of by GET /_control/throttle', () => {
    const { ask, get } = throttled();
    get(webPath);

    expect(ask('GET')).toMatchObject({ status: 200, body: [{}, {}, {}, { limit: 'GetVMScaleSetResource' }] });
  });

  it('are drained by POST /_control/throttle, which answers with the bucket', () => {
    const { ask, get } = throttled();

    const reply = ask('POST', { limit: 'GetVMScaleSetResource', scaleSet: webPath });

    expect(reply).toMatchObject({ status: 200, body: { limit: 'GetVMScaleSetResource', remaining: 0, capacity: 36 } });
    expect(get(webPath).status).toBe(429);
  });

  it.each([
    ['a limit that there is not', { limit: 'PutVM' }, /^limit must be one of SubscriptionReads, /],
    [
      'a scope that is incomplete',
      { limit: 'GetVMScaleSetSubscriptionMaximum', location: 'westeurope' },
      /^subscription must be a text$/,
    ],
  ])('refuse %s', (_what, body, message) => {
    expect(throttled().ask('POST', body)).toEqual({
      status: 400,
      body: { error: expect.stringMatching(message) as unknown },
    });
  });

  it('are forgotten, when they are many, once they are full again', () => {
    const { state, control, get, wait } = throttled();
    for (let index = 0; index < smallestSweep; index += 1) {
      control.drain('GetVMScaleSetResource', { scaleSet: `${webPath}${String(index)}` }, 35);
    }

    wait(60_000);
    get(webPath);

    expect(state.usedBuckets.byKey.size).toBeLessThan(10);
  });
});

describe('sizes of token buckets', () => {
  it('may be set, each part by itself', () => {
    const { control } = throttled();

    control.settings({ throttlingLimits: { GetVMScaleSetResource: { capacity: 3 } } });

    expect(control.bucket('GetVMScaleSetResource', { scaleSet: webPath })).toMatchObject({ capacity: 3, refill: 12 });
  });

  it('take effect on buckets that are in use', () => {
    const { control, get } = throttled();
    get(webPath);

    control.settings({ throttlingLimits: { GetVMScaleSetResource: { capacity: 3 } } });

    expect(get(webPath).headers['x-ms-ratelimit-remaining-resource']).toContain('GetVMScaleSetResource;2');
  });

  it.each([
    ['an unknown name', { PutVM: { capacity: 1 } }, 'settings.throttlingLimits.PutVM: is not known here'],
    [
      'an empty bucket',
      { GetVMScaleSetResource: { capacity: 0 } },
      'settings.throttlingLimits.GetVMScaleSetResource.capacity: must be a whole number, 1 or more, not 0',
    ],
  ])('are checked for %s', (_what, throttlingLimits: object, problem) => {
    expect(() => {
      applySeed(createState({}), { settings: { throttlingLimits } }, 0);
    }).toThrow(problem);
  });
});
