import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import { ENDPOINT, fakeAzure, NEVER } from './fake-azure.ts';
import { errorBody, identityBody, identityId, identityPath } from './samples.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

describe('reading an identity', () => {
  it('is one GET', async () => {
    const azure = fakeAzure([{ body: identityBody('one') }]);
    expect(await azure.port.getIdentity(identityId('one'), NEVER)).toMatchObject({
      ok: true,
      value: { key: armKey(identityPath('one')), principalId: 'one-principal', clientId: 'one-client' },
    });
    expect(azure.sent.map(({ method, url }) => [method, url])).toEqual([
      ['GET', `${ENDPOINT}${identityPath('one')}?api-version=2026-04-30`],
    ]);
  });

  it('says so when it is gone', async () => {
    const azure = fakeAzure([{ status: 404, body: errorBody('ResourceNotFound', 'x') }]);
    expect(await azure.port.getIdentity(identityId('one'), NEVER)).toMatchObject({ failure: { kind: 'notFound' } });
  });

  it('asks clouds that lag behind in an older version, from then on at once', async () => {
    const unknown = { status: 400, body: errorBody('NoRegisteredProviderFound', 'no') };
    const azure = fakeAzure(({ url }) => (url.includes('2026-04-30') ? unknown : { body: identityBody('one') }));
    expect(await azure.port.getIdentity(identityId('one'), NEVER)).toMatchObject({ ok: true });
    expect(await azure.port.getIdentity(identityId('one'), NEVER)).toMatchObject({ ok: true });
    expect(azure.sent.map(({ url }) => new URL(url).searchParams.get('api-version'))).toEqual([
      '2026-04-30',
      '2024-11-30',
      '2024-11-30',
    ]);
    expect(azure.warnings).toHaveLength(1);
  });

  it('is refused where not even the older version is known', async () => {
    const azure = fakeAzure([{ status: 400, body: errorBody('NoRegisteredProviderFound', 'no') }]);
    expect(await azure.port.getIdentity(identityId('one'), NEVER)).toMatchObject({
      failure: { kind: 'operatorMisconfigured' },
    });
    expect(azure.sent).toHaveLength(2);
  });

  it('believes no reply about another one', async () => {
    const azure = fakeAzure([{ body: identityBody('two') }]);
    expect(await azure.port.getIdentity(identityId('one'), NEVER)).toMatchObject({ failure: { kind: 'transient' } });
  });
});

describe('asking whether an identity may be assigned', () => {
  it('asks for the effective permissions on it', async () => {
    const azure = fakeAzure([{ body: { value: [{ actions: [ASSIGN], notActions: [] }] } }]);
    expect(await azure.port.mayAssign(identityId('one'), NEVER)).toEqual({ ok: true, value: true });
    expect(azure.sent[0]?.url).toBe(
      `${ENDPOINT}${identityPath('one')}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
    );
  });

  it('is denied without a role that allows it', async () => {
    const azure = fakeAzure([{ body: { value: [{ actions: ['*/read'], notActions: [] }] } }]);
    expect(await azure.port.mayAssign(identityId('one'), NEVER)).toEqual({ ok: true, value: false });
  });

  it('sees a role on a later page', async () => {
    const azure = fakeAzure([
      { body: { value: [{ actions: ['*/read'] }], nextLink: `${ENDPOINT}/next` } },
      { body: { value: [{ actions: ['*'] }] } },
    ]);
    expect(await azure.port.mayAssign(identityId('one'), NEVER)).toEqual({ ok: true, value: true });
  });

  it('is unknown when a page of them is not to be had any more, or they lead in a circle', async () => {
    const page = { body: { value: [], nextLink: `${ENDPOINT}/next` } };
    const gone = fakeAzure([page, { status: 410 }]);
    expect(await gone.port.mayAssign(identityId('one'), NEVER)).toMatchObject({ failure: { code: 'BrokenList' } });
    const circle = fakeAzure([page]);
    expect(await circle.port.mayAssign(identityId('one'), NEVER)).toMatchObject({ failure: { code: 'BrokenList' } });
    expect(circle.sent).toHaveLength(2);
  });

  it('is unknown when that may not be read', async () => {
    const azure = fakeAzure([{ status: 403, body: errorBody('AuthorizationFailed', 'x') }]);
    expect(await azure.port.mayAssign(identityId('one'), NEVER)).toMatchObject({
      ok: false,
      failure: { kind: 'notAuthorised' },
    });
  });
});
