/**
 * What is remembered of one scale set between passes. Only for manners: lost with the process, it costs a few reads.
 * What must not be lost is in the ledger.
 */
import type { Reason } from '../api/reasons.ts';
import type { IdentityState } from '../api/types.ts';
import type { ArmKey } from '../identity/arm-id.ts';
import type { LedgerOperation } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { FailureKind, OperationHandle } from './azure-port.ts';

/** A wait of the whole scale set. */
export interface Hold {
  readonly kind: FailureKind | 'contended';
  readonly reason: Reason;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly until: number;
  /** Azure asked for it (Retry-After): nothing shortens it. */
  readonly absolute: boolean;
  /** Of the bindings when it began; a spec change makes another one. */
  readonly fingerprint: string;
  readonly attempts: number;
  /** The scale set as it was read before; absent when it was the read that failed. */
  readonly seen?: LiveScaleSet | undefined;
}

/** A write that Azure accepted and has not finished. */
export interface OperationInFlight {
  /** Absent when Azure gave no link: the scale set's own state is watched. */
  readonly handle?: OperationHandle;
  readonly startedAt: number;
  readonly identityIds: readonly string[];
  readonly keys: readonly ArmKey[];
  readonly attaches: boolean;
  readonly systemAssigned: Delta['systemAssigned'];
  readonly nextLookAt: number;
  /** The wait before the look after the next, in milliseconds. */
  readonly waitMs: number;
  /** Looks at the link in a row that told nothing. */
  readonly uselessLooks: number;
  readonly timedOut: boolean;
}

/** An identity that Azure did not take, and when it is tried again. */
export interface Refusal {
  readonly state: Extract<IdentityState, 'Missing' | 'NotAuthorised' | 'Failed' | 'NotPermitted'>;
  readonly reason: Reason;
  readonly message: string;
  /** `refused`: the PATCH was refused. `operation`: it was accepted and failed later. `read`: found without a write. */
  readonly cause: 'refused' | 'operation' | 'read';
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly nextAttemptAt: number;
  /** Azure asked for the wait (Retry-After): nothing shortens it. */
  readonly absolute?: boolean;
  /** Of the bindings that declare it. */
  readonly fingerprint: string;
}

export type IntentKey = ArmKey | 'systemAssigned';

export interface SetMemory {
  hold?: Hold | undefined;
  operation?: OperationInFlight | undefined;
  /** Nobody saw what came of the last write: it was another process's, its answer was lost, or Azure has forgotten it. */
  lostTrack: boolean;
  /** The last operation that failed, until one succeeds. */
  failedOperation?: LedgerOperation | undefined;
  readonly refusals: Map<ArmKey, Refusal>;
  /** Intents whose every write so far has a known outcome; only those may be taken back. */
  readonly cleanIntents: Set<IntentKey>;
  /** Clean intents whose last write was answered 412. */
  readonly lostRaces: Set<IntentKey>;
  /** When the scale set was last read or written by us; list entries asked for before are ignored. Epoch milliseconds. */
  touchedAt: number;
  /** Refusals name nobody: identities are sent one at a time until all are through. */
  isolating: boolean;
  /** 412s since the last write that was accepted. */
  preconditionFailures: number;
  /** When reads first and last did not find it, since it was last found. */
  notFound?: { readonly firstAt: number; readonly lastAt: number } | undefined;
  /** Version of which two reads agreed that it has no identity at all. */
  emptyVersion?: string | undefined;
  /** When a spec change last cut a back-off short. */
  resetAt: number;
  /** Consecutive looks that found someone else at work. */
  busyLooks: number;
  /** Notes already announced. */
  readonly announced: Set<string>;
}

export function newMemory(): SetMemory {
  return {
    refusals: new Map(),
    cleanIntents: new Set(),
    lostRaces: new Set(),
    lostTrack: false,
    touchedAt: 0,
    isolating: false,
    preconditionFailures: 0,
    resetAt: Number.NEGATIVE_INFINITY,
    busyLooks: 0,
    announced: new Set(),
  };
}

/** Forgets everything that was about another scale set of the same name. */
export function forgetScaleSet(memory: SetMemory): void {
  memory.refusals.clear();
  memory.cleanIntents.clear();
  memory.lostRaces.clear();
  memory.failedOperation = undefined;
  memory.lostTrack = false;
}
