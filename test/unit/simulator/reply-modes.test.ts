import { describe, expect, it } from 'vitest';

import type { Settings } from '../../../dev/simulator/settings.ts';
import { armError, identity, simulatedAzure, webPath } from './azure.ts';

const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const newPath = webPath.replace(/web$/, 'new');
const model = { location: 'westeurope', sku: { name: 'Standard_D1_v2', capacity: 3 }, properties: {} };
const failure = { kind: 'Fail', code: 'FailedIdentityOperation', message: 'Retry after 20 seconds' } as const;

function azureIn(mode: Settings['writeReply'], settings: Partial<Settings> = {}) {
  return simulatedAzure({ settings: { writeReply: mode, ...settings } });
}

describe('the reply mode AsyncOperation', () => {
  it.each([
    ['PATCH', webPath, 200, 'Updating'],
    ['PUT', newPath, 201, 'Creating'],
  ])('answers a %s with the target model and one poll link', (method, path, status, state) => {
    const reply = azureIn('AsyncOperation').ask(method, path, { body: { ...model, identity: attachA } });

    expect(reply.status).toBe(status);
    expect(reply.body.properties['provisioningState']).toBe(state);
    expect(reply.headers).toHaveProperty('azure-asyncoperation');
    expect(reply.headers).not.toHaveProperty('location');
    expect(reply.headers).not.toHaveProperty('retry-after');
  });
});

describe('the reply mode Accepted', () => {
  it.each([
    ['PATCH', webPath],
    ['PUT', newPath],
  ])('answers a %s with 202, both links and no body', (method, path) => {
    const reply = azureIn('Accepted').ask(method, path, { body: { ...model, identity: attachA } });

    expect(reply.status).toBe(202);
    expect(reply.body).toBeUndefined();
    expect(reply.headers).toHaveProperty('azure-asyncoperation');
    expect(new URL(reply.headers['location']!).searchParams.get('monitor')).toBe('true');
  });

  it('has two links that tell of the same operation', () => {
    const azure = azureIn('Accepted');
    const { headers } = azure.patchIdentity(attachA);

    azure.wait(5_000);

    expect(azure.get(headers['azure-asyncoperation']!).body.status).toBe('Succeeded');
    expect(azure.get(headers['location']!).status).toBe(200);
  });
});

describe('the reply mode AcceptedLocation', () => {
  it('answers with 202 and a location alone', () => {
    const reply = azureIn('AcceptedLocation').patchIdentity(attachA);

    expect(reply.status).toBe(202);
    expect(reply.body).toBeUndefined();
    expect(reply.headers).not.toHaveProperty('azure-asyncoperation');
    expect(reply.headers).toHaveProperty('location');
  });

  it('has the write done all the same', () => {
    const azure = azureIn('AcceptedLocation');
    azure.patchIdentity(attachA);

    azure.wait(5_000);

    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('a')]).toHaveProperty('clientId');
  });
});

describe('the reply mode Bare', () => {
  it('answers with the target model, Updating, and no link, so that only provisioningState tells', () => {
    const azure = azureIn('Bare');

    const reply = azure.patchIdentity(attachA);

    expect(reply.status).toBe(200);
    expect(reply.body.properties['provisioningState']).toBe('Updating');
    expect(reply.headers).not.toHaveProperty('azure-asyncoperation');
    expect(reply.headers).not.toHaveProperty('location');
    azure.wait(5_000);
    expect(azure.get(webPath).body.properties['provisioningState']).toBe('Succeeded');
  });
});

describe('a write that takes no time', () => {
  it.each(['AsyncOperation', 'Accepted', 'AcceptedLocation', 'Bare'] as const)(
    'is answered as done, without a link, in the mode %s too',
    (mode) => {
      const reply = azureIn(mode, { operationMs: 0, writeRetryAfterSeconds: 5 }).patchIdentity(attachA);

      expect(reply.status).toBe(200);
      expect(reply.body.properties['provisioningState']).toBe('Succeeded');
      expect(Object.keys(reply.headers)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(azure-asyncoperation|location|retry-after)$/)]),
      );
    },
  );
});

