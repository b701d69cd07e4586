import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { clientId, objectId, otherTenantId, simulatedAzure, tenantId } from './azure.ts';

const scope = 'https://management.azure.com/.default';
const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: 's3cret', scope };
const { client_secret: _secret, ...withoutSecret } = form;

describe('discovery', () => {
  it('lies on the host that was asked', () => {
    const azure = simulatedAzure();

    const reply = azure.get(`/${tenantId}/v2.0/.well-known/openid-configuration`, { token: '', version: '' });

    expect(reply.body).toMatchObject({
      issuer: `https://azure.test/${tenantId}/v2.0`,
      token_endpoint: `https://azure.test/${tenantId}/oauth2/v2.0/token`,
      authorization_endpoint: `https://azure.test/${tenantId}/oauth2/v2.0/authorize`,
    });
  });

  it.each(['http://127.0.0.1:8080', 'https://localhost:40103'])(
    'is built of the scheme and the host of the request: %s',
    (host) => {
      const azure = simulatedAzure();
      const noToken = { token: '', version: '' };
      const openId = azure.get(`${host}/${tenantId}/v2.0/.well-known/openid-configuration`, noToken);
      const instances = azure.get(
        `${host}/common/discovery/instance?authorization_endpoint=${host}/${tenantId}/oauth2/v2.0/authorize`,
        noToken,
      );

      expect(openId.body).toMatchObject({
        issuer: `${host}/${tenantId}/v2.0`,
        token_endpoint: `${host}/${tenantId}/oauth2/v2.0/token`,
        jwks_uri: `${host}/${tenantId}/discovery/v2.0/keys`,
        cloud_instance_name: new URL(host).host,
      });
      expect(instances.body).toMatchObject({
        tenant_discovery_endpoint: `${host}/${tenantId}/v2.0/.well-known/openid-configuration`,
        metadata: [{ preferred_network: new URL(host).host }],
      });
    },
  );

  it('publishes no keys: access tokens are for the resource to judge', () => {
    const reply = simulatedAzure().get(`/${tenantId}/discovery/v2.0/keys`, { token: '', version: '' });

    expect(reply.body).toEqual({ keys: [] });
  });

  it.each(['common', 'organizations', 'consumers'])('leaves the tenant open for %s', (tenant) => {
    const reply = simulatedAzure().get(`/${tenant}/v2.0/.well-known/openid-configuration`, { token: '', version: '' });

    expect(reply.body).toMatchObject({
      issuer: 'https://azure.test/{tenantid}/v2.0',
      token_endpoint: `https://azure.test/${tenant}/oauth2/v2.0/token`,
    });
  });

  it('tells of no tenant that there is not', () => {
    const azure = simulatedAzure();
    const unknown = '99999999-9999-4999-8999-999999999999';

    const reply = azure.get(`/${unknown}/v2.0/.well-known/openid-configuration`, { token: '', version: '' });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: 'invalid_request', error_codes: [90002] });
  });

  it('says that this host is a cloud of its own', () => {
    const reply = simulatedAzure().get(
      `/common/discovery/instance?authorization_endpoint=https://azure.test/${tenantId}/oauth2/v2.0/authorize`,
      { token: '', version: '' },
    );

    expect(reply.body).toEqual({
      tenant_discovery_endpoint: `https://azure.test/${tenantId}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: 'azure.test', preferred_cache: 'azure.test', aliases: ['azure.test'] }],
    });
  });
});

describe('the token endpoint', () => {
  it('gives a token for a secret', () => {
    const azure = simulatedAzure();

    const reply = azure.askToken(form);

    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ token_type: 'Bearer', expires_in: 86_399, ext_expires_in: 86_399 });
    const [, payload] = reply.body.access_token.split('.');
    const seconds = azure.clock.nowMs / 1_000;
    expect(JSON.parse(Buffer.from(payload!, 'base64url').toString())).toMatchObject({
      aud: 'https://management.azure.com',
      iss: `https://sts.windows.net/${tenantId}/`,
      appid: clientId,
      oid: objectId,
      tid: tenantId,
      iat: seconds,
      exp: seconds + 86_399,
    });
  });

  it('keeps the slash that a resource ends in', () => {
    const reply = simulatedAzure().askToken({ ...form, scope: 'https://management.azure.com//.default' });

    const [, payload] = reply.body.access_token.split('.');
    expect(JSON.parse(Buffer.from(payload!, 'base64url').toString())).toHaveProperty(
      'aud',
      'https://management.azure.com/',
    );
  });

  it('words a wrong secret as Entra does', () => {
    const reply = simulatedAzure().askToken({ ...form, client_secret: 'wrong' });

    expect(reply.status).toBe(401);
    expect(reply.body).toEqual({
      error: 'invalid_client',
      error_description: expect.stringMatching(
        new RegExp(
          `^AADSTS7000215: Invalid client secret provided\\. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'\\. Trace ID: [-\\da-f]{36} Correlation ID: [-\\da-f]{36} Timestamp: 2026-05-07 07:32:41Z$`,
        ),
      ) as string,
      error_codes: [7000215],
      timestamp: '2026-05-07 07:32:41Z',
      trace_id: expect.any(String) as string,
      correlation_id: expect.any(String) as string,
      error_uri: 'https://azure.test/error?code=7000215',
    });
  });

  it.each([
    ['an application that there is not', { ...form, client_id: tenantId }, 400, 'unauthorized_client', 700016],
    [
      'a scope that is not /.default',
      { ...form, scope: 'https://management.azure.com/read' },
      400,
      'invalid_scope',
      1002012,
    ],
    [
      'a resource that there is not',
      { ...form, scope: 'https://arm.invalid/.default' },
      400,
      'invalid_resource',
      500011,
    ],
    ['neither secret nor assertion', withoutSecret, 401, 'invalid_client', 7000218],
    ['another grant', { ...form, grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['no client id', { grant_type: 'client_credentials', scope }, 400, 'invalid_request', 900144],
  ])('refuses %s', (_name, sent: Record<string, string>, status, error, code) => {
    const reply = simulatedAzure().askToken(sent);

    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error, error_codes: [code] });
  });

  it('refuses a tenant that there is not', () => {
    const reply = simulatedAzure().askToken(form, '99999999-9999-4999-8999-999999999999');

    expect(reply.body).toMatchObject({ error: 'invalid_request', error_codes: [90002] });
  });

  it.each(['common', 'organizations'])('wants an application to name its tenant, not %s', (tenant) => {
    const reply = simulatedAzure().askToken(form, tenant);

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: 'invalid_request', error_codes: [50059] });
  });

  it.each([
    [429, { 'retry-after': '7' }, { error: 'temporarily_unavailable', error_codes: [90055] }],
    [503, {}, { error: 'temporarily_unavailable', error_codes: [90033] }],
  ])('may be out of order: %s', (status, headers, body) => {
    const azure = simulatedAzure();
    azure.control.addFault({
      match: { method: 'POST', path: '/oauth2/v2.0/token$' },
      effect: { kind: 'status', status, headers, body },
    });

    const reply = azure.askToken(form);
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject(headers);
    expect(reply.body).toEqual(body);
    expect(azure.askToken(form).status).toBe(200);
  });

  it('does not know an application in a tenant that is not its own', () => {
    expect(simulatedAzure().askToken(form, otherTenantId).body).toMatchObject({ error_codes: [700016] });
  });
});

