import { describe, expect, it } from 'vitest';

import { clientId, identity, objectId, simulatedAzure, tenantId } from './azure.ts';

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
    expect(byId(identity('b')).status).toBe(400);
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

  it('only knows GET', () => {
    expect(simulatedAzure().ask('POST', path, { token: '', version: '' }).status).toBe(405);
  });
});
