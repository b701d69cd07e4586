import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { classifyOperation, classifyReply } from '../../../src/azure/errors.ts';
import { identityPath, scaleSetPath } from './samples.ts';

const KINDS = [
  'identityRefused',
  'blockedByForeignIdentity',
  'notFound',
  'busy',
  'changedUnderneath',
  'throttled',
  'blockedByAdministrator',
  'notAuthorised',
  'credential',
  'operatorMisconfigured',
  'transient',
  'rejected',
];
const CODES = [
  'FailedIdentityOperation',
  'LinkedAuthorizationFailed',
  'OperationNotAllowed',
  'Conflict',
  'AuthorizationFailed',
];

const message = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        identityPath('one'),
        identityPath('a.b', 'g (1)'),
        "'",
        '"',
        '\\',
        '{',
        "linked scope(s) '",
        'Retry after 9 seconds',
      ),
    ),
  )
  .map((parts) => parts.join(' '));
const error = fc.record(
  {
    code: fc.oneof(fc.string(), fc.constantFrom(...CODES)),
    message: fc.oneof(message, fc.jsonValue()),
    details: fc.jsonValue(),
    innererror: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.anything(),
  fc.jsonValue(),
  error,
  error.map((value) => ({ error: value })),
  error.map((value) => JSON.stringify({ error: value })),
);
const headers = fc.dictionary(
  fc.constantFrom('retry-after', 'retry-after-ms', 'x-ms-request-id', 'www-authenticate'),
  fc.string(),
);
const asked = { scope: scaleSetPath(), requestIds: [identityPath('one')], nowMs: 0 };

describe('whatever Azure answers', () => {
  it('is a failure of a known kind with a short message on one line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, headers, (status, value, fields) => {
        const failure = classifyReply({ status, body: value, headers: new Map(Object.entries(fields)) }, asked);
        expect(KINDS).toContain(failure.kind);
        expect(failure.code).toMatch(/^[A-Za-z0-9_.:-]{1,80}$/);
        expect(failure.message).toMatch(/^[\x20-\x7e]{10,700}$/);
        expect(failure.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(failure.hadNoEffect).toBe(status >= 400 && status < 500 && status !== 408 && status !== 429);
      }),
    );
  });

  it('refuses no identity that the request does not carry', () => {
    fc.assert(
      fc.property(fc.constantFrom(400, 403, 409), body, (status, value) => {
        const failure = classifyReply({ status, body: value, headers: new Map<string, string>() }, asked);
        if (failure.kind === 'identityRefused')
          expect(asked.requestIds).toEqual(expect.arrayContaining([...failure.identityIds]));
      }),
    );
  });

  it('never lets a failed operation pass for one without effect', () => {
    fc.assert(
      fc.property(fc.constantFrom('Failed', 'Canceled'), body, (status, value) => {
        expect(classifyOperation(status, value, new Map<string, string>(), asked).hadNoEffect).toBe(false);
      }),
    );
  });
});