describe('a federated assertion', () => {
  const issuer = 'https://kubernetes.default.svc';
  const subject = 'system:serviceaccount:vmss-identity-system:operator';
  const audience = 'api://AzureADTokenExchange';
  const azureFor = (jwks?: { readonly keys: readonly Record<string, unknown>[] }) =>
    simulatedAzure({ principal: { federated: [{ issuer, subject, ...(jwks === undefined ? {} : { jwks }) }] } });

  const present = (azure: ReturnType<typeof simulatedAzure>, assertion: string) =>
    azure.askToken({
      ...withoutSecret,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });

  /** In seconds from now, which is when the simulated clock stands still. */
  function unsigned(claims: { iss?: string; sub?: string; aud?: string; lifeSeconds?: number } = {}): string {
    const now = Date.UTC(2026, 4, 7, 7, 32, 41) / 1_000;
    return new UnsecuredJWT({})
      .setIssuer(claims.iss ?? issuer)
      .setSubject(claims.sub ?? subject)
      .setAudience(claims.aud ?? audience)
      .setIssuedAt(now - 60)
      .setExpirationTime(now + (claims.lifeSeconds ?? 3_600))
      .encode();
  }

  it('that matches a credential is as good as a secret', () => {
    const reply = present(azureFor(), unsigned());

    expect(reply.status).toBe(200);
    expect(reply.body).toHaveProperty('access_token');
  });

  it.each([
    ['issuer', { iss: 'https://else' }, 700211],
    ['subject', { sub: subject.toUpperCase() }, 700213],
    ['audience', { aud: 'api://AzureADTokenExchangeUSGov' }, 700212],
  ])('with another %s is refused', (_name, claims, code) => {
    const reply = present(azureFor(), unsigned(claims));

    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({ error: 'invalid_client', error_codes: [code] });
  });

  it('names the subject that was presented', () => {
    const reply = present(azureFor(), unsigned({ sub: 'system:serviceaccount:x:y' }));

    expect(reply.body).toHaveProperty(
      'error_description',
      expect.stringMatching(
        /^AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:x:y'\. Check your federated identity credential Subject, Audience and Issuer against the presented assertion\. https:\/\/learn\.microsoft\.com\/entra\/workload-id\/workload-identity-federation Trace ID: /,
      ),
    );
  });

  it('that has expired is refused, with the times that count', () => {
    const reply = present(azureFor(), unsigned({ lifeSeconds: -301 }));

    expect(reply.body).toMatchObject({
      error_codes: [700024],
      error_description: expect.stringContaining(
        'AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-05-07T07:32:41.0000000Z, ' +
          'assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of assertion 2026-05-07T07:27:40.0000000Z. ' +
          'Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .',
      ) as string,
    });
  });

  it('that is not valid yet is refused', () => {
    const now = Date.UTC(2026, 4, 7, 7, 32, 41) / 1_000;
    const early = (seconds: number): string =>
      new UnsecuredJWT({ iss: issuer, sub: subject, aud: audience, exp: now + 3_600, nbf: now + seconds }).encode();

    expect(present(azureFor(), early(301)).body).toMatchObject({ error_codes: [700024] });
    expect(present(azureFor(), early(299)).status).toBe(200);
  });

  it('is for one of the audiences it names', () => {
    const now = Date.UTC(2026, 4, 7, 7, 32, 41) / 1_000;
    const several = new UnsecuredJWT({ iss: issuer, sub: subject, aud: ['x', audience], exp: now + 60 }).encode();

    expect(present(azureFor(), several).status).toBe(200);
  });

  it('stands in for the application that it is federated with, and no other', () => {
    const azure = azureFor();
    const other = '77777777-7777-4777-8777-777777777777';
    const federated = [{ issuer, subject: 'system:serviceaccount:else:where' }];
    azure.control.seed({ principals: [{ clientId: other, tenant: tenantId, federated }] });

    const reply = azure.askToken({
      ...withoutSecret,
      client_id: other,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: unsigned(),
    });

    expect(reply.body).toMatchObject({ error_codes: [700213] });
  });

  it('may be as late as clocks differ', () => {
    expect(present(azureFor(), unsigned({ lifeSeconds: -299 })).status).toBe(200);
  });

  it('that is no JWT is refused', () => {
    expect(present(azureFor(), 'x').body).toMatchObject({ error: 'invalid_request', error_codes: [50027] });
  });

  it('is refused for an application without federated credentials', () => {
    expect(present(simulatedAzure(), unsigned()).body).toMatchObject({ error_codes: [70025] });
  });

  it.each(['RS256', 'ES256'])('is verified (%s) when the keys of the issuer are known', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const stranger = await generateKeyPair(alg);
    const azure = azureFor({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] });
    const now = azure.clock.nowMs / 1_000;
    const sign = (key: CryptoKey) =>
      new SignJWT({ iss: issuer, sub: subject, aud: audience, exp: now + 3_600 })
        .setProtectedHeader({ alg, kid: 'k1' })
        .sign(key);

    expect(present(azure, await sign(privateKey)).status).toBe(200);
    const reason = (text: string): unknown => expect.stringContaining(`[Reason - ${text}]`);
    expect(present(azure, await sign(stranger.privateKey)).body).toMatchObject({
      error_codes: [50013],
      error_description: reason('The provided signature value did not match the expected signature value.'),
    });
    expect(present(azure, unsigned()).body).toMatchObject({ error_codes: [50013] });
    const unknownKey = await new SignJWT({ iss: issuer, sub: subject, aud: audience, exp: now + 3_600 })
      .setProtectedHeader({ alg, kid: 'k2' })
      .sign(privateKey);
    expect(present(azure, unknownKey).body).toMatchObject({ error_description: reason('The key was not found.') });
  });
});
