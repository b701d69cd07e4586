import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { redact, redactText } from '../../../src/telemetry/redact.ts';

const part = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ';
const jwt = `${part}.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl-_x`;
const secret = 'S3cr3t~Value.0123456789';

describe('text', () => {
  it.each([
    ['a bearer token', `Authorization: Bearer ${secret}`],
    ['basic credentials', `got header "Basic ${Buffer.from(secret).toString('base64')}" from caller`],
    ['a client secret in a form body', `grant_type=client_credentials&client_secret=${secret}&scope=x`],
    ['a client assertion in a form body', `client_assertion=${secret}`],
    ['a token in JSON', `{"access_token":"${secret}","expires_in":3600}`],
    ['a token in JSON within JSON', JSON.stringify({ body: JSON.stringify({ refresh_token: secret }) })],
    ['a secret in an object as Node prints it', `{ clientSecret: '${secret}' }`],
    ['the signature of a signed URL', `https://example.net/c/b?sv=2024&sig=${secret}`],
    ['a poll URL', `see https://management.example.net/op/1?api-version=2024-07-01&t=1&c=${secret}&s=x&h=y now`],
    ['a signature without a URL', `denied: sig=${secret}`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`],
    ['a private key that was cut off', `-----BEGIN RSA PRIVATE KEY-----\n${secret}`],
  ])('loses %s', (_what, text) => {
    const result = redactText(text);
    expect(result).toContain('[redacted]');
    expect(result).not.toContain(secret);
    expect(result).not.toContain(Buffer.from(secret).toString('base64'));
  });

  it('loses a JWT wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(redactText(`${before} ${jwt} ${after}`)).not.toContain('c2lnbmF0dXJl');
      }),
    );
  });

  it('keeps a URL up to its query', () => {
    expect(redactText('GET https://a.example/x/y?token=abcdefgh failed')).toBe(
      'GET https://a.example/x/y?[redacted] failed',
    );
  });

  it('keeps a query that is an api-version alone', () => {
    const text = 'PATCH https://a.example/subscriptions/1?api-version=2024-07-01: 409';
    expect(redactText(text)).toBe(text);
  });

  it.each([
    'tokens: 12 left',
    'ns/web: binding has 3 tokens left',
    'lease held by pod-1_9b7e6f9c-1111-4222-8333-944455566677',
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/s',
    'x-ms-request-id 3a0b7c52-5f2a-4c3c-9d53-8b0a4d9a8f11',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('is cut when it is very long', () => {
    expect(redactText('x'.repeat(1_000_000)).length).toBeLessThan(5_000);
  });

  it('is cut only after the secrets in it were found', () => {
    const text = `${'x'.repeat(4_080)} Bearer ${secret}`;
    expect(redactText(text)).not.toContain(secret.slice(0, 6));
  });
});

describe('values', () => {
  it('lose what stands under the name of a secret, however that is written', () => {
    for (const name of [
      'Authorization',
      'client_secret',
      'clientAssertion',
      'x-ms-authorization-auxiliary',
      'Set-Cookie',
    ]) {
      expect(redact({ [name]: 'anything' })).toEqual({ [name]: '[redacted]' });
    }
  });

  it('keep fields that only sound like one', () => {
    const fields = { tokenFile: '/var/run/token', credential: 'workload-identity', authorizationFailed: true };
    expect(redact(fields)).toEqual(fields);
  });

  it('lose secrets at any depth', () => {
    const value = {
      requests: [{ headers: new Map([['authorization', secret]]), note: new Set([`Bearer ${secret}`]) }],
    };
    expect(JSON.stringify(redact(value))).not.toContain(secret);
  });

  it('become plain data', () => {
    const value = {
      big: 12n,
      at: new Date('2026-01-01'),
      never: new Date(NaN),
      does: () => 1,
      is: Symbol('x'),
      none: null,
    };
    expect(redact(value)).toEqual({ big: '12', at: '2026-01-01T00:00:00.000Z', never: null, none: null });
  });

  it('end where they are deep, or contain themselves', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop))).toContain('…');
  });
});

describe('errors', () => {
  it('of a known kind keep name, message, kind, code and status, and nothing else', () => {
    const error = Object.assign(new Error(`refused Bearer ${secret}`), {
      name: 'KubeError',
      kind: 'forbidden',
      status: 403,
      request: { headers: { authorization: secret } },
    });
    expect(redact({ error })).toEqual({
      error: { name: 'KubeError', message: 'refused Bearer [redacted]', kind: 'forbidden', status: 403 },
    });
  });

  it('of no known kind keep their stack and their cause', () => {
    const error = new TypeError('x is not a function', {
      cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
    });
    expect(redact(error)).toMatchObject({
      name: 'TypeError',
      stack: expect.stringContaining('redact.test.ts') as string,
      cause: { message: 'reset', code: 'ECONNRESET' },
    });
  });
});
