/** Azure as the operator uses it: read this file first, then `scale-sets.ts`, `errors.ts` and `request.ts`. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';

import type { AzureRightsPort } from '../check/azure-port.ts';
import { ARRAY_API_VERSION } from '../config/api-versions.ts';
import { version } from '../config/version.ts';
import type { ArmKey } from '../identity/arm-id.ts';
import type { AzurePort } from '../reconcile/azure-port.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import type { Arm } from './arm.ts';
import { replaceIdentity } from './array-writes.ts';
import type { TenantParts } from './budgets/buckets.ts';
import { type BudgetFigure, type BudgetObserver, Budgets } from './budgets/budgets.ts';
import { queuedFailure, sendInTurn } from './budgets/in-turn.ts';
import { allowedAt, mayAssign } from './effective-rights.ts';
import { type Fence, fencedFailure, NO_FENCE, passage } from './fence.ts';
import { getIdentity, listIdentities } from './identities.ts';
import { pollOperation } from './operations.ts';
import { createArmPipeline } from './pipeline.ts';
import { readOnlyFailure } from './read-only.ts';
import { type AzureLog, createSend, type RequestSample } from './request.ts';
import { getScaleSet, listScaleSets, patchIdentity } from './scale-sets.ts';
import { ownPrincipalId, signIn } from './sign-in.ts';
import { createTokenSource } from './tokens.ts';
import { createArmUrls } from './urls.ts';
import { readScaleSet } from './wire.ts';
import { readScaleSetArray } from './wire-array.ts';

export interface AzurePortOptions {
  /** Base URL of ARM, `https`. */
  readonly endpoint: string;
  /** Scope of the tokens that ARM accepts, `/.default` included. */
  readonly scope: string;
  /**
   * Of Microsoft.Compute: 2023-09-01 or later, where etags guard writes; or 2017-12-01, where nothing does and each write
   * replaces the whole list of identities.
   */
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
  /**
   * The part taken of those of Azure's limits that are shared with other clients, above 0 to 1. 0, unless said: no
   * budget, so that nothing waits but what Azure has told to.
   */
  readonly budgetShare?: number;
  /** Of Azure's limits of the tenant, when several processes draw on them. */
  readonly tenantParts?: TenantParts;
  /** Hears of requests that wait for their turn, or that Azure throttled. */
  readonly budgetObserver?: BudgetObserver;
  /** A scale set's key as somebody holds it anyway, so that no copy of it is kept. */
  readonly heldKey?: (scaleSet: ArmKey) => ArmKey;
  /** Time limit of a GET, in milliseconds: 30 s unless said. */
  readonly readTimeoutMs?: number;
  /** Time limit of a PATCH, in milliseconds: 60 s unless said. */
  readonly writeTimeoutMs?: number;
  /** No PATCH is sent that could not end in its time. */
  readonly fence?: Fence;
  /** No PATCH is sent at all. False, unless said. */
  readonly readOnly?: boolean;
}

const READ_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 60_000;
/** Below the time limit of a read, so that a read that waits for a token fails for the token's reason. */
const TOKEN_TIMEOUT_MS = 20_000;

/** Azure, what the operator may do there, and what is left of its limits. */
export interface BudgetedAzurePort extends AzurePort, AzureRightsPort {
  /** As metrics show it. */
  budgets(): readonly BudgetFigure[];
}

/** @throws TypeError when the endpoint is not `https` */
export function createAzurePort(options: AzurePortOptions): BudgetedAzurePort {
  const { clock, credential, endpoint, scope, fence = NO_FENCE, writeTimeoutMs = WRITE_TIMEOUT_MS } = options;
  const { readOnly = false } = options;
  const log = options.logger ?? SILENT;
  const tokens = createTokenSource({ credential, scope, clock, timeoutMs: TOKEN_TIMEOUT_MS });
  const pipeline = createArmPipeline({
    endpoint,
    tokens,
    userAgent: `vmss-identity-operator/${version}`,
    ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
  });
  const budgets = new Budgets({
    share: options.budgetShare ?? 0,
    tenantParts: options.tenantParts,
    heldKey: options.heldKey,
    clock,
    log,
    observer: options.budgetObserver ?? { queued: () => undefined, throttled: () => undefined },
  });
  const isArray = options.apiVersion === ARRAY_API_VERSION;
  const [readOne, write] = isArray ? [readScaleSetArray, replaceIdentity] : [readScaleSet, patchIdentity];
  const url = createArmUrls(endpoint, options.apiVersion);
  // Found out once, whoever asks.
  const identityApi: Arm['identityApi'] = { version: '2026-04-30' };
  const armFor = (to: AzureLog): Arm => {
    const send = createSend({
      pipeline,
      clock,
      random: options.random,
      readTimeoutMs: options.readTimeoutMs ?? READ_TIMEOUT_MS,
      writeTimeoutMs,
      fence,
      readOnly,
      log: to,
      onRequest: options.onRequest ?? (() => undefined),
    });
    return { send: sendInTurn(send, budgets, to), url, readScaleSet: readOne, clock, log: to, identityApi };
  };
  const portFor = (arm: Arm): AzurePort => ({
    getScaleSet: (id, signal) => getScaleSet(arm, id, signal),
    patchIdentity: (id, patch, etag, signal) => write(arm, id, patch, etag, signal),
    placeForWrite: (id, identities) => {
      if (readOnly) return readOnlyFailure();
      if (!passage(fence, id.subscriptionId, writeTimeoutMs, clock)()) return fencedFailure(fence.retryMs);
      const turn = budgets.placeForWrite(id.key, identities, { readsFirst: isArray, log: arm.log });
      return turn === undefined ? undefined : queuedFailure(turn);
    },
    pollOperation: (operation, requestIds, signal) => pollOperation(arm, operation, requestIds, signal),
    getIdentity: (id, signal) => getIdentity(arm, id, signal),
    mayAssign: (id, signal) => mayAssign(arm, id, signal),
    listScaleSets: (scope, cursor, signal) => listScaleSets(arm, scope, cursor, signal),
    listIdentities: (scope, cursor, signal) => listIdentities(arm, scope, cursor, signal),
    ownPrincipalId: (signal) => ownPrincipalId(tokens, clock, signal),
    loggingTo: (to) => portFor(armFor(to)),
  });
  const arm = armFor(log);
  return {
    ...portFor(arm),
    signIn: (signal) => signIn(tokens, clock, signal),
    allowedAt: (scope, actions, signal) => allowedAt(arm, scope, actions, signal),
    budgets: () => budgets.figures(),
  };
}

const SILENT: AzureLog = { debug: () => undefined, info: () => undefined, warn: () => undefined };
