import { describe, expect, it } from 'vitest';

import type { OperationHandle } from '../../../src/reconcile/azure-port.ts';
import { type Answer, ENDPOINT, fakeAzure, networkError, NEVER } from './fake-azure.ts';
import { errorBody, identityPath } from './samples.ts';

const LINK = `${ENDPOINT}/subscriptions/x/operations/1?p=1&api-version=2024-11-01&t=638&c=MIIH&s=a%2Bb&h=z`;
const ASYNC: OperationHandle = { link: LINK, via: 'azureAsyncOperation' };
const LOCATION: OperationHandle = { link: LINK, via: 'location' };
const one = identityPath('one');

function look(
  operation: OperationHandle,
  answer: Answer,
): ReturnType<ReturnType<typeof fakeAzure>['port']['pollOperation']> {
  return fakeAzure([answer]).port.pollOperation(operation, [one], NEVER);
}

describe('an operation at Azure-AsyncOperation', () => {
  it('is looked at once, at the very URL that Azure gave', async () => {
    const azure = fakeAzure([{ body: { status: 'InProgress' } }]);
    await azure.port.pollOperation(ASYNC, [], NEVER);
    expect(azure.sent.map(({ method, url }) => [method, url])).toEqual([['GET', LINK]]);
  });

  it.each(['InProgress', 'Running', 'Updating', 'Accepted'])('runs while its status is %s', async (status) => {
    expect(await look(ASYNC, { body: { status } })).toEqual({
      ok: true,
      value: { state: 'running', operation: ASYNC },
    });
  });

  it.each([
    ['9', 9000, 'retry-after'],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['1500', 1500, 'retry-after-ms'],
    ['2500', 2500, 'x-ms-retry-after-ms'],
  ])(
    'is looked at again after the wait that Azure asks for: %s',
    async (wait, retryAfterMs, header = 'retry-after') => {
      expect(await look(ASYNC, { body: { status: 'InProgress' }, headers: { [header]: wait } })).toEqual({
        ok: true,
        value: { state: 'running', operation: { ...ASYNC, retryAfterMs } },
      });
    },
  );

  it('forgets the wait of the last look', async () => {
    const result = await look({ ...ASYNC, retryAfterMs: 9000 }, { body: { status: 'InProgress' } });
    expect(result).toEqual({ ok: true, value: { state: 'running', operation: ASYNC } });
  });

  it('has succeeded', async () => {
    expect(await look(ASYNC, { body: { status: 'Succeeded' } })).toEqual({ ok: true, value: { state: 'succeeded' } });
  });

  it('has failed with the identity that its error names', async () => {
    const error = { code: 'FailedIdentityOperation', message: `Resource '${one}' was not found.` };
    expect(await look(ASYNC, { body: { status: 'Failed', error } })).toMatchObject({
      ok: true,
      value: { state: 'failed', failure: { kind: 'identityRefused', identityIds: [one], hadNoEffect: false } },
    });
  });

  it.each([
    ['an envelope', { error: { code: 'OperationPreempted', message: 'Preempted.' } }],
    ['no envelope', { code: 'OperationPreempted', message: 'Preempted.' }],
    ['details alone', { error: { details: [{ code: 'OperationPreempted', message: 'Preempted.' }] } }],
  ])('has failed for the reason that stands in %s', async (_, error) => {
    expect(await look(ASYNC, { body: { status: 'Failed', ...error } })).toMatchObject({
      value: { state: 'failed', failure: { kind: 'busy', code: 'OperationPreempted' } },
    });
  });

  it.each(['Canceled', 'Cancelled'])('was given up for another when it is %s', async (status) => {
    const error = { code: 'OperationPreempted', message: 'Preempted.' };
    expect(await look(ASYNC, { body: { status, error } })).toMatchObject({
      value: { state: 'failed', failure: { kind: 'busy', code: 'OperationPreempted' } },
    });
  });

  it.each([404, 410])('is unknown after a %i', async (status) => {
    expect(await look(ASYNC, { status, body: errorBody('NotFound', 'x') })).toEqual({
      ok: true,
      value: { state: 'unknown' },
    });
  });

  it.each<[string, Answer]>([
    ['no status', { body: {} }],
    ['no JSON', { body: 'InProgress' }],
    ['no body', {}],
    ['a web page', { body: '<html/>', headers: { 'content-type': 'text/html' } }],
    ['a list', { body: [] }],
    ['a status that is no text', { body: { status: 7 } }],
    ['a redirect', { status: 307, headers: { location: 'https://evil.example/op' } }],
    ['a fault', { status: 500 }],
    ['a refusal', { status: 400, body: errorBody('ScopeLocked', 'x') }],
    ['a conflict', { status: 409, body: errorBody('Conflict', 'x') }],
  ])('has told nothing by %s', async (_, answer) => {
    expect(await look(ASYNC, answer)).toMatchObject({ ok: false, failure: { kind: 'transient', hadNoEffect: false } });
  });

  it('has told nothing by a look that was throttled or not allowed', async () => {
    expect(await look(ASYNC, { status: 429, headers: { 'retry-after': '3' } })).toMatchObject({
      ok: false,
      failure: { kind: 'throttled', retryAfterMs: 3000, hadNoEffect: false },
    });
    expect(await look(ASYNC, { status: 403, body: errorBody('AuthorizationFailed', 'x') })).toMatchObject({
      ok: false,
      failure: { kind: 'notAuthorised', hadNoEffect: false },
    });
  });

  it('has told nothing when the network failed, even before anything was sent', async () => {
    const azure = fakeAzure(() => Promise.reject(networkError('ENOTFOUND')));
    expect(await azure.port.pollOperation(ASYNC, [], NEVER)).toMatchObject({
      ok: false,
      failure: { kind: 'transient', code: 'ENOTFOUND', hadNoEffect: false },
    });
  });

  it('is not looked at elsewhere, and no token goes there', async () => {
    const azure = fakeAzure([{ body: { status: 'Succeeded' } }]);
    const elsewhere: OperationHandle = { ...ASYNC, link: 'https://evil.example/op' };
    await expect(azure.port.pollOperation(elsewhere, [], NEVER)).rejects.toThrow(TypeError);
    expect(azure.sent).toHaveLength(0);
    expect(azure.tokensAsked).toHaveLength(0);
  });
});

