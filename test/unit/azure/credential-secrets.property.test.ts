/** Secrets, planted wherever the SDK, Entra, ARM or a file could hold one: none may come out in a message or a log line. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import {
  AggregateAuthenticationError,
  AuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { explainCredentialError } from '../../../src/azure/credential-errors.ts';
import { federatedClaimsOf } from '../../../src/azure/token-claims.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { type Answer, fakeAzure, NEVER } from './fake-azure.ts';
import { identityPath, scaleSetId } from './samples.ts';

/** Long enough not to be part of any message by chance. */
const secret = fc.stringMatching(/^[A-Za-z0-9_~.-]{24,60}$/).map((value) => `s3cr3t${value}`);
const words = fc.constantFrom(
  'AADSTS700016: ',
  'AADSTS70021',
  'ENOENT ',
  'ECONNREFUSED',
  'client_assertion=',
  'Bearer ',
  "az login '",
  '',
  '\n',
);

/** An error of every sort that a credential throws, with the secret in all its parts. */
const thrown = fc.tuple(secret, words, fc.nat(6)).map(([value, word, sort]): readonly [string, unknown] => {
  const told = `${word}${value}`;
  const request = createPipelineRequest({
    url: `https://login.example/${value}`,
    method: 'POST',
    body: `client_assertion=${value}`,
    headers: createHttpHeaders({ authorization: `Bearer ${value}` }),
  });
  const entra = new AuthenticationError(401, { error: value, error_description: told });
  const network = new RestError(told, { code: 'ECONNRESET', request });
  const errors: readonly unknown[] = [
    entra,
    network,
    new CredentialUnavailableError(told, { cause: network }),
    new AuthenticationRequiredError({ scopes: [value], message: told, cause: entra }),
    new AggregateAuthenticationError([entra, network], told),
    Object.assign(new Error(told, { cause: new Error(value) }), { name: value, code: value, assertion: value }),
    { message: told, code: value, secret: value },
  ];
  return [value, errors[sort]];
});

/** What a person would find: the failures, the warnings, and the log at its most talkative. */
async function traces(answers: readonly Answer[], token: string | Error): Promise<string> {
  const destination = new PassThrough();
  const logged = text(destination);
  const logger = createLogger({ level: 'debug', format: 'json', clock: { now: () => 0 }, destination });
  const azure = fakeAzure(answers, { tokens: () => token, logger });
  const patch = { type: 'UserAssigned', userAssignedIdentities: { [identityPath('one')]: {} } } as const;
  const link = 'https://management.azure.com/operations/1';
  const results = [
    await azure.port.getScaleSet(scaleSetId(), NEVER),
    await azure.port.patchIdentity(scaleSetId(), patch, '"1"', NEVER),
    await azure.port.pollOperation({ link, via: 'azureAsyncOperation' }, [], NEVER),
    await azure.port.ownPrincipalId(NEVER),
  ];
  await logger.close();
  destination.end();
  return JSON.stringify(results) + (await logged);
}

describe('a secret', () => {
  it('in what a credential throws is in no failure and in no line of the log', async () => {
    await fc.assert(
      fc.asyncProperty(thrown, async ([value, error]) => {
        const rejecting = error instanceof Error ? error : Object.assign(new Error('x'), { cause: error });
        expect(await traces([{ status: 500 }], rejecting)).not.toContain(value);
      }),
      { numRuns: 60 },
    );
  });

  it('in what a credential throws is in no part of the error made of it', () => {
    fc.assert(
      fc.property(thrown, ([value, error]) => {
        const failure = explainCredentialError(error);
        const parts = [failure.message, failure.code, failure.name, failure.cause, JSON.stringify(failure)];
        expect(parts.join(' ')).not.toContain(value);
        expect(failure.message).toMatch(/^[\x20-\x7e]{10,700}$/);
      }),
    );
  });

  it('that is the access token is in no failure and in no line of the log, whatever Azure repeats of it', async () => {
    const status = fc.constantFrom(200, 202, 307, 400, 401, 403, 404, 409, 412, 429, 500);
    await fc.assert(
      fc.asyncProperty(secret, status, async (value, code) => {
        // As long as Entra's own, which no error code is.
        const token = `eyJhbGciOiJub25lIn0.${'e30'.repeat(300)}.${value}`;
        const headers = {
          'www-authenticate': `Bearer error="invalid_token", error_description="${token}"`,
          'x-ms-request-id': token,
          'azure-asyncoperation': `https://evil.example/?token=${token}`,
          location: `https://evil.example/?token=${token}`,
        };
        const body = {
          error: { code: 'X', message: `Bearer ${token}`, details: [{ code: token, target: token }] },
          id: token,
        };
        expect(await traces([{ status: code, headers, body }], token)).not.toContain(value);
      }),
      { numRuns: 60 },
    );
  });

  it('that is a token file is in nothing that is told of it', () => {
    fc.assert(
      fc.property(secret, fc.constantFrom('', 'a.', 'eyJ.eyJ.', '{"iss":"'), (value, start) => {
        expect(JSON.stringify(federatedClaimsOf(`${start}${value}`) ?? {})).not.toContain(value);
      }),
    );
    const claims = { iss: 'i', sub: 's', aud: 'a', jti: 'planted', 'kubernetes.io': { pod: 'planted' } };
    const file = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.planted`;
    expect(JSON.stringify(federatedClaimsOf(file))).not.toContain('planted');
  });
});
