import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import { ENDPOINT, fakeAzure, NEVER } from './fake-azure.ts';
import { errorBody, identityPath, scaleSetBody, scaleSetId, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const [one, two] = [identityPath('one'), identityPath('two')];
const PATCH = { type: 'SystemAssigned, UserAssigned', userAssignedIdentities: { [one]: {}, [two]: null } } as const;

describe('reading a scale set', () => {
  it('is one GET with the api-version that is configured', async () => {
    const azure = fakeAzure([{ body: scaleSetBody(), headers: { etag: '"7"' } }]);
    const result = await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({ ok: true, value: { key: armKey(scaleSetPath()), etag: '"7"' } });
    expect(azure.sent).toHaveLength(1);
    expect(azure.sent[0]).toMatchObject({
      method: 'GET',
      url: `${ENDPOINT}${scaleSetPath()}?api-version=2024-11-01`,
      body: undefined,
      headers: {
        accept: 'application/json',
        authorization: 'Bearer token-1',
        'x-ms-client-request-id': '00000000-0000-4000-8000-000000000001',
      },
    });
    expect(azure.sent[0]?.headers['user-agent']).toMatch(/^vmss-identity-operator\/\S+ azsdk-js-arm-compute\//);
  });

  it('says so when it is not there', async () => {
    const azure = fakeAzure([{ status: 404, body: errorBody('ResourceNotFound', 'x') }]);
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({
      ok: false,
      failure: { kind: 'notFound' },
    });
  });

  it.each([
    ['another scale set', scaleSetBody({ id: scaleSetPath('other') })],
    ['no scale set at all', { value: [] }],
    ['nothing', undefined],
    ['half a reply', '{"id": "/subscr'],
  ])('believes no reply about %s', async (_, body) => {
    const azure = fakeAzure([{ body }]);
    const result = await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'transient', code: 'UnreadableReply' } });
  });

  it("believes no web page, even where a proxy's page has status 200", async () => {
    const azure = fakeAzure([{ body: '<html/>', headers: { 'content-type': 'text/html' } }]);
    const result = await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'transient', code: 'UnreadableReply' } });
  });
});

