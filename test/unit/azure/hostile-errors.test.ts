/** Error bodies that are meant to hurt: as large as a body may be, as deep as JSON gets, and worst for each pattern. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MAX_BODY_BYTES } from '../../../src/azure/body.ts';
import { classifyReply } from '../../../src/azure/errors.ts';
import type { Failure } from '../../../src/reconcile/azure-port.ts';
import { errorBody, identityPath, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const CODES = ['FailedIdentityOperation', 'LinkedAuthorizationFailed', 'OperationNotAllowed', 'SomethingNew'];
const requestIds = Array.from({ length: 150 }, (_, index) => identityPath(`identity-${String(index)}`));

function answered(status: number, body: unknown): Failure {
  const asked = { scope: scaleSetPath(), requestIds, nowMs: 0 };
  return classifyReply({ status, body, headers: new Map<string, string>() }, asked);
}

/** Beginnings of what the patterns look for: each is worst for one that would try again from every place. */
const BEGINNINGS = [
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/`,
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/${'g'.repeat(90)}/providers/microsoft.managedidentity/userassignedidentities/`,
  '//////',
  "linked scope(s) '",
  "linked subscription '",
  'linked scope(s) ',
  "'microsoft.managedidentity/userassignedidentities/x' under resource group '",
  "does not have permission to perform action '",
  'does not have permission to perform action(s) ',
  'try again after ',
  'retry after 999999',
  "Status: '",
  '\\',
  '\\\\u002',
  '[',
  '{"error":',
  ' ',
  '\ud800',
  'temporarily ',
] as const;

// A pattern that goes back and forth would need hours for a text of this length; a linear one needs milliseconds.
describe('an error of the greatest size', { timeout: 60_000 }, () => {
  it.each(BEGINNINGS)('is classified in time that grows with its length alone: %j', (beginning) => {
    const text = beginning.repeat(Math.floor(MAX_BODY_BYTES / beginning.length));
    for (const code of CODES) {
      expect(answered(400, errorBody(code, text)).code).toBe(code);
      expect(answered(403, errorBody(code, `${text}'`)).code).toBe(code);
    }
  });

  it('is classified when it is made of many parts', () => {
    const part = { code: 'x'.repeat(40), message: 'y'.repeat(40) };
    const details = Array.from({ length: 200_000 }, () => part);
    expect(answered(400, errorBody('SomethingNew', 'x', { details }))).toMatchObject({ kind: 'rejected' });
  });

  it('is classified when strings of JSON lie in strings of JSON', () => {
    let text = 'x'.repeat(1024);
    for (let depth = 0; depth < 12; depth += 1) text = JSON.stringify(errorBody('ScopeLocked', text));
    expect(answered(409, text)).toMatchObject({ kind: 'blockedByAdministrator' });
  });

  it('is classified however deep it is', () => {
    const text = `${'{"details":['.repeat(10_000)}${']}'.repeat(10_000)}`;
    expect(answered(409, errorBody('ScopeLocked', text))).toMatchObject({ kind: 'blockedByAdministrator' });
    let nested: unknown = 'end';
    for (let depth = 0; depth < 100_000; depth += 1) nested = { error: { details: [nested] } };
    expect(answered(409, nested)).toMatchObject({ kind: 'busy' });
  });
});

describe('what an error is', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(identityPath('identity-1'), "linked scope(s) '", 'Retry after 9 seconds', '\ud800', 'quota'),
  );
  const message = fc.array(word).map((words) => words.join(' '));
  const error = fc.record({ code: fc.constantFrom(...CODES), message });
  const status = fc.constantFrom(400, 401, 403, 404, 409, 412, 422, 429, 500);
  const extras = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.jsonValue());

  it('depends on status, codes and text, not on where they stand', () => {
    fc.assert(
      fc.property(status, error, (code, value) => {
        const plain = answered(code, { error: value });
        for (const wrapped of [value, JSON.stringify({ error: value }), { error: JSON.stringify(value) }, [value]]) {
          expect(answered(code, wrapped)).toEqual(plain);
        }
      }),
    );
  });

  it('does not depend on members that say nothing', () => {
    fc.assert(
      fc.property(status, error, extras, (code, value, more) => {
        expect(answered(code, { ...more, error: { ...more, ...value } })).toEqual(answered(code, { error: value }));
      }),
    );
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(
        status,
        fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true }),
        (code, value) => {
          expect(answered(code, value)).toEqual(answered(code, value));
        },
      ),
    );
  });
});
