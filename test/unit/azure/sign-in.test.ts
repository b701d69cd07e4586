import { describe, expect, it } from 'vitest';

import { explainCredentialError } from '../../../src/azure/credential-errors.ts';
import { CredentialFailure } from '../../../src/azure/credential-failure.ts';
import { READ_SCALE_SET, WRITE_SCALE_SET } from '../../../src/identity/azure-actions.ts';
import { ENDPOINT, fakeAzure, NEVER } from './fake-azure.ts';
import { identityId, scaleSetId } from './samples.ts';

const OID = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
const CLAIMS = {
  oid: OID,
  tid: 'the-tenant',
  aud: 'https://management.azure.com',
  iss: 'https://sts.windows.net/the-tenant/',
};

const token = (claims: object): string =>
  [{ alg: 'none' }, claims, 'x'].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('as whom the operator is signed in', () => {
  it('is what its token says', async () => {
    const { port, sent } = fakeAzure([], { tokens: () => token(CLAIMS) });
    expect(await port.signIn(NEVER)).toEqual({
      ok: true,
      value: {
        principalId: OID,
        tenantId: 'the-tenant',
        audience: 'https://management.azure.com',
        issuer: 'https://sts.windows.net/the-tenant/',
        principalType: 'ServicePrincipal',
      },
    });
    expect(sent).toEqual([]);
  });

  it('may be a person, whose token has a scope', async () => {
    const { port } = fakeAzure([], { tokens: () => token({ ...CLAIMS, scp: 'user_impersonation' }) });
    expect(await port.signIn(NEVER)).toMatchObject({ value: { principalType: 'User' } });
  });

  it.each(['oid', 'tid', 'aud', 'iss'])('is not known from a token without %s', async (claim) => {
    const { port } = fakeAzure([], { tokens: () => token({ ...CLAIMS, [claim]: undefined }) });
    expect(await port.signIn(NEVER)).toMatchObject({ ok: false, failure: { kind: 'credential', code: 'NoPrincipal' } });
  });

  it('is nobody when Entra lacks a federated credential, which is told', async () => {
    const lacking = { issuer: 'https://issuer', subject: 'system:serviceaccount:a:b', audience: 'api://x' };
    const refused = explainCredentialError(new Error('AADSTS700213: No matching federated identity record found'), {
      check: 'everything',
      federated: lacking,
    });
    const { port } = fakeAzure([], { tokens: () => refused });
    expect(await port.signIn(NEVER)).toMatchObject({ ok: false, failure: { code: 'AADSTS700213' }, lacking });
  });

  it('is nobody for any other reason, of which no credential is to be made', async () => {
    const { port } = fakeAzure([], { tokens: () => new CredentialFailure('NoToken', 'There is none.') });
    const signIn = await port.signIn(NEVER);
    expect(signIn).toMatchObject({ ok: false, failure: { code: 'NoToken' } });
    expect(signIn).not.toHaveProperty('lacking');
  });
});

describe('what the operator is allowed', () => {
  const roles = { body: { value: [{ actions: ['Microsoft.Compute/*/read'], notActions: [] }] } };

  it.each([
    [
      'a resource group',
      { subscriptionId: scaleSetId('web').subscriptionId, resourceGroup: 'shop' },
      '/resourceGroups/shop',
    ],
    [
      'a subscription',
      { subscriptionId: scaleSetId('web').subscriptionId },
      `/subscriptions/${scaleSetId('web').subscriptionId}`,
    ],
    ['a scale set', scaleSetId('web'), '/virtualMachineScaleSets/web'],
    ['an identity', identityId('one'), '/userAssignedIdentities/one'],
  ])('is asked about %s', async (_, scope, end) => {
    const { port, sent } = fakeAzure([roles]);
    expect(await port.allowedAt(scope, [READ_SCALE_SET, WRITE_SCALE_SET], NEVER)).toEqual({
      ok: true,
      value: new Set([READ_SCALE_SET]),
    });
    const [url = ''] = sent.map((each) => each.url);
    expect(url.startsWith(`${ENDPOINT}/subscriptions/`)).toBe(true);
    expect(url.endsWith(`${end}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`)).toBe(true);
  });
});