describe('Retry-After', () => {
  it.each(['AsyncOperation', 'Accepted', 'AcceptedLocation', 'Bare'] as const)(
    'comes with the reply of the mode %s, in seconds',
    (mode) => {
      const reply = azureIn(mode, { writeRetryAfterSeconds: 17 }).patchIdentity(attachA);

      expect(reply.headers['retry-after']).toBe('17');
    },
  );

  it('may be 0, which is not none', () => {
    const reply = azureIn('AsyncOperation', { writeRetryAfterSeconds: 0 }).patchIdentity(attachA);

    expect(reply.headers['retry-after']).toBe('0');
  });

  it('may be an HTTP date', () => {
    const settings = { writeRetryAfterSeconds: 17, retryAfterForm: 'HttpDate' } as const;

    const reply = azureIn('AsyncOperation', settings).patchIdentity(attachA);

    expect(reply.headers['retry-after']).toBe('Thu, 07 May 2026 07:32:58 GMT');
  });

  it('as a date never asks to come too early', () => {
    const azure = azureIn('AsyncOperation', { writeRetryAfterSeconds: 17, retryAfterForm: 'HttpDate' });
    azure.wait(1);

    expect(azure.patchIdentity(attachA).headers['retry-after']).toBe('Thu, 07 May 2026 07:32:59 GMT');
  });

  it.each(['azure-asyncoperation', 'location'])('comes with every poll of %s while the operation runs', (link) => {
    const azure = azureIn('Accepted', { pollRetryAfterSeconds: 3 });
    const poll = azure.patchIdentity(attachA).headers[link]!;

    expect(azure.get(poll).headers['retry-after']).toBe('3');
    azure.wait(5_000);
    expect(azure.get(poll).headers).not.toHaveProperty('retry-after');
  });

  it('may be an HTTP date on a poll', () => {
    const azure = azureIn('Accepted', { pollRetryAfterSeconds: 3, retryAfterForm: 'HttpDate' });
    const poll = azure.patchIdentity(attachA).headers['azure-asyncoperation']!;

    azure.wait(1_000);

    expect(azure.get(poll).headers['retry-after']).toBe('Thu, 07 May 2026 07:32:45 GMT');
  });

  it('of a DELETE is 10 seconds, unless told otherwise', () => {
    expect(azureIn('Bare').del(webPath).headers['retry-after']).toBe('10');
    expect(azureIn('Bare', { writeRetryAfterSeconds: 2 }).del(webPath).headers['retry-after']).toBe('2');
  });
});

describe('the location of a write', () => {
  it('answers 202 with itself and no body while the operation runs', () => {
    const azure = azureIn('AcceptedLocation');
    const { location } = azure.patchIdentity(attachA).headers;

    const poll = azure.get(location!);

    expect(poll).toMatchObject({ status: 202, body: undefined });
    expect(poll.headers['location']).toBe(location);
  });

  it('answers what a PATCH would have been answered at once: 200, the resource and its etag', () => {
    const azure = azureIn('AcceptedLocation');
    const { location } = azure.patchIdentity(attachA).headers;

    azure.wait(5_000);

    const result = azure.get(location!);
    expect(result).toMatchObject({ status: 200, body: azure.get(webPath).body });
    expect(result.headers['etag']).toBe('"2"');
  });

  it('answers what a PUT of a new one would have been answered at once: 201 and the resource', () => {
    const azure = azureIn('AcceptedLocation');
    const { location } = azure.put(newPath, model).headers;

    azure.wait(5_000);

    expect(azure.get(location!)).toMatchObject({ status: 201, body: azure.get(newPath).body });
  });

  it.each([
    ['FailedIdentityOperation', 400],
    ['OperationPreempted', 409],
    ['InternalExecutionError', 500],
  ])('answers a failure %s with the status %i, as the request would have been', (code, status) => {
    const azure = azureIn('AcceptedLocation');
    azure.control.planOutcome({ ...failure, code });
    const { location } = azure.patchIdentity(attachA).headers;

    azure.wait(5_000);

    expect(azure.get(location!)).toMatchObject({ status, body: armError(code, 'Retry after 20 seconds') });
  });

  it('answers a failure with the status that was planned for it', () => {
    const azure = azureIn('AcceptedLocation');
    azure.control.planOutcome({ ...failure, httpStatus: 429 });
    const { location } = azure.patchIdentity(attachA).headers;

    azure.wait(5_000);

    expect(azure.get(location!).status).toBe(429);
  });

  it('answers 404 ResourceNotFound when the scale set is gone by then', () => {
    const azure = azureIn('AcceptedLocation');
    const { location } = azure.patchIdentity(attachA).headers;
    azure.wait(5_000);

    azure.control.drift(webPath, { kind: 'Remove' });

    expect(azure.get(location!)).toMatchObject({ status: 404, body: { error: { code: 'ResourceNotFound' } } });
  });
});
