import { settleGroupDeletions } from '../arm/management/resource-group-deletion.ts';
import { finishNow } from '../arm/operations.ts';
import { settle } from '../arm/settle.ts';
import { issueAccessToken } from '../entra/access-token.ts';
import type { Fault, FaultRule } from '../faults.ts';
import { nextGuid } from '../guids.ts';
import type { LogEntry } from '../request-log.ts';
import { fold } from '../resource-id.ts';
import { type Seed, SeedError } from '../seed.ts';
import { checkSettings } from '../seed-check.ts';
import { applySeed } from '../seeding.ts';
import type { Settings } from '../settings.ts';
import type { OperationOutcome, State } from '../state.ts';
import type { LimitName, Scope } from '../throttling/limits.ts';
import { type Drift, drift, replaceScaleSet } from './drift.ts';
import { createNamedIdentity, deleteNamedIdentity } from './identities.ts';
import { requirePrincipal, requireScaleSet } from './lookup.ts';
import { createRightsControl, type RightsControl } from './rights.ts';
import {
  type IdentitySnapshot,
  type ScaleSetSnapshot,
  type Snapshot,
  snapshot,
  snapshotIdentity,
  snapshotScaleSet,
} from './snapshot.ts';
import { type BucketSnapshot, drainBucket, snapshotBucket, snapshotBuckets } from './throttle.ts';

/**
 * What a test or an operator of the simulated Azure does behind its API's back. Ids are whole resource ids, in any case.
 * Every method throws `ControlError` for something that is not there.
 */
export interface Control extends RightsControl {
  /** Everything, without secrets. */
  snapshot(): Snapshot;
  scaleSet(id: string): ScaleSetSnapshot;
  identity(id: string): IdentitySnapshot;
  /** @throws SeedError */
  seed(seed: Seed): void;
  settings(change?: Partial<Settings>): Readonly<Settings>;
  /** Someone else's hand on a scale set: the etag moves on, no operation runs. */
  drift(scaleSetId: string, change: Drift): void;
  /** Deleted and created again under the same name: another uniqueId, the same model and identity. */
  replaceScaleSet(scaleSetId: string): void;
  /** @returns the new client and principal id */
  createIdentity(id: string): IdentitySnapshot;
  deleteIdentity(id: string): void;
  /** Deleted and created again under the same name: another principal, and stale on every scale set that has it. */
  recreateIdentity(id: string): IdentitySnapshot;
  /** How long writes to one scale set take from now on; undefined: as long as `settings.operationMs` says. */
  setOperationLength(scaleSetId: string, ms: number | undefined): void;
  /** What the next operation comes to, or the next few; on any scale set, or on one. */
  planOutcome(outcome: OperationOutcome, options?: { readonly scaleSetId?: string; readonly count?: number }): void;
  /** Ends running operations now, stuck ones too; of one scale set, or all, deletions of resource groups among them. */
  finishOperations(scaleSetId?: string): void;
  /** The links of operations are 404 from now on; those that run go on. Of one scale set, or all. */
  expireOperations(scaleSetId?: string): void;
  /** @returns the rule's id */
  addFault(fault: Fault): string;
  faults(): readonly Readonly<FaultRule>[];
  clearFaults(): void;
  /** The token buckets that are not full, or that somebody was told to wait for. */
  buckets(): readonly BucketSnapshot[];
  bucket(limit: LimitName, scope: Scope): BucketSnapshot;
  /** Somebody else uses up a token bucket, but for so many tokens (default: none). */
  drain(limit: LimitName, scope: Scope, remaining?: number): void;
  /** @param since only requests after this sequence number */
  requests(since?: number): readonly Readonly<LogEntry>[];
  resetRequests(): void;
  /**
   * An access token as the token endpoint would issue it.
   * @param capabilities of the client; `cp1`: it handles claims challenges. Default: none.
   */
  token(clientId: string, audience?: string, capabilities?: readonly string[]): string;
}

/** @param now the time in ms since the epoch, from the clock that drives the requests */
export function createControl(state: State, now: () => number): Control {
  const settled = <T>(result: () => T): T => {
    settle(state, now());
    return result();
  };
  return {
    snapshot: () => settled(() => snapshot(state)),
    scaleSet: (id) => settled(() => snapshotScaleSet(requireScaleSet(state, id))),
    identity: (id) => settled(() => snapshotIdentity(state, id)),
    seed: (seed) => {
      settled(() => {
        applySeed(state, seed, now());
      });
    },
    settings: (change = {}) => {
      const problems = checkSettings(change);
      if (problems.length > 0) throw new SeedError(problems);
      Object.assign(state.settings, change);
      return { ...state.settings };
    },
    drift: (id, change) => {
      settled(() => {
        drift(state, requireScaleSet(state, id), change, now());
      });
    },
    replaceScaleSet: (id) => {
      settled(() => {
        replaceScaleSet(state, requireScaleSet(state, id), now());
      });
    },
    createIdentity: (id) => settled(() => createNamedIdentity(state, id)),
    deleteIdentity: (id) => {
      settled(() => {
        deleteNamedIdentity(state, id, now());
      });
    },
    recreateIdentity: (id) =>
      settled(() => {
        deleteNamedIdentity(state, id, now());
        return createNamedIdentity(state, id);
      }),
    setOperationLength: (id, ms) => {
      requireScaleSet(state, id).operationMs = ms;
    },
    planOutcome: (outcome, options = {}) => {
      const scaleSetId = options.scaleSetId === undefined ? undefined : fold(options.scaleSetId);
      state.plannedOutcomes.push({ outcome, scaleSetId, remaining: options.count ?? 1 });
    },
    finishOperations: (id) => {
      settled(() => {
        const only = id === undefined ? undefined : requireScaleSet(state, id);
        for (const operation of state.operations.values()) {
          if (only === undefined || operation.scaleSet === only) finishNow(state, operation, now());
        }
        if (only === undefined) settleGroupDeletions(state, undefined);
      });
    },
    expireOperations: (id) => {
      settled(() => {
        const only = id === undefined ? undefined : requireScaleSet(state, id);
        for (const operation of state.operations.values()) {
          if (only === undefined || operation.scaleSet === only) operation.forgotten = true;
        }
      });
    },
    addFault: (fault) => {
      const id = nextGuid(state.guids);
      state.faults.push({ ...fault, id, matched: 0, struck: 0 });
      return id;
    },
    faults: () => state.faults.map((rule) => ({ ...rule })),
    clearFaults: () => {
      state.faults.length = 0;
    },
    ...createRightsControl(state, now),
    buckets: () => snapshotBuckets(state, now()),
    bucket: (limit, scope) => snapshotBucket(state, limit, scope, now()),
    drain: (limit, scope, remaining = 0) => {
      drainBucket(state, limit, scope, remaining, now());
    },
    requests: (since = 0) =>
      state.log.entries.filter(({ sequence }) => sequence > since).map((entry) => ({ ...entry })),
    resetRequests: () => {
      state.log.entries.length = 0;
    },
    token: (clientId, audience, capabilities) =>
      issueAccessToken(
        state,
        requirePrincipal(state, clientId),
        audience ?? state.settings.armAudiences[0] ?? '',
        now(),
        capabilities,
      ),
  };
}
