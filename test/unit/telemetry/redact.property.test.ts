/** Secrets, planted anywhere in whatever may be logged: none comes out, and logging never fails. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { logFormats } from '../../../src/telemetry/logger.ts';
import { captureLog } from './captured-log.ts';
import { type Planted, plantedSecrets, secrets } from './secrets.ts';

/** What stands beside a secret in a text. No word may continue it. */
const beside = fc.oneof(
  fc.constantFrom('', ' ', '\n', '; ', 'error: ', '("', "'", '\t', '{"a":1} ', '\u001b[31m', ' \ud800 ', 'ü€😀 '),
  fc.string({ maxLength: 20 }).map((text) => `${text} `),
  // So much that the text is cut, in the secret too, and much of it is redacted, so that what was far back is shown.
  fc.tuple(fc.nat(17), fc.nat(700)).map(([links, filler]) => {
    return `https://example.net/a?sig=${'y'.repeat(900)} `.repeat(links) + 'x '.repeat(filler);
  }),
);

const texts = fc
  .tuple(beside, plantedSecrets, beside)
  .map(([before, { text, secret }, after]): Planted => ({ text: `${before}${text} ${after}`, secret }));

/** So much of a secret that finding it is no chance. */
const traceOf = (secret: string): string => secret.slice(0, 14);

/** Something that the secret text is put into. */
type Container = (inner: unknown) => unknown;

const named = (name: string): Container => {
  return (inner) => ({ before: 1, [name]: inner, after: 'x' });
};

class Request {
  readonly headers: unknown;
  readonly url = 'https://example.net';
  constructor(headers: unknown) {
    this.headers = headers;
  }
  get inherited(): never {
    throw new Error('not to be asked');
  }
}

const textOf = (inner: unknown): string => (typeof inner === 'string' ? inner : 'an object');

const thrower = (inner: unknown): unknown => ({
  get bad(): never {
    throw new Error(textOf(inner));
  },
  good: inner,
});

const containers: readonly Container[] = [
  named('detail'),
  named('__proto__'),
  named('toJSON'),
  (inner) => [1, inner, null],
  (inner) => new Map<unknown, unknown>([['a', inner]]),
  (inner) => new Map<unknown, unknown>([[inner, 1]]),
  (inner) => new Map<unknown, unknown>([[{ toString: () => textOf(inner) }, inner]]),
  (inner) => new Set([inner]),
  (inner) => ({ [textOf(inner)]: 1 }),
  (inner) => Object.assign(Object.create(null) as object, { inner }),
  (inner) => new Request(inner),
  (inner) => ({ toJSON: () => inner, own: 1 }),
  (inner) => ({ get lazy() { return inner; } }), // prettier-ignore
  thrower,
  (inner) => new Error(textOf(inner)),
  (inner) => new Error('outer', { cause: inner }),
  (inner) => new TypeError('outer', { cause: new Error(textOf(inner), { cause: inner }) }),
  (inner) => new AggregateError([inner, new Error(textOf(inner))], textOf(inner)),
  (inner) => Object.assign(new Error('named'), { name: textOf(inner), code: textOf(inner), kind: textOf(inner) }),
  (inner) => Object.assign(new Error('holds a request'), { request: new Request(inner), body: inner }),
  (inner) => Object.assign(new Error('odd'), { message: inner, stack: inner, name: inner }),
  (inner) => Buffer.from(textOf(inner)),
  (inner) => new Uint8Array(Buffer.from(textOf(inner))),
  (inner) => Buffer.from(textOf(inner)).toJSON(),
  (inner) => new DataView(new TextEncoder().encode(textOf(inner)).buffer),
  (inner) => new String(textOf(inner)),
  (inner) => new Proxy({ inner }, {}),
  (inner) => new Proxy({ inner }, { ownKeys: () => { throw new Error(textOf(inner)); } }), // prettier-ignore
  (inner) => Proxy.revocable({ inner }, {}).proxy,
  (inner) => Symbol(textOf(inner)),
  (inner) => () => inner,
  (inner) => new Date(textOf(inner)),
  (inner) => Promise.resolve(inner),
  (inner) => {
    const loop: Record<string, unknown> = { inner };
    loop['self'] = loop;
    loop['list'] = [loop, loop, loop, loop, loop, loop, loop, loop];
    return loop;
  },
];

const buried = (leaf: fc.Arbitrary<Planted>): fc.Arbitrary<{ readonly value: unknown; readonly secret: string }> =>
  fc.tuple(leaf, fc.array(fc.constantFrom(...containers), { maxLength: 5 })).map(([{ text, secret }, path]) => ({
    value: path.reduce<unknown>((inner, container) => container(inner), text),
    secret,
  }));

describe('a secret', () => {
  it('in a text that is logged is not in the log', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom(...logFormats), async ({ text, secret }, format) => {
        expect(await captureLog((logger) => logger.info(text, { text }), { format })).not.toContain(traceOf(secret));
      }),
    );
  });

  it('planted anywhere in a structure that is logged is not in the log', async () => {
    await fc.assert(
      fc.asyncProperty(buried(texts), fc.constantFrom(...logFormats), async ({ value, secret }, format) => {
        const log = await captureLog(
          (logger) => {
            logger.child({ value }).error('with a field', { value });
            logger.error('as the fields', value as never);
          },
          { format },
        );
        expect(log).not.toContain(traceOf(secret));
        expect(log.trimEnd().split('\n')).toHaveLength(2);
      }),
      { numRuns: 500 },
    );
  });

  it('of no form at all is not in the log when its name says what it is', async () => {
    const opaque = secrets.map((secret): Planted => ({ text: secret, secret }));
    const name = fc.constantFrom(
      ...['Authorization', 'proxy-authorization', 'x-ms-authorization-auxiliary', 'Set-Cookie', 'token', 'idToken'],
      ...['client_secret', 'AZURE_CLIENT_SECRET', 'clientAssertion', 'password', 'passphrase', 'client-key-data'],
      ...['accountKey', 'apiKey', 'x-identity-header', 'privateKey', 'sig', 'secrets', 'connectionString'],
    );
    const holder = fc.constantFrom<(name: string, inner: unknown) => unknown>(
      (key, inner) => ({ [key]: inner }),
      (key, inner) => new Map([[key, inner]]),
      (key, value) => ({ headers: [{ name: key, value }] }),
      (key, value) => [{ key, value }],
      (key, inner) => [[key, inner]],
      (key, inner) => ['Accept', 'x', key, inner],
      (key, inner) => JSON.stringify({ [key]: textOf(inner) }),
      (key, inner) => JSON.stringify({ a: JSON.stringify({ [key]: textOf(inner) }) }),
    );
    await fc.assert(
      fc.asyncProperty(name, holder, buried(opaque), fc.constantFrom(...logFormats), async (key, hold, it, format) => {
        const value = hold(key, it.value);
        expect(await captureLog((logger) => logger.warn('x', { value }), { format })).not.toContain(traceOf(it.secret));
      }),
      { numRuns: 500 },
    );
  });
});

describe('whatever is logged', () => {
  it('is one line, which is JSON in the JSON format, without a character that a terminal obeys', async () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        anything,
        fc.constantFrom(...logFormats),
        async (text, it, format) => {
          const log = await captureLog((logger) => logger.info(text, { it, [text]: it }), { format });
          expect(log.endsWith('\n')).toBe(true);
          // eslint-disable-next-line no-control-regex -- these are what it is about
          expect(log.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
          if (format === 'json') expect(JSON.parse(log)).toMatchObject({ level: 'info' });
        },
      ),
    );
  });
});
