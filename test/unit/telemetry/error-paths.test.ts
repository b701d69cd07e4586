/** A secret of every form, taken along every way on which an error comes into the log, in both formats. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { AggregateAuthenticationError, AuthenticationError, CredentialUnavailableError } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import type { KubeConnection } from '../../../src/kube/connection.ts';
import { errorFromResponse, errorFromWatchEvent, errorWithoutAnswer, toKubeError } from '../../../src/kube/errors.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';
import { Controller } from '../../../src/runtime/controller.ts';
import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { type LogFormat, logFormats, type Logger } from '../../../src/telemetry/logger.ts';
import { type Answer, fakeAzure, NEVER, type TokenScript } from '../azure/fake-azure.ts';
import { errorBody, identityPath, scaleSetId, scaleSetPath } from '../azure/samples.ts';
import { clientOf, statusOf } from '../kube/builders.ts';
import { FakeServer } from '../kube/fake-server.ts';
import { fixedRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { captureLog } from './captured-log.ts';
import { allForms } from './secrets.ts';

/** Has an error with the text in it logged as the operator logs it. */
type ErrorPath = (text: string, logger: Logger) => unknown;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'error-paths-'));
});
afterAll(() => rm(folder, { recursive: true }));

const request = { method: 'GET', path: '/api/v1/x' } as const;

const logged =
  (make: (text: string) => unknown): ErrorPath =>
  (text, logger) =>
    logger.error('pass failed', { error: make(text) });

/** An error of an HTTP client, which holds the request whole. */
const restError = (text: string): RestError =>
  new RestError(text, {
    code: 'ECONNRESET',
    request: createPipelineRequest({
      url: `https://login.example/${encodeURIComponent(text)}`,
      method: 'POST',
      body: text,
      headers: createHttpHeaders({ authorization: text.replaceAll(/[^\x20-\x7e]/g, '') }),
    }),
  });

const kubernetes: Readonly<Record<string, ErrorPath>> = {
  'a Status of Kubernetes': logged((text) =>
    errorFromResponse(request, { status: 403, body: JSON.stringify(statusOf(403, 'Forbidden', {}, text)) }),
  ),
  'a page of a proxy before Kubernetes': logged((text) => errorFromResponse(request, { status: 502, body: text })),
  'a path of Kubernetes': logged((text) => errorFromResponse({ ...request, path: text }, { status: 404, body: '' })),
  'an ERROR event of a watch': logged((text) => errorFromWatchEvent('/w', statusOf(410, text, {}, text))),
  'a broken connection to Kubernetes': logged((text) =>
    errorWithoutAnswer(request, {
      error: new TypeError(text, { cause: Object.assign(new Error(text), { code: text }) }),
      timedOut: false,
      abortedByCaller: false,
      limitMs: 1,
    }),
  ),
  'anything else in the Kubernetes client': logged((text) => toKubeError(new Error(text, { cause: text }))),
  'a call to Kubernetes': async (text, logger) => {
    const client = clientOf(new FakeServer(() => Object.assign(new Error(text), { body: text })), new VirtualClock());
    await client.call(request).catch((error: unknown) => logger.error('pass failed', { error }));
  },
};

