import { describe, expect, it } from 'vitest';

import type { PrincipalSeed } from '../../../dev/simulator/seed.ts';
import { clientId, identity, objectId, simulatedAzure, tenantId, webPath } from './azure.ts';

describe('IMDS that is not told which identity', () => {
  const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/';
  const node = '77777777-7777-4777-8777-777777777777';
  function askWith(first: PrincipalSeed['managedIdentity'], second?: PrincipalSeed['managedIdentity']) {
    const azure = simulatedAzure({ principal: { managedIdentity: first ?? false } });
    if (second !== undefined) {
      azure.control.seed({ principals: [{ clientId: node, tenant: tenantId, managedIdentity: second }] });
    }
    return azure.get(path, { token: '', version: '', headers: { metadata: 'true' } });
  }

  it('gives the only user-assigned one', () => {
    expect(askWith(true).body).toHaveProperty('client_id', clientId);
  });

  it('cannot choose among several user-assigned ones', () => {
    const reply = askWith(true, 'UserAssigned');

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'invalid_request',
      error_description:
        'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
    });
  });

  it('gives the system-assigned one, if the node has it', () => {
    expect(askWith(true, 'SystemAssigned').body).toHaveProperty('client_id', node);
  });

  it('finds none where there is none', () => {
    expect(askWith(false)).toMatchObject({ status: 400, body: { error_description: 'Identity not found' } });
  });
});

describe('IMDS', () => {
  const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/';
  const ask = (query: string, headers: Record<string, string> = { metadata: 'true' }) =>
    simulatedAzure().get(path + query, { token: '', version: '', headers });

  it('gives a token, with numbers as strings', () => {
    const seconds = Date.UTC(2026, 4, 7, 7, 32, 41) / 1_000;

    expect(ask('').body).toEqual({
      access_token: expect.any(String) as string,
      client_id: clientId,
      expires_in: '86399',
      expires_on: String(seconds + 86_399),
      ext_expires_in: '86399',
      not_before: String(seconds),
      resource: 'https://management.azure.com/',
      token_type: 'Bearer',
    });
  });

  it('wants the header Metadata', () => {
    const reply = ask('', {});

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'invalid_request',
      error_description: 'Required metadata header not specified',
    });
  });

  it('knows an identity by its client id or its object id', () => {
    expect(ask(`&client_id=${clientId}`).status).toBe(200);
    expect(ask(`&object_id=${objectId}`).status).toBe(200);
  });

  it('does not know others', () => {
    const reply = ask(`&client_id=${tenantId}`);

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ error: 'invalid_request', error_description: 'Identity not found' });
  });

  it('knows a user-assigned identity by its resource id', () => {
    const azure = simulatedAzure();
    const created = azure.control.identity(identity('a'));
    azure.control.seed({ principals: [{ clientId: created.clientId, tenant: tenantId, managedIdentity: true }] });
    const byId = (id: string) =>
      azure.get(`${path}&msi_res_id=${id}`, { token: '', version: '', headers: { metadata: 'true' } });

    expect(byId(identity('a')).body).toHaveProperty('client_id', created.clientId);
    expect(byId(identity('b'))).toMatchObject({ status: 400, body: { error_description: 'Identity not found' } });
    expect(byId(webPath).status).toBe(400);
    const byOtherName = azure.get(`${path}&mi_res_id=${identity('A')}`, {
      token: '',
      version: '',
      headers: { metadata: 'true' },
    });
    expect(byOtherName.body).toHaveProperty('client_id', created.clientId);
  });

  it.each([
    ['no api-version', '?resource=https://management.azure.com/', 'Required query variable api-version is missing'],
    ['no resource', '?api-version=2018-02-01', 'Required query variable resource is missing'],
    [
      'a resource that there is not',
      '?api-version=2018-02-01&resource=https://arm.invalid',
      'AADSTS500011: The resource principal named https://arm.invalid was not found in the tenant.',
    ],
  ])('refuses %s', (_name, query, description) => {
    const bare = path.replace(/\?.*/, '');
    const reply = simulatedAzure().get(bare + query, { token: '', version: '', headers: { metadata: 'true' } });

    expect(reply.status).toBe(400);
    expect(reply.body).toHaveProperty('error_description', description);
  });

  it('refuses a request that came through a proxy', () => {
    const reply = ask('', { metadata: 'true', 'x-forwarded-for': '10.0.0.1' });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: 'invalid_request' });
  });

  it('answers with a slash at the end of its path, as it is asked through AZURE_POD_IDENTITY_AUTHORITY_HOST', () => {
    const slashed = path.replace('token?', 'token/?');

    expect(simulatedAzure().get(slashed, { token: '', version: '', headers: { metadata: 'true' } }).status).toBe(200);
  });

  it.each([
    [404, { error: 'not_found' }],
    [410, { error: 'gone' }],
    [429, { error: 'throttled', error_description: 'API Rate Limits have been exceeded.' }],
    [500, { error: 'unknown', error_description: 'Failed to retrieve token from the Active directory.' }],
  ])('may be out of order: %s', (status, body) => {
    const azure = simulatedAzure();
    azure.control.addFault({ match: { path: '^/metadata/identity' }, effect: { kind: 'status', status, body } });
    const once = () => azure.get(path, { token: '', version: '', headers: { metadata: 'true' } });

    expect(once()).toMatchObject({ status, body });
    expect(once().status).toBe(200);
  });

  it('only knows GET', () => {
    expect(simulatedAzure().ask('POST', path, { token: '', version: '' }).status).toBe(405);
  });
});
