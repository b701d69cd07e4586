import { describe, expect, it } from 'vitest';

import type { Settings } from '../../../dev/simulator/settings.ts';
import { clientId, otherTenantId, simulatedAzure, tenantId, webPath } from './azure.ts';

const authority = `authorization_uri="https://azure.test/${tenantId}"`;
const detail =
  'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp';
const form = {
  grant_type: 'client_credentials',
  client_id: clientId,
  client_secret: 's3cret',
  scope: 'https://management.azure.com/.default',
};

function revoked(settings: Partial<Settings> = {}, capabilities: readonly string[] = ['cp1']) {
  const azure = simulatedAzure({ settings });
  const token = azure.control.token(clientId, undefined, capabilities);
  azure.wait(500);
  azure.control.revokeTokens(clientId);
  const reply = azure.get(webPath, { token });
  return { azure, token, reply, challenge: reply.headers['www-authenticate'] ?? '' };
}
const claimsIn = (challenge: string): string =>
  Buffer.from(/claims="([^"]*)"/.exec(challenge)?.[1] ?? '', 'base64').toString();

describe('a revoked token', () => {
  it('is 401 with a claims challenge, for one that is issued later', () => {
    const { azure, reply, challenge } = revoked();

    expect(reply.status).toBe(401);
    expect(reply.body).toEqual({ error: { code: 'InvalidAuthenticationToken', message: detail } });
    expect(challenge).toMatch(
      new RegExp(
        `^Bearer ${authority}, error_description="${detail}", error="insufficient_claims", claims="[A-Za-z0-9+/=]+"$`,
      ),
    );
    const seconds = String(Math.floor(azure.clock.nowMs / 1_000));
    expect(JSON.parse(claimsIn(challenge))).toEqual({ access_token: { nbf: { essential: true, value: seconds } } });
  });

  it('may be challenged in other words of ARM', () => {
    expect(revoked({ revokedChallenge: 'SessionRevoked' }).challenge).toMatch(
      new RegExp(
        `^Bearer ${authority}, error="invalid_token", error_description="User session has been revoked", claims="[^"]+"$`,
      ),
    );
  });

  it('of a client that handles no claims challenges is refused without one', () => {
    const { reply, challenge } = revoked({}, []);

    expect(reply.status).toBe(401);
    expect(challenge).toBe(`Bearer ${authority}, error="invalid_token", error_description="${detail}"`);
  });

  it('is followed by one that is accepted, though it is issued in the same second', () => {
    const { azure, token, challenge } = revoked();
    const claims = JSON.stringify({
      access_token: {
        ...(JSON.parse(claimsIn(challenge)) as { access_token: object }).access_token,
        xms_cc: { values: ['cp1'] },
      },
    });

    const renewed = azure.askToken({ ...form, claims }).body.access_token;

    expect(azure.get(webPath, { token: renewed }).status).toBe(200);
    expect(azure.get(webPath, { token }).status).toBe(401);
    expect(JSON.parse(Buffer.from(renewed.split('.')[1]!, 'base64url').toString())).toMatchObject({ xms_cc: ['cp1'] });
  });

  it('may be that of everyone, or of one principal alone', () => {
    const azure = simulatedAzure();
    const other = '77777777-7777-4777-8777-777777777777';
    azure.control.seed({ principals: [{ clientId: other, tenant: tenantId }] });
    const [mine, theirs] = [azure.control.token(clientId), azure.control.token(other)];
    const statuses = () => [mine, theirs].map((token) => azure.get(webPath, { token }).status);

    azure.control.revokeTokens(other);
    expect(statuses()).toEqual([200, 401]);
    azure.control.revokeTokens();
    expect(statuses()).toEqual([401, 401]);
  });
});

describe('the claims that a client asks for', () => {
  it.each(['x', '[]'])('have to be a JSON object, unlike %s', (claims) => {
    const reply = simulatedAzure().askToken({ ...form, claims });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: 'invalid_request', error_codes: [9002313] });
  });

  it('may be others than its capabilities', () => {
    expect(simulatedAzure().askToken({ ...form, claims: '{"access_token":{"auth_time":null}}' }).status).toBe(200);
    expect(simulatedAzure().askToken({ ...form, claims: '{"id_token":{}}' }).status).toBe(200);
  });
});

describe('an application', () => {
  it('that is disabled gets no more tokens, until it is enabled again', () => {
    const azure = simulatedAzure({ principal: { name: 'operator' } });

    azure.control.setApplication(clientId, 'Disabled');
    const reply = azure.askToken(form);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      error: 'unauthorized_client',
      error_codes: [7000112],
      error_description: expect.stringContaining(
        `AADSTS7000112: Application '${clientId}'(operator) is disabled.`,
      ) as string,
    });
    azure.control.setApplication(clientId, 'Enabled');
    expect(azure.askToken(form).status).toBe(200);
  });

  it('that is deleted is not found', () => {
    const azure = simulatedAzure();

    azure.control.setApplication(clientId, 'Deleted');

    expect(azure.askToken(form).body).toMatchObject({ error: 'unauthorized_client', error_codes: [700016] });
  });

  it.each(['Disabled', 'Deleted'] as const)(
    'that is %s keeps the tokens it has until they expire or are revoked',
    (state) => {
      const azure = simulatedAzure();
      const token = azure.control.token(clientId);
      azure.control.setApplication(clientId, state);

      expect(azure.get(webPath, { token }).status).toBe(200);
      azure.control.revokeTokens(clientId);
      expect(azure.get(webPath, { token }).status).toBe(401);
    },
  );

  it.each([
    ['Disabled', { error: 'unauthorized_client' }],
    ['Deleted', { error: 'invalid_request', error_description: 'Identity not found' }],
  ] as const)('of a managed identity that is %s gets nothing from IMDS', (state, expected) => {
    const azure = simulatedAzure();
    azure.control.setApplication(clientId, state);

    const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/';
    const reply = azure.get(`${path}&client_id=${clientId}`, { token: '', version: '', headers: { metadata: 'true' } });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject(expected);
  });
});

describe('a token', () => {
  it('is good in its own tenant alone', () => {
    const azure = simulatedAzure();
    const stranger = '88888888-8888-4888-8888-888888888888';
    azure.control.seed({ principals: [{ clientId: stranger, tenant: otherTenantId }] });

    const reply = azure.get(webPath, { token: azure.control.token(stranger) });

    expect(reply.status).toBe(401);
    expect(reply.body.error.code).toBe('InvalidAuthenticationTokenTenant');
  });
});