const connect = async (user: object): Promise<KubeConnection> => {
  const path = join(folder, 'config');
  const config = {
    clusters: [{ name: 'c', cluster: { server: 'https://kube.test:6443' } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(path, stringify(config));
  return loadKubeConnection({ kind: 'kubeconfig', path });
};

/** The credential plugin runs this; the text is in the file that it is given. */
const plugin =
  (script: string): ErrorPath =>
  async (text, logger) => {
    const file = join(folder, 'output');
    await writeFile(file, text);
    const connection = await connect({ exec: { command: 'sh', args: ['-c', script, file] } });
    await connection.authenticate().catch((error: unknown) => logger.error('no credentials', { error }));
  };

const credentials: Readonly<Record<string, ErrorPath>> = {
  'a credential plugin that fails and says why': plugin('cat "$0" >&2; exit 1'),
  'a credential plugin that writes no JSON': plugin('cat "$0"'),
  'a credential plugin that is not there': async (text, logger) => {
    const connection = await connect({ exec: { command: join(folder, 'none'), args: [text] } });
    await connection.authenticate().catch((error: unknown) => logger.error('no credentials', { error }));
  },
  'a kubeconfig that is broken': async (text, logger) => {
    const path = join(folder, 'broken');
    await writeFile(path, `users: [{ token: ${text}`);
    try {
      loadKubeConnection({ kind: 'kubeconfig', path });
    } catch (error) {
      logger.error('cannot start', { error });
    }
  },
};

/** Everything that a pass asks of Azure, with the failures that come of it. */
const asking = async (logger: Logger, answers: readonly Answer[], tokens?: TokenScript): Promise<void> => {
  const { port } = fakeAzure(answers, { logger, ...(tokens === undefined ? {} : { tokens }) });
  const patch = { type: 'UserAssigned', userAssignedIdentities: { [identityPath('one')]: {} } } as const;
  const link = 'https://management.azure.com/operations/1';
  const results = [
    await port.getScaleSet(scaleSetId(), NEVER),
    await port.patchIdentity(scaleSetId(), patch, '"1"', NEVER),
    await port.pollOperation({ link, via: 'azureAsyncOperation' }, [], NEVER),
    await port.listScaleSets({ subscriptionId: scaleSetId().subscriptionId }, undefined, NEVER),
  ];
  for (const result of results) logger.warn('asked', { result });
};

const refusals = [400, 401, 403, 404, 409, 412, 429, 500, 503];
const codes = ['FailedIdentityOperation', 'LinkedAuthorizationFailed', 'AuthorizationFailed', 'OperationNotAllowed'];

const azure: Readonly<Record<string, ErrorPath>> = {
  'a refusal of Azure': async (text, logger) => {
    for (const status of refusals) {
      for (const code of [...codes, text]) {
        const headers = { 'x-ms-request-id': text.replaceAll(/[^\x20-\x7e]/g, ''), 'retry-after': '1' };
        await asking(logger, [
          { status, headers, body: errorBody(code, text, { target: text, details: [{ message: text }] }) },
        ]);
      }
    }
  },
  'a reply of Azure that cannot be read': async (text, logger) => {
    await asking(logger, [{ status: 200, body: text }]);
    await asking(logger, [{ status: 200, body: { id: text, properties: { provisioningState: text } } }]);
  },
  'an operation that fails': (text, logger) =>
    asking(logger, [{ status: 200, body: { status: 'Failed', ...errorBody(text, text) } }]),
  'a link that leads elsewhere': (text, logger) =>
    asking(logger, [
      {
        status: 202,
        headers: { 'azure-asyncoperation': `https://elsewhere.example/${encodeURIComponent(text)}` },
        body: {},
      },
    ]),
  'a broken connection to Azure': async (text, logger) => {
    const { port } = fakeAzure(
      () => {
        throw restError(text);
      },
      { logger },
    );
    logger.warn('asked', { result: await port.getScaleSet(scaleSetId(), NEVER) });
  },
  'a credential': async (text, logger) => {
    const thrown = [
      new AuthenticationError(401, { error: text, error_description: text }),
      new CredentialUnavailableError(text, { cause: restError(text) }),
      new AggregateAuthenticationError([restError(text)], text),
      Object.assign(new Error(text, { cause: new Error(text) }), { name: text, code: text, assertion: text }),
    ];
    for (const error of thrown) {
      await asking(logger, [{ body: {} }], () => error);
      logger.error('as it is', { error });
    }
  },
};

const process: Readonly<Record<string, ErrorPath>> = {
  'a pass that throws': async (text, logger) => {
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ clock, random: fixedRandom(0) });
    const reconcile = (): Promise<never> => Promise.reject(new Error(text, { cause: restError(text) }));
    const controller = new Controller({ queue, reconcile, workers: 1, clock, random: fixedRandom(0), logger });
    controller.start();
    queue.add(scaleSetPath());
    await settle();
    await controller.stop(0);
  },
  'an error of the HTTP client': logged(restError),
  'an error with a cause with a cause': logged(
    (text) => new Error('outer', { cause: new TypeError('inner', { cause: restError(text) }) }),
  ),
  'many errors as one': logged((text) => new AggregateError([restError(text), text, { text }], text)),
  'what is no error at all': logged((text) => text),
  'an object that is thrown': logged((text) => ({ message: text, toJSON: () => text })),
};

const paths = { ...kubernetes, ...credentials, ...azure, ...process };
const cases = Object.entries(paths).flatMap(([name, path]) =>
  logFormats.map((format): [string, LogFormat, ErrorPath] => [name, format, path]),
);

describe('no secret of any form gets into the log', { timeout: 120_000 }, () => {
  it.each(cases)('by %s, in the %s format', async (_name, format, path) => {
    for (const [form, { text, secret }] of allForms) {
      const log = await captureLog((logger) => path(text, logger), { format });
      expect(log, form).not.toBe('');
      expect(log, form).not.toContain(secret);
    }
  });
});
