import { describe, expect, it } from 'vitest';

import type { ListCursor, ListPage, Result } from '../../../src/reconcile/azure-port.ts';
import { type Answer, ENDPOINT, fakeAzure, NEVER } from './fake-azure.ts';
import { errorBody, identityBody, scaleSetBody, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const SCOPE = { subscriptionId: SUBSCRIPTION };
const LIST = `${ENDPOINT}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachineScaleSets?api-version=2024-11-01`;
const NEXT = `${LIST}&$skiptoken=a%2Fb%3D`;

function page(names: readonly string[], nextLink?: unknown): object {
  return {
    value: names.map((name) => scaleSetBody({ id: scaleSetPath(name), name })),
    ...(nextLink === undefined ? {} : { nextLink }),
  };
}

function cursorOf(reply: Result<ListPage<unknown>>): ListCursor {
  if (!reply.ok || reply.value.state !== 'page' || reply.value.next === undefined) throw new Error('no next page');
  return reply.value.next;
}

function namesOf(reply: Result<ListPage<{ readonly name: string }>>): readonly string[] | undefined {
  return reply.ok && reply.value.state === 'page' ? reply.value.entries.map(({ name }) => name) : undefined;
}

/** Lists a first page that goes on at {@link NEXT}, then a second one. */
async function listTwice(second: Answer) {
  const azure = fakeAzure([{ body: page(['a'], NEXT) }, second]);
  const first = await azure.port.listScaleSets(SCOPE, undefined, NEVER);
  return { azure, reply: await azure.port.listScaleSets(SCOPE, cursorOf(first), NEVER) };
}

describe('a page of a list', () => {
  it('is one request, and says where the list goes on', async () => {
    const azure = fakeAzure([{ body: page(['a', 'b'], NEXT) }]);
    const reply = await azure.port.listScaleSets(SCOPE, undefined, NEVER);
    expect(namesOf(reply)).toEqual(['a', 'b']);
    expect(cursorOf(reply)).toBe(NEXT);
    expect(azure.sent.map(({ url }) => url)).toEqual([LIST]);
  });

  it('is asked for by the cursor, as Azure gave it', async () => {
    const { azure, reply } = await listTwice({ body: page(['c']) });
    expect(reply).toMatchObject({ ok: true, value: { state: 'page' } });
    expect(reply.ok && reply.value).not.toHaveProperty('next');
    expect(namesOf(reply)).toEqual(['c']);
    expect(azure.sent.map(({ url }) => url)).toEqual([LIST, NEXT]);
  });

  it.each([
    ['null', null],
    ['empty', ''],
    ['no text', 7],
  ])('is the last one when its nextLink is %s', async (_, nextLink) => {
    const azure = fakeAzure([{ body: page(['a'], nextLink) }]);
    const reply = await azure.port.listScaleSets(SCOPE, undefined, NEVER);
    expect(reply.ok && reply.value).not.toHaveProperty('next');
  });

  it('of a resource group is asked for there', async () => {
    const azure = fakeAzure([{ body: page([]) }]);
    await azure.port.listScaleSets({ ...SCOPE, resourceGroup: 'shop-rg' }, undefined, NEVER);
    expect(azure.sent[0]?.url).toContain(`/subscriptions/${SUBSCRIPTION}/resourceGroups/shop-rg/providers/`);
  });

  it('of identities says of each what a GET would', async () => {
    const azure = fakeAzure([{ body: { value: [identityBody('one'), { id: 'x' }] } }, { body: identityBody('one') }]);
    const reply = await azure.port.listIdentities(SCOPE, undefined, NEVER);
    expect(reply).toMatchObject({ ok: true, value: { state: 'page', entries: [{ clientId: 'one-client' }] } });
    expect(azure.sent[0]?.url).toBe(
      `${ENDPOINT}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2026-04-30`,
    );
    expect(azure.warnings).toHaveLength(1);
  });

  it('leaves out an entry that cannot be read, for one must not stop the others', async () => {
    const broken = scaleSetBody({ identity: { type: 'UserAssigned' } });
    const azure = fakeAzure([{ body: { value: [broken, scaleSetBody({ id: scaleSetPath('b'), name: 'b' })] } }]);
    expect(namesOf(await azure.port.listScaleSets(SCOPE, undefined, NEVER))).toEqual(['b']);
    expect(azure.warnings).toHaveLength(1);
  });

  it.each([
    ['no list', { values: [] }],
    ['a list that is none', { value: {} }],
    ['a page whose next is elsewhere', page(['a'], 'https://evil.example/next?secret=1')],
    ['a page whose next is in the clear', page(['a'], NEXT.replace('https:', 'http:'))],
  ])('is not read from %s', async (_, body) => {
    const azure = fakeAzure([{ body }]);
    const reply = await azure.port.listScaleSets(SCOPE, undefined, NEVER);
    expect(reply).toMatchObject({ ok: false, failure: { kind: 'transient', code: 'UnreadableReply' } });
    expect(JSON.stringify(reply)).not.toContain('evil');
    expect(azure.sent).toHaveLength(1);
  });

  it('is not asked for anywhere else, whoever made the cursor', async () => {
    const azure = fakeAzure([{ body: page([]) }]);
    const forged = 'https://evil.example/next' as ListCursor;
    await expect(azure.port.listScaleSets(SCOPE, forged, NEVER)).rejects.toThrow(TypeError);
    expect(azure.sent).toHaveLength(0);
  });
});

describe('a cursor that is refused', () => {
  it.each([
    ['malformed', { status: 400, body: errorBody('InvalidRequestContent', 'The skip token is malformed.') }],
    ['unknown', { status: 404, body: errorBody('NotFound', 'no') }],
    ['unknown, as a proxy says it', { status: 404, body: 'no' }],
    ['gone', { status: 410, body: errorBody('SkipTokenExpired', 'no') }],
  ])('because it is %s has the list begin anew', async (_, answer) => {
    const { reply } = await listTwice(answer);
    expect(reply).toEqual({ ok: true, value: { state: 'expired' } });
  });

  it.each([
    ['throttled', { status: 429, headers: { 'retry-after': '9' } }, { kind: 'throttled', retryAfterMs: 9000 }],
    ['throttled in a text', { status: 400, body: errorBody('X', 'Retry after 9 seconds') }, { kind: 'throttled' }],
    ['a fault of Azure', { status: 503 }, { kind: 'transient' }],
    [
      'a right that was taken away',
      { status: 403, body: errorBody('AuthorizationFailed', 'x') },
      { kind: 'notAuthorised' },
    ],
    [
      'a subscription out of reach',
      { status: 404, body: errorBody('SubscriptionNotFound', 'x') },
      { kind: 'notAuthorised' },
    ],
  ])('is not what %s is', async (_, answer, failure) => {
    const { reply } = await listTwice(answer);
    expect(reply).toMatchObject({ ok: false, failure });
  });

  it('is no word on a first page: that one is rejected as it is', async () => {
    const azure = fakeAzure([{ status: 400, body: errorBody('InvalidFilter', 'no') }]);
    expect(await azure.port.listScaleSets(SCOPE, undefined, NEVER)).toMatchObject({ failure: { kind: 'rejected' } });
  });
});
