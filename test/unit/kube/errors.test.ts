import { describe, expect, it } from 'vitest';

import {
  codeOf,
  errorFromResponse,
  errorFromWatchEvent,
  errorWithoutAnswer,
  isKubeError,
  isOutcomeUnknown,
  KubeError,
  type KubeErrorKind,
  refusalOf,
  toKubeError,
} from '../../../src/kube/errors.ts';
import { statusOf } from './builders.ts';

const get = { method: 'GET', path: '/api/v1/x' };
const answer = (status: number, reason: string, details = {}) => ({
  status,
  body: JSON.stringify(statusOf(status, reason, details)),
});

describe('the kind of a response', () => {
  it.each<[number, string, KubeErrorKind]>([
    [400, 'BadRequest', 'invalid'],
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Forbidden', 'forbidden'],
    [404, 'NotFound', 'notFound'],
    [405, 'MethodNotAllowed', 'other'],
    [408, 'Timeout', 'timeout'],
    [409, 'AlreadyExists', 'alreadyExists'],
    [409, 'Conflict', 'conflict'],
    [410, 'Expired', 'gone'],
    [415, 'UnsupportedMediaType', 'invalid'],
    [422, 'Invalid', 'invalid'],
    [429, 'TooManyRequests', 'throttled'],
    [500, 'InternalError', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [504, 'Timeout', 'timeout'],
    [301, '', 'other'],
  ])('for %i %s is that of its status', (status, reason, kind) => {
    const error = errorFromResponse(get, answer(status, reason));
    expect(error).toMatchObject({ kind, status });
  });

  it('tells a test operation that did not hold from a patch that is invalid', () => {
    const causes = [{ reason: 'FieldValueInvalid', field: 'spec.x' }];
    expect(errorFromResponse(get, { ...answer(422, 'Invalid'), jsonPatch: true }).kind).toBe('testFailed');
    expect(errorFromResponse(get, { ...answer(422, 'Invalid', { causes }), jsonPatch: true }).kind).toBe('invalid');
  });

  it('tells a namespace that is being deleted from a lack of rights', () => {
    const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
    expect(errorFromResponse(get, answer(403, 'Forbidden', { causes })).kind).toBe('terminating');
    expect(errorFromResponse(get, answer(403, 'Forbidden', { causes: [null, {}] })).kind).toBe('forbidden');
  });

  it('does not need a Status', () => {
    const error = errorFromResponse(get, { status: 502, body: '<html>Bad gateway</html>' });
    expect(error).toMatchObject({ kind: 'unavailable', message: 'GET /api/v1/x: HTTP 502', reason: undefined });
  });
});

describe('the message of a response', () => {
  it('is what was asked, the reason, and what the server says', () => {
    expect(errorFromResponse(get, answer(404, 'NotFound')).message).toBe('GET /api/v1/x: NotFound: a message');
  });
});

describe('Retry-After', () => {
  it('is taken from the header first', () => {
    const details = { retryAfterSeconds: 3 };
    expect(errorFromResponse(get, { ...answer(429, 'x', details), retryAfter: '5' }).retryAfterMs).toBe(5_000);
    expect(errorFromResponse(get, answer(429, 'x', details)).retryAfterMs).toBe(3_000);
  });

  it('is left out when there is none, or none that is a number of seconds', () => {
    expect(errorFromResponse(get, answer(429, 'x')).retryAfterMs).toBeUndefined();
    expect(errorFromResponse(get, { ...answer(429, 'x'), retryAfter: 'tomorrow' }).retryAfterMs).toBeUndefined();
  });
});

describe('an ERROR event', () => {
  it('is as a response with the code of its status', () => {
    expect(errorFromWatchEvent('/w', statusOf(410, 'Expired'))).toMatchObject({ kind: 'gone', reason: 'Expired' });
    expect(errorFromWatchEvent('/w', statusOf(500, 'InternalError', { retryAfterSeconds: 2 }))).toMatchObject({
      kind: 'unavailable',
      retryAfterMs: 2_000,
    });
  });

  it('is malformed without one', () => {
    expect(errorFromWatchEvent('/w', { kind: 'Status' }).kind).toBe('malformed');
    expect(errorFromWatchEvent('/w', null).kind).toBe('malformed');
  });
});

describe('the end of a request without an answer', () => {
  const why = {
    error: new Error('text that may quote a header'),
    timedOut: false,
    abortedByCaller: false,
    limitMs: 10,
  };

  it('is the caller’s doing before anything else', () => {
    expect(errorWithoutAnswer(get, { ...why, timedOut: true, abortedByCaller: true }).kind).toBe('aborted');
  });

  it('is a time-out when the time was up', () => {
    expect(errorWithoutAnswer(get, { ...why, timedOut: true }).kind).toBe('timeout');
  });

  it('is else the network’s, and quotes no text', () => {
    expect(errorWithoutAnswer(get, why)).toMatchObject({ kind: 'network', message: 'GET /api/v1/x: Error' });
  });
});

describe('codeOf', () => {
  it('finds the code of the cause, then of the error', () => {
    const cause = Object.assign(new Error(), { code: 'ECONNREFUSED' });
    expect(codeOf(new TypeError('fetch failed', { cause }))).toBe('ECONNREFUSED');
    expect(codeOf(Object.assign(new Error('x', { cause: new Error() }), { code: 'UND_ERR_SOCKET' }))).toBe(
      'UND_ERR_SOCKET',
    );
    expect(codeOf('thrown text')).toBe('unknown error');
  });
});

describe('a write', () => {
  it.each<[KubeErrorKind, boolean]>([
    ['timeout', true],
    ['network', true],
    ['unavailable', true],
    ['malformed', true],
    ['aborted', true],
    ['conflict', false],
    ['notFound', false],
    ['throttled', false],
    ['credentials', false],
  ])('that ended as %s may have been carried out: %s', (kind, unknown) => {
    expect(isOutcomeUnknown(new KubeError(kind, ''))).toBe(unknown);
  });
});

describe('what a write of one object was refused for', () => {
  it.each<[KubeErrorKind, ReturnType<typeof refusalOf>]>([
    ['forbidden', 'lasting'],
    ['invalid', 'lasting'],
    ['terminating', 'lasting'],
    ['other', 'lasting'],
    ['testFailed', 'passing'],
    ['throttled', 'passing'],
    ['unavailable', 'passing'],
    ['timeout', 'passing'],
    ['network', undefined],
    ['unauthorized', undefined],
    ['credentials', undefined],
    ['aborted', undefined],
  ])('as %s is about that object: %s', (kind, expected) => {
    expect(refusalOf(new KubeError(kind, ''))).toBe(expected);
  });

  it('is not about it when the program is at fault', () => {
    expect(refusalOf(new TypeError('x'))).toBeUndefined();
  });
});

describe('recognising', () => {
  it('tells kinds apart', () => {
    const error = new KubeError('gone', '');
    expect(isKubeError(error)).toBe(true);
    expect(isKubeError(error, 'conflict', 'gone')).toBe(true);
    expect(isKubeError(error, 'conflict')).toBe(false);
    expect(isKubeError(new Error(), 'gone')).toBe(false);
  });

  it('makes an error of this kind of any other', () => {
    const error = new KubeError('gone', '');
    expect(toKubeError(error)).toBe(error);
    expect(toKubeError(new TypeError('x'))).toMatchObject({ kind: 'other', message: 'unexpected: TypeError' });
  });
});