describe('patching an identity', () => {
  it('sends the identity alone, under If-Match, in the spelling and order it was given', async () => {
    const azure = fakeAzure([{ body: scaleSetBody({ etag: '"8"' }) }]);
    await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    expect(azure.sent).toHaveLength(1);
    expect(azure.sent[0]).toMatchObject({
      method: 'PATCH',
      url: `${ENDPOINT}${scaleSetPath()}?api-version=2024-11-01`,
      headers: { 'if-match': '"7"', 'content-type': 'application/json' },
    });
    expect(JSON.stringify(azure.sent[0]?.body)).toBe(
      `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"${one}":{},"${two}":null}}}`,
    );
  });

  it.each(['', '*', '"1"\n'])('is refused with %j for an etag, and nothing is sent', async (etag) => {
    const azure = fakeAzure([{ body: scaleSetBody() }]);
    await expect(azure.port.patchIdentity(scaleSetId(), PATCH, etag, NEVER)).rejects.toThrow(TypeError);
    expect(azure.sent).toHaveLength(0);
  });

  it('is done when the reply says Succeeded and announces no operation', async () => {
    const azure = fakeAzure([{ body: scaleSetBody({ etag: '"8"' }) }]);
    const reply = await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    expect(reply).toMatchObject({ ok: true, value: { state: 'done', scaleSet: { etag: '"8"' } } });
  });

  it('is accepted with the operation to look at', async () => {
    const link = `${ENDPOINT}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/operations/1?s=x`;
    const azure = fakeAzure([
      {
        body: scaleSetBody({}, { provisioningState: 'Updating' }),
        headers: { 'azure-asyncoperation': link, 'retry-after': '7' },
      },
    ]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toEqual({
      ok: true,
      value: { state: 'accepted', operation: { link, via: 'azureAsyncOperation', retryAfterMs: 7000 } },
    });
  });

  it('is accepted with a Location where there is no more', async () => {
    const link = `${ENDPOINT}/op?monitor=true`;
    const azure = fakeAzure([{ status: 202, headers: { location: link } }]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toEqual({
      ok: true,
      value: { state: 'accepted', operation: { link, via: 'location' } },
    });
  });

  it.each([
    ['the reply says Updating', { body: scaleSetBody({}, { provisioningState: 'Updating' }) }],
    [
      'the reply says Failed, as a broken extension makes it',
      { body: scaleSetBody({}, { provisioningState: 'Failed' }) },
    ],
    ['it is taken without a word', { status: 202 }],
  ])('is accepted without an operation when %s', async (_, answer) => {
    const azure = fakeAzure([answer]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toEqual({
      ok: true,
      value: { state: 'accepted' },
    });
  });

  it('follows no operation that is elsewhere, and says so without the link', async () => {
    const link = 'https://evil.example/op?secret=1';
    const azure = fakeAzure([
      { body: scaleSetBody({}, { provisioningState: 'Updating' }), headers: { 'azure-asyncoperation': link } },
    ]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toEqual({
      ok: true,
      value: { state: 'accepted' },
    });
    expect(azure.warnings).toHaveLength(1);
    expect(azure.warnings[0]).not.toContain('evil');
  });

  const updating = { body: scaleSetBody({}, { provisioningState: 'Updating' }) };
  const here = `${ENDPOINT}/subscriptions/x/operations/1?s=a%2Bb`;
  const elsewhere = 'https://evil.example/op';
  it.each([
    ['both links', 200, { 'azure-asyncoperation': here, location: `${here}&monitor=true` }, 'azureAsyncOperation'],
    [
      'both links and a 202',
      202,
      { 'azure-asyncoperation': here, location: `${here}&monitor=true` },
      'azureAsyncOperation',
    ],
    ['a Location and a 202', 202, { location: here }, 'location'],
    ['a bad link beside a good Location', 202, { 'azure-asyncoperation': elsewhere, location: here }, 'location'],
    [
      'a good link beside a bad Location',
      202,
      { 'azure-asyncoperation': here, location: elsewhere },
      'azureAsyncOperation',
    ],
    ['a Location that is where the resource is', 200, { location: here }, undefined],
    ['a Location that is where the resource is made', 201, { location: here }, undefined],
    ['two bad links', 202, { 'azure-asyncoperation': elsewhere, location: elsewhere }, undefined],
    ['no link', 202, {}, undefined],
  ])('is followed where Azure says, with %s', async (_, status, headers, via) => {
    const azure = fakeAzure([{ ...updating, status, headers: headers }]);
    const reply = await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
    expect(reply).toEqual({
      ok: true,
      value: { state: 'accepted', ...(via === undefined ? {} : { operation: { link: here, via } }) },
    });
  });

  it.each([
    ['17', 'retry-after', 17_000],
    ['0', 'retry-after', 0],
    ['Sun, 01 Mar 2026 12:00:40 GMT', 'retry-after', 40_000],
    ['250', 'retry-after-ms', 250],
  ])('is looked at first after the wait that Azure asks for: %s', async (wait, header, retryAfterMs) => {
    const azure = fakeAzure([{ ...updating, headers: { 'azure-asyncoperation': here, [header]: wait } }]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      value: { state: 'accepted', operation: { retryAfterMs } },
    });
  });

  it('is accepted although its reply is cut off, if it says where to look', async () => {
    const azure = fakeAzure([{ body: '{"id":', headers: { 'azure-asyncoperation': here } }]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      value: { state: 'accepted', operation: { link: here } },
    });
  });

  it('is not repeated, whatever the answer', async () => {
    for (const status of [408, 409, 412, 429, 500, 503]) {
      const azure = fakeAzure([{ status, headers: { 'retry-after': '1' } }]);
      await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER);
      expect(azure.sent).toHaveLength(1);
    }
  });

  it('tells which of its identities was refused', async () => {
    const text = `it does not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '${one.toLowerCase()}'`;
    const azure = fakeAzure([{ status: 403, body: errorBody('LinkedAuthorizationFailed', text) }]);
    expect(await azure.port.patchIdentity(scaleSetId(), PATCH, '"7"', NEVER)).toMatchObject({
      failure: { kind: 'identityRefused', identityIds: [one], hadNoEffect: true },
    });
  });
});
