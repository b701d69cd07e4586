import type { GetTokenOptions } from '@azure/identity';
import { describe, expect, it } from 'vitest';

import { ENDPOINT, fakeAzure, NEVER, SCOPE } from './fake-azure.ts';
import { settled } from './manual-clock.ts';
import { errorBody, scaleSetBody, scaleSetId } from './samples.ts';

const OK = { body: scaleSetBody() };
const REFUSED = {
  status: 401,
  body: errorBody('InvalidAuthenticationToken', 'x'),
  headers: { 'www-authenticate': `Bearer authorization_uri="https://login", error="invalid_token"` },
};

function tokensOf(
  sent: readonly { readonly headers: Readonly<Record<string, string>> }[],
): readonly (string | undefined)[] {
  return sent.map(({ headers }) => headers['authorization']);
}

describe('the token', () => {
  it('is asked for once, for the scope that is configured, however many requests need it', async () => {
    const azure = fakeAzure([OK]);
    await Promise.all([1, 2, 3].map(() => azure.port.getScaleSet(scaleSetId(), NEVER)));
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(azure.tokensAsked.map(({ scope }) => scope)).toEqual([SCOPE]);
    expect(new Set(tokensOf(azure.sent))).toEqual(new Set(['Bearer token-1']));
  });

  it('is replaced before its end without making a request wait', async () => {
    const azure = fakeAzure([OK], { tokens: (count) => (count === 1 ? 'first' : new Promise(() => undefined)) });
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.clock.advance(56 * 60_000);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(azure.tokensAsked).toHaveLength(2);
    expect(tokensOf(azure.sent)).toEqual(['Bearer first', 'Bearer first']);
  });

  it('stays in use when its replacement fails, and another try is made later', async () => {
    const azure = fakeAzure([OK], { tokens: (count) => (count === 2 ? new Error('down') : `token-${String(count)}`) });
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.clock.advance(56 * 60_000);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    await settled();
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(azure.tokensAsked).toHaveLength(2);
    await azure.clock.advance(5_000);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    await settled();
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(tokensOf(azure.sent)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-3',
    ]);
  });

  it('is waited for when the last one has come to its end', async () => {
    const azure = fakeAzure([OK]);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.clock.advance(60 * 60_000);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(tokensOf(azure.sent)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('is not asked for again by every request when there is none', async () => {
    const azure = fakeAzure([OK], { tokens: () => new Error('no') });
    for (let request = 0; request < 10; request += 1) {
      expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({
        failure: { kind: 'credential', hadNoEffect: true },
      });
    }
    expect(azure.tokensAsked).toHaveLength(1);
    await azure.clock.advance(5_000);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(azure.tokensAsked).toHaveLength(2);
    expect(azure.sent).toHaveLength(0);
  });

  it('is not lost to others when the request that asked for it is given up', async () => {
    const gate = Promise.withResolvers<string>();
    const azure = fakeAzure([OK], { tokens: () => gate.promise });
    const controller = new AbortController();
    const first = azure.port.getScaleSet(scaleSetId(), controller.signal);
    const second = azure.port.getScaleSet(scaleSetId(), NEVER);
    await settled();
    controller.abort(new Error('over'));
    await expect(first).rejects.toThrow('over');
    gate.resolve('late');
    expect(await second).toMatchObject({ ok: true });
    expect(azure.tokensAsked).toHaveLength(1);
  });

  it('that does not come in time is a failure of the credential', async () => {
    const azure = fakeAzure([OK], { tokens: () => new Promise(() => undefined) });
    const result = azure.port.getScaleSet(scaleSetId(), NEVER);
    await azure.clock.advance(20_000);
    expect(await result).toMatchObject({ failure: { kind: 'credential', code: 'TimeoutError', hadNoEffect: true } });
  });
});

describe('a token that Azure does not accept', () => {
  it('is renewed once, and the request is sent again with the new one', async () => {
    const azure = fakeAzure([REFUSED, OK]);
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ ok: true });
    expect(tokensOf(azure.sent)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('is renewed for a write too, which keeps its If-Match and body', async () => {
    const azure = fakeAzure([REFUSED, OK]);
    await azure.port.patchIdentity(scaleSetId(), { type: 'None' }, '"7"', NEVER);
    expect(azure.sent.map(({ headers, body }) => [headers['if-match'], body])).toEqual([
      ['"7"', { identity: { type: 'None' } }],
      ['"7"', { identity: { type: 'None' } }],
    ]);
  });

  it('is a failure of the credential when the new one is not accepted either', async () => {
    const azure = fakeAzure([REFUSED]);
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({
      failure: { kind: 'credential', code: 'InvalidAuthenticationToken', hadNoEffect: true },
    });
    expect(azure.sent).toHaveLength(2);
  });

  it('is not renewed again and again', async () => {
    const azure = fakeAzure([REFUSED]);
    for (let request = 0; request < 10; request += 1) await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(azure.tokensAsked).toHaveLength(2);
    await azure.clock.advance(60_000);
    await azure.port.getScaleSet(scaleSetId(), NEVER);
    expect(azure.tokensAsked).toHaveLength(3);
  });

  it('is renewed once for all requests that were refused with it', async () => {
    const azure = fakeAzure((sent) => (sent.headers['authorization'] === 'Bearer token-1' ? REFUSED : OK));
    const results = await Promise.all([1, 2, 3].map(() => azure.port.getScaleSet(scaleSetId(), NEVER)));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(azure.tokensAsked).toHaveLength(2);
  });

  it('is not sent again when the credential gives the same once more', async () => {
    const azure = fakeAzure([REFUSED], { tokens: () => 'same' });
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ failure: { kind: 'credential' } });
    expect(azure.sent).toHaveLength(1);
  });

  it('is replaced by one with the claims that Azure asks for', async () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    const challenge = `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
    const azure = fakeAzure([{ status: 401, headers: { 'www-authenticate': challenge } }, OK]);
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({ ok: true });
    expect(azure.tokensAsked.map((asked: GetTokenOptions) => asked.claims)).toEqual([undefined, claims]);
  });

  it('of another tenant is a fault of the setup', async () => {
    const azure = fakeAzure([{ status: 401, body: errorBody('InvalidAuthenticationTokenTenant', 'x') }]);
    expect(await azure.port.getScaleSet(scaleSetId(), NEVER)).toMatchObject({
      failure: { kind: 'operatorMisconfigured' },
    });
  });
});

describe("the operator's own principal", () => {
  const tokenWith = (claims: object): string =>
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
  const OID = '0A1B2C3D-0000-4000-8000-000000000001';

  it('is the oid of its token', async () => {
    const azure = fakeAzure([], { tokens: () => tokenWith({ oid: OID }) });
    expect(await azure.port.ownPrincipalId(NEVER)).toEqual({ ok: true, value: OID.toLowerCase() });
    expect(azure.sent).toHaveLength(0);
  });

  it.each([
    ['a token without oid', tokenWith({ sub: 'x' })],
    ['a token with an odd oid', tokenWith({ oid: 7 })],
    ['no token of this kind', 'opaque'],
    ['a token that is broken', 'a.b.c'],
  ])('is unknown from %s', async (_, token) => {
    const azure = fakeAzure([], { tokens: () => token });
    expect(await azure.port.ownPrincipalId(NEVER)).toMatchObject({
      ok: false,
      failure: { kind: 'credential', code: 'NoPrincipal' },
    });
  });

  it('is unknown without a token', async () => {
    const azure = fakeAzure([], { tokens: () => new Error('no') });
    expect(await azure.port.ownPrincipalId(NEVER)).toMatchObject({ ok: false, failure: { kind: 'credential' } });
  });
});

describe('the ARM endpoint', () => {
  it('must be https, for a token is sent to it', () => {
    expect(() => fakeAzure([], { endpoint: ENDPOINT.replace('https', 'http') })).toThrow(TypeError);
  });
});
