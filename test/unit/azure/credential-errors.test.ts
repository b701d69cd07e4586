import { AuthenticationError, AuthenticationRequiredError, CredentialUnavailableError } from '@azure/identity';
import { describe, expect, it } from 'vitest';

import { explainCredentialError, type SignIn } from '../../../src/azure/credential-errors.ts';
import { federatedClaimsOf } from '../../../src/azure/token-claims.ts';
import { networkError } from './fake-azure.ts';

const WORKLOAD: SignIn = {
  check: 'AZURE_CLIENT_ID',
  place: 'https://login.microsoftonline.com',
  federated: {
    issuer: 'https://oidc.example/1',
    subject: 'system:serviceaccount:ops:operator',
    audience: 'api://AzureADTokenExchange',
  },
};

function refusedByEntra(code: string): AuthenticationRequiredError {
  const description = `AADSTS${code}: something long. Trace ID: 1-2-3 Correlation ID: 4-5-6 Timestamp: 2026-03-01 12:00:00Z`;
  const cause = new AuthenticationError(400, { error: 'invalid_client', error_description: description });
  return new AuthenticationRequiredError({ scopes: ['s'], message: `invalid_client: ${description}`, cause });
}

describe('a credential without a token', () => {
  it.each(['70021', '70025', '700211', '700212', '700213'])(
    'has a token that fits no federated credential: AADSTS%s',
    (code) => {
      const failure = explainCredentialError(refusedByEntra(code), WORKLOAD);
      expect(failure.code).toBe(`AADSTS${code}`);
      expect(failure.message).toContain('issuer https://oidc.example/1');
      expect(failure.message).toContain('subject system:serviceaccount:ops:operator');
      expect(failure.message).toContain('audience api://AzureADTokenExchange');
    },
  );

  it.each([
    ['700016', /AZURE_CLIENT_ID/],
    ['90002', /AZURE_TENANT_ID/],
    ['900021', /AZURE_TENANT_ID.*--cloud/],
    ['7000112', /disabled.*AZURE_CLIENT_ID/],
    ['7000229', /AZURE_CLIENT_ID and AZURE_TENANT_ID/],
    ['7000215', /secret/],
    ['7000222', /renew/],
    ['700024', /clock/],
    ['700027', /signing keys/],
    ['50013', /signing keys/],
    ['500011', /--arm-audience/],
    ['900382', /--cloud and --authority-host/],
    ['900439', /--cloud and --authority-host/],
    ['53003', /Conditional Access/],
    ['90055', /tried again/],
    ['50196', /tried again/],
    ['7000218', /check AZURE_CLIENT_ID/],
    ['999999', /AADSTS999999.*check AZURE_CLIENT_ID/],
  ])('is told what to check for AADSTS%s', (code, expected) => {
    expect(explainCredentialError(refusedByEntra(code), WORKLOAD).message).toMatch(expected);
  });

  it("repeats nothing of Entra's text", () => {
    expect(explainCredentialError(refusedByEntra('70021'), WORKLOAD).message).not.toMatch(/Trace ID|something long/);
  });

  it('cannot reach who issues tokens', () => {
    const error = new CredentialUnavailableError('ManagedIdentityCredential: Network unreachable.', {
      cause: networkError('ECONNREFUSED'),
    });
    const failure = explainCredentialError(error, WORKLOAD);
    expect(failure).toMatchObject({ code: 'ECONNREFUSED' });
    expect(failure.message).toContain('https://login.microsoftonline.com cannot be reached');
  });

  it('cannot reach the metadata service, for which no authority is to blame', () => {
    const node: SignIn = { check: 'x', place: 'The metadata service of the node', way: 'the network policies' };
    expect(explainCredentialError(networkError('EHOSTUNREACH'), node).message).toBe(
      'The metadata service of the node cannot be reached (EHOSTUNREACH); check the network policies.',
    );
    const late = new DOMException('took too long', 'TimeoutError');
    expect(explainCredentialError(late, node)).toMatchObject({
      code: 'TimeoutError',
      message: 'The metadata service of the node gave no token in time; check the network policies.',
    });
  });

  it.each(['HPE_INVALID_CONSTANT', 'ERR_SSL_WRONG_VERSION_NUMBER', 'CERT_HAS_EXPIRED'])(
    'meets something on its way that is not who it seems: %s',
    (code) => {
      expect(explainCredentialError(networkError(code), WORKLOAD).message).toContain(`${code}); check the network`);
    },
  );

  it.each(['EISDIR', 'EACCES', 'EMFILE'])('cannot read the file with its token: %s', (code) => {
    const failure = explainCredentialError(Object.assign(new Error(`${code}: x`), { code }), WORKLOAD);
    expect(failure.message).toBe(
      `A file that signing in to Azure needs cannot be read (${code}): check AZURE_CLIENT_ID.`,
    );
  });

  it('lacks the file with its token', () => {
    const failure = explainCredentialError(
      Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' }),
      WORKLOAD,
    );
    expect(failure).toMatchObject({ code: 'ENOENT' });
    expect(failure.message).toContain('AZURE_CLIENT_ID');
  });

  it('is not available here', () => {
    const failure = explainCredentialError(
      new CredentialUnavailableError('WorkloadIdentityCredential: is unavailable.'),
      WORKLOAD,
    );
    expect(failure).toMatchObject({
      code: 'CredentialUnavailable',
      message: 'There is no token for Azure: check AZURE_CLIENT_ID.',
    });
  });

  it.each([undefined, null, 'x', 7, {}, { message: 7, cause: { cause: null } }])(
    'is explained whatever was thrown: %j',
    (thrown) => {
      expect(explainCredentialError(thrown).code).toBe('CredentialUnavailable');
    },
  );

  it('is explained even where causes lead in a circle', () => {
    const error = new Error('x');
    error.cause = error;
    expect(explainCredentialError(error).code).toBe('CredentialUnavailable');
  });
});

describe("a service account's token", () => {
  const token = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

  it('says what Entra compares', () => {
    expect(federatedClaimsOf(`${token({ iss: 'i', sub: 's', aud: ['a', 'b'], exp: 1 })}\n`)).toEqual({
      issuer: 'i',
      subject: 's',
      audience: 'a, b',
    });
  });

  it.each([
    ['is not a token', 'x'],
    ['is not JSON', 'h.eA.s'],
    ['lacks a claim', token({ iss: 'i', sub: 's' })],
    ['has a claim that would break a line', token({ iss: 'i\n', sub: 's', aud: 'a' })],
    ['has an endless claim', token({ iss: 'i'.repeat(400), sub: 's', aud: 'a' })],
    ['is endless', 'h.'.repeat(100_000)],
  ])('says nothing when it %s', (_, text) => {
    expect(federatedClaimsOf(text)).toBeUndefined();
  });
});