describe('a token that ends while an operation runs', () => {
  const expired = { status: 401, body: errorBody('ExpiredAuthenticationToken', 'Expired.') };

  it('is replaced, and the look is taken again', async () => {
    const azure = fakeAzure([{ body: { status: 'InProgress' } }, expired, { body: { status: 'Succeeded' } }]);
    await azure.port.pollOperation(ASYNC, [], NEVER);
    expect(await azure.port.pollOperation(ASYNC, [], NEVER)).toEqual({ ok: true, value: { state: 'succeeded' } });
    expect(azure.sent.map(({ url, headers }) => [url, headers['authorization']])).toEqual([
      [LINK, 'Bearer token-1'],
      [LINK, 'Bearer token-1'],
      [LINK, 'Bearer token-2'],
    ]);
  });

  it('is replaced before its end, while looks go on', async () => {
    const azure = fakeAzure([{ body: { status: 'InProgress' } }]);
    for (let minutes = 0; minutes < 90; minutes += 10) {
      expect(await azure.port.pollOperation(ASYNC, [], NEVER)).toMatchObject({ value: { state: 'running' } });
      await azure.clock.advance(10 * 60_000);
    }
    expect(azure.tokensAsked).toHaveLength(2);
  });

  it('says nothing about the operation when there is no other', async () => {
    const azure = fakeAzure([expired], { tokens: () => 'same' });
    expect(await azure.port.pollOperation(ASYNC, [], NEVER)).toMatchObject({
      ok: false,
      failure: { kind: 'credential', hadNoEffect: false },
    });
  });
});

describe('an operation at Location', () => {
  it('runs while it answers 202, and may move', async () => {
    expect(await look(LOCATION, { status: 202 })).toEqual({
      ok: true,
      value: { state: 'running', operation: LOCATION },
    });
    const moved = `${ENDPOINT}/elsewhere`;
    expect(await look(LOCATION, { status: 202, headers: { location: moved, 'retry-after': '15' } })).toEqual({
      ok: true,
      value: { state: 'running', operation: { link: moved, via: 'location', retryAfterMs: 15_000 } },
    });
  });

  it('does not move to another host', async () => {
    expect(await look(LOCATION, { status: 202, headers: { location: 'https://evil.example/' } })).toEqual({
      ok: true,
      value: { state: 'running', operation: LOCATION },
    });
  });

  it.each([200, 201, 204])('has succeeded with a %i', async (status) => {
    expect(await look(LOCATION, { status })).toEqual({ ok: true, value: { state: 'succeeded' } });
  });

  it('has failed with the refusal that the request would have met', async () => {
    expect(await look(LOCATION, { status: 409, body: errorBody('ScopeLocked', 'x') })).toMatchObject({
      ok: true,
      value: { state: 'failed', failure: { kind: 'blockedByAdministrator', hadNoEffect: false } },
    });
  });

  it.each<[string, Answer, string]>([
    ['throttled', { status: 429 }, 'throttled'],
    ['not allowed', { status: 403, body: errorBody('AuthorizationFailed', 'x') }, 'notAuthorised'],
    ['answered by a fault', { status: 503 }, 'transient'],
    ['redirected', { status: 302, headers: { location: 'https://evil.example/op' } }, 'transient'],
    [
      'answered by a web page that looks like success',
      { body: '<html/>', headers: { 'content-type': 'text/html' } },
      'transient',
    ],
    ['answered by a success cut off', { body: '{"id":' }, 'transient'],
    ['answered by a web page', { status: 400, body: '<html/>', headers: { 'content-type': 'text/html' } }, 'transient'],
  ])('has told nothing by a look that was %s', async (_, answer, kind) => {
    expect(await look(LOCATION, answer)).toMatchObject({ ok: false, failure: { kind, hadNoEffect: false } });
  });

  it('is unknown after a 404', async () => {
    expect(await look(LOCATION, { status: 404 })).toEqual({ ok: true, value: { state: 'unknown' } });
  });
});
