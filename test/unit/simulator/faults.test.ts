import { describe, expect, it } from 'vitest';

import { armError, identity, read, scaleSetsPath, simulatedAzure, webPath } from './azure.ts';

const attachA = { type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: {} } };
const isAttached = (azure: ReturnType<typeof simulatedAzure>): boolean =>
  azure.control.scaleSet(webPath).userAssigned.length > 0;

describe('a fault', () => {
  it('stands in for the answer, and the request never arrives', () => {
    const azure = simulatedAzure();
    azure.control.addFault({
      match: { method: 'patch', path: '/virtualmachinescalesets/WEB$' },
      effect: { kind: 'status', status: 500, code: 'InternalExecutionError', message: 'An internal error occurred.' },
    });

    const reply = azure.patchIdentity(attachA);

    expect(reply.status).toBe(500);
    expect(reply.body).toEqual(armError('InternalExecutionError', 'An internal error occurred.'));
    expect(isAttached(azure)).toBe(false);
  });

  it('may let the request have its effect, and falsify the answer only', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'status', status: 503, applied: true } });

    expect(azure.patchIdentity(attachA).status).toBe(503);
    expect(isAttached(azure)).toBe(true);
  });

  it('carries the headers and the body it is given', () => {
    const azure = simulatedAzure();
    const body = {
      error: { code: 'OperationNotAllowed', message: 'too many', details: [{ code: 'TooManyRequests' }] },
    };
    azure.control.addFault({ effect: { kind: 'status', status: 429, headers: { 'retry-after': '17' }, body } });

    const reply = azure.get(webPath);

    expect(reply.headers['retry-after']).toBe('17');
    expect(reply.body).toEqual(body);
  });

  it('strikes once, unless told otherwise', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'status', status: 500 } });

    expect([1, 2].map(() => azure.get(webPath).status)).toEqual([500, 200]);
  });

  it('strikes from the nth match on, as often as it should', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ match: { method: 'GET' }, nth: 2, count: 2, effect: { kind: 'status', status: 500 } });

    expect([1, 2, 3, 4].map(() => azure.get(webPath).status)).toEqual([200, 500, 500, 200]);
  });

  it('strikes for ever with the count null, until it is cleared', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ count: null, effect: { kind: 'status', status: 500 } });

    expect([1, 2, 3].map(() => azure.get(webPath).status)).toEqual([500, 500, 500]);
    azure.control.clearFaults();
    expect(azure.get(webPath).status).toBe(200);
  });

  it('may look at the body', () => {
    const azure = simulatedAzure({ web: { operationMs: 0 } });
    azure.control.addFault({ match: { body: 'SystemAssigned' }, effect: { kind: 'status', status: 500 } });

    expect(azure.patchIdentity(attachA).status).toBe(200);
    expect(azure.patchIdentity({ type: 'SystemAssigned' }).status).toBe(500);
  });

  it('yields to one that was there before it', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'status', status: 501 } });
    azure.control.addFault({ effect: { kind: 'status', status: 502 } });

    expect([1, 2, 3].map(() => azure.get(webPath).status)).toEqual([501, 502, 200]);
  });

  it('strikes the token endpoint as well', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ match: { path: '/oauth2/' }, effect: { kind: 'status', status: 503, body: {} } });

    expect(azure.askToken({}).status).toBe(503);
  });

  it.each([true, false])('resets the connection, with the request applied: %s', (applied) => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'reset', applied } });

    expect(azure.send('PATCH', webPath, { body: { identity: attachA } })).toEqual({ kind: 'reset' });
    expect(isAttached(azure)).toBe(applied);
  });

  it('leaves a request without an answer', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'hang' } });

    expect(azure.send('GET', webPath)).toEqual({ kind: 'hang' });
    expect(azure.control.requests().at(-1)?.status).toBe('hang');
  });

  it('delays the request: it is judged by the time at which it arrives', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'delay', ms: 5_000 } });
    const answer = azure.send('GET', webPath);
    if (answer.kind !== 'delay') throw new Error('expected a delay');

    azure.control.drift(webPath, { kind: 'Scale', capacity: 7 });

    expect(answer.ms).toBe(5_000);
    expect(read(answer.answer(azure.clock.nowMs + 5_000)).body.sku.capacity).toBe(7);
  });

  it('delays the answer: it is as old as the request', () => {
    const azure = simulatedAzure();
    azure.control.addFault({ effect: { kind: 'delay', ms: 5_000, applied: true } });
    const answer = azure.send('GET', webPath);
    if (answer.kind !== 'delay') throw new Error('expected a delay');

    azure.control.drift(webPath, { kind: 'Scale', capacity: 7 });

    expect(read(answer.answer(azure.clock.nowMs + 5_000)).body.sku.capacity).toBe(1);
  });

  it('leaves identity out of a read, of one or of a page', () => {
    const azure = simulatedAzure({ web: { identity: { systemAssigned: true } } });
    azure.control.addFault({ count: 2, effect: { kind: 'withoutIdentity' } });

    expect(azure.get(webPath).body).not.toHaveProperty('identity');
    const page = azure.get(scaleSetsPath);
    expect(page.body.value[0]).toHaveProperty('name', 'web');
    expect(page.body.value[0]).not.toHaveProperty('identity');
    expect(azure.get(webPath).body.identity.type).toBe('SystemAssigned');
  });
});

describe('the request log', () => {
  it('tells who asked for what, and how it was answered', () => {
    const azure = simulatedAzure();

    azure.patchIdentity({ type: 'nonsense' });

    expect(azure.control.requests()).toEqual([
      {
        sequence: 1,
        timeMs: azure.clock.nowMs,
        principal: '33333333-3333-4333-8333-333333333333',
        method: 'PATCH',
        path: webPath,
        apiVersion: '2026-04-01',
        ifMatch: undefined,
        body: { identity: { type: 'nonsense' } },
        endedMs: azure.clock.nowMs,
        status: 400,
        code: 'InvalidRequestContent',
        fault: undefined,
      },
    ]);
  });

  it('never holds a token, a secret or a signature', () => {
    const azure = simulatedAzure();
    azure.askToken({ grant_type: 'client_credentials', client_secret: 's3cret' });
    const poll = azure.patchIdentity(attachA).headers['azure-asyncoperation']!;
    azure.get(poll);

    const log = JSON.stringify(azure.control.requests());

    expect(log).not.toContain('s3cret');
    expect(log).not.toContain('eyJ');
    expect(log).not.toContain(new URL(poll).searchParams.get('h'));
  });

  it('names the fault that struck', () => {
    const azure = simulatedAzure();
    const id = azure.control.addFault({ effect: { kind: 'status', status: 500 } });
    azure.get(webPath);

    expect(azure.control.requests()[0]).toMatchObject({ status: 500, fault: id });
  });

  it('can be read from a point on, and emptied', () => {
    const azure = simulatedAzure();
    azure.get(webPath);
    azure.get(webPath);

    expect(azure.control.requests(1)).toHaveLength(1);
    azure.control.resetRequests();
    expect(azure.control.requests()).toEqual([]);
    azure.get(webPath);
    expect(azure.control.requests()[0]?.sequence).toBe(3);
  });

  it('forgets the oldest requests when it is full', () => {
    const azure = simulatedAzure({ settings: { requestLogLimit: 2 } });
    for (let count = 0; count < 3; count += 1) azure.get(webPath);

    expect(azure.control.requests().map(({ sequence }) => sequence)).toEqual([2, 3]);
  });
});
