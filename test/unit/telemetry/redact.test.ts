import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { redact, redactText } from '../../../src/telemetry/redact.ts';
import { allForms } from './secrets.ts';

const part = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ';
const jwt = `${part}.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl-_x`;
const secret = 'S3cr3t~Value.0123456789';

describe('text', () => {
  it.each(allForms)('loses %s', (_form, { text, secret }) => {
    const result = redactText(text);
    expect(result).toContain('[redacted]');
    expect(result).not.toContain(secret);
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

// A pattern that goes back and forth would need minutes for a text of this length; a linear one needs milliseconds.
describe('a text of the greatest length that is looked at', { timeout: 60_000 }, () => {
  const beginnings = [
    'eyJ',
    'a.',
    'a=',
    '&a=',
    '?',
    '?a=',
    '://',
    '://a',
    'token',
    'token\\',
    "token: '",
    '\\',
    '\\u00',
  ];
  it.each([...beginnings, 'Bearer ', '-----BEGIN PRIVATE KEY', 'authorization', ' ', 'a', '%26', '&amp;'])(
    'is redacted in time that grows with its length alone: %j',
    (beginning) => {
      const text = beginning.repeat(Math.floor(16_384 / beginning.length));
      for (let round = 0; round < 20; round++) expect(redactText(text).length).toBeLessThan(4_098);
    },
  );
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

  it('are told by their number of bytes when they are bytes', () => {
    expect(redact([Buffer.from(secret), new Uint16Array(3), Buffer.from(secret).toJSON()])).toEqual([
      '[23 bytes]',
      '[6 bytes]',
      '[23 bytes]',
    ]);
  });

  it('lose what follows the name of a secret in a list, or stands beside it in a pair', () => {
    expect(redact(['Accept', 'x', 'Authorization', secret])).toEqual(['Accept', 'x', 'Authorization', '[redacted]']);
    expect(redact({ name: 'AZURE_CLIENT_SECRET', value: secret })).toEqual({
      name: 'AZURE_CLIENT_SECRET',
      value: '[redacted]',
    });
  });

  it('that cannot be read are left out alone', () => {
    const value = {
      get bad(): never {
        throw new Error(secret);
      },
      good: 1,
    };
    expect(redact(value)).toEqual({ bad: '[unreadable]', good: 1 });
    expect(redact(Proxy.revocable({}, {}).proxy)).toEqual({});
  });

  it('of any size make a line of limited length', () => {
    const wide = Array.from({ length: 100_000 }, () => ({ text: 'x'.repeat(10_000) }));
    expect(JSON.stringify(redact(wide)).length).toBeLessThan(100_000);
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

  it('keep the errors that they stand for', () => {
    const error = new AggregateError([new Error('one'), `token=${secret}`, { token: secret }], 'both');
    expect(redact(error)).toMatchObject({ message: 'both', errors: [{ message: 'one' }, 'token=[redacted]'] });
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
