/** Azure as the operator uses it: read this file first, then `scale-sets.ts`, `errors.ts` and `request.ts`. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';

import { version } from '../config/version.ts';
import type { AzurePort } from '../reconcile/azure-port.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import { type Arm, failureOf } from './arm.ts';
import { CredentialFailure } from './credential-failure.ts';
import { getIdentity, mayAssign } from './identities.ts';
import { pollOperation } from './operations.ts';
import { createArmPipeline } from './pipeline.ts';
import { type AzureLog, createSend, type RequestSample } from './request.ts';
import { getScaleSet, listScaleSets, patchIdentity } from './scale-sets.ts';
import { principalIdOf } from './token-claims.ts';
import { createTokenSource } from './tokens.ts';
import { createArmUrls } from './urls.ts';

export interface AzurePortOptions {
  /** Base URL of ARM, `https`. */
  readonly endpoint: string;
  /** Scope of the tokens that ARM accepts, `/.default` included. */
  readonly scope: string;
  /** Of Microsoft.Compute, 2023-09-01 or later: from there on writes are guarded by etags. */
  readonly apiVersion: string;
  /** See `createCredential`. */
  readonly credential: TokenCredential;
  /** Instead of Node's `https`. */
  readonly httpClient?: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: AzureLog;
  /** Called once for each request to ARM, answered or not. */
  readonly onRequest?: (sample: RequestSample) => void;
  /** Time limit of a GET, in milliseconds: 30 s unless said. */
  readonly readTimeoutMs?: number;
  /** Time limit of a PATCH, in milliseconds: 60 s unless said. */
  readonly writeTimeoutMs?: number;
}

const READ_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 60_000;
/** Below the time limit of a read, so that a read that waits for a token fails for the token's reason. */
const TOKEN_TIMEOUT_MS = 20_000;

/** @throws TypeError when the endpoint is not `https` */
export function createAzurePort(options: AzurePortOptions): AzurePort {
  const { clock, credential, endpoint, scope } = options;
  const log = options.logger ?? SILENT;
  const tokens = createTokenSource({ credential, scope, clock, timeoutMs: TOKEN_TIMEOUT_MS });
  const pipeline = createArmPipeline({
    endpoint,
    tokens,
    userAgent: `vmss-identity-operator/${version}`,
    ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
  });
  const send = createSend({
    pipeline,
    clock,
    random: options.random,
    readTimeoutMs: options.readTimeoutMs ?? READ_TIMEOUT_MS,
    writeTimeoutMs: options.writeTimeoutMs ?? WRITE_TIMEOUT_MS,
    log,
    onRequest: options.onRequest ?? (() => undefined),
  });
  const arm: Arm = { send, url: createArmUrls(endpoint, options.apiVersion), clock, log };

  return {
    getScaleSet: (id, signal) => getScaleSet(arm, id, signal),
    patchIdentity: (id, patch, etag, signal) => patchIdentity(arm, id, patch, etag, signal),
    pollOperation: (operation, requestIds, signal) => pollOperation(arm, operation, requestIds, signal),
    getIdentity: (id, signal) => getIdentity(arm, id, signal),
    mayAssign: (id, signal) => mayAssign(arm, id, signal),
    listScaleSets: (subscriptionId, signal) => listScaleSets(arm, subscriptionId, signal),
    ownPrincipalId: async (signal) => {
      try {
        const { value } = await tokens.get(signal);
        const principalId = principalIdOf(value);
        if (principalId !== undefined) return { ok: true, value: principalId };
        throw new CredentialFailure('NoPrincipal', "The operator's token does not say whose it is (no oid claim).");
      } catch (failure) {
        signal.throwIfAborted();
        if (!(failure instanceof CredentialFailure)) throw failure;
        const asked = { scope: 'the operator', requestIds: [], nowMs: clock.now() };
        return { ok: false, failure: failureOf({ got: 'noToken', failure }, asked) };
      }
    },
  };
}

const SILENT: AzureLog = { debug: () => undefined, warn: () => undefined };
