/**
 * What is remembered of one scale set between passes. Only for manners: lost with the process, it costs a few reads.
 * What must not be lost is in the ledger.
 */
import type { Reason } from '../api/reasons.ts';
import type { IdentityState, VmssIdentityPolicySpec } from '../api/types.ts';
import type { ArmKey } from '../identity/arm-id.ts';
import type { HeldBack } from '../identity/brakes.ts';
import type { LedgerOperation } from '../identity/ledger.ts';
import type { Delta, IdentityRef } from '../identity/patch.ts';
import type { Reading } from '../identity/plan.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { IdentityVerdict } from '../identity/view.ts';
import type { Answered } from './answered.ts';
import type { FailureKind, OperationHandle } from './azure-port.ts';
import { SparseMap, SparseSet } from './sparse.ts';

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
  /** Ids of the identities of others because of which Azure refuses any change. */
  readonly inTheWay?: readonly string[];
  /** Of a wait for a turn: what the pass after it goes on with. */
  readonly reading?: Reading | undefined;
  readonly answered?: Answered | undefined;
  /** Of a wait for a turn: the failures in a row that it came between. */
  readonly interrupted?: Pick<Hold, 'kind' | 'attempts'> | undefined;
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
  /** Of the scale set as the write was planned from: a list that shows it still knows nothing of the write. */
  readonly etag?: string;
  /** Lists watched over it when it was last looked at. */
  readonly watched?: boolean;
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
  /** It was sent again since, and that write succeeded. */
  readonly succeeded?: true;
  /** It was on the scale set when it was found gone: what comes back under its name is another identity. */
  readonly dead?: true;
}

/** What a write named that nothing guarded, and that replaced all that was there. */
export interface CarriedList {
  readonly uniqueId: string | undefined;
  readonly userAssigned: ReadonlyMap<ArmKey, IdentityRef>;
  readonly systemAssigned: boolean;
}

/** A write of one binding that Kubernetes did not take. */
export interface RefusedWrite {
  readonly attempts: number;
  /** Epoch milliseconds, both. */
  readonly refusedAt: number;
  readonly nextAttemptAt: number;
  /** Of the binding then. */
  readonly fingerprint: string;
}

/** What the last pass went by, requests apart, and which of those it handled. */
export interface LookedAt {
  /** Of every binding, and the ledger. */
  readonly state: string;
  readonly policies: readonly VmssIdentityPolicySpec[];
  readonly requests: string;
  /** When a request was last handled, and when the pass asked to be begun again. Epoch milliseconds. */
  readonly handledAt: number;
  readonly dueAt: number;
}

/** An identity of ours that others took off, not long ago. */
export interface Contest {
  /** When they did, in epoch milliseconds; of the last hour, and at least the last one. */
  readonly removals: readonly number[];
  /** How often they did, since it was last left alone for an hour. */
  readonly total: number;
  /** How often in a row its return was put off. */
  readonly waits: number;
  /** It is not attached again before, in epoch milliseconds; absent when it need not wait. */
  readonly until?: number;
  /** Since when it has been back, in epoch milliseconds; absent while it is not. */
  readonly backSince?: number;
  /** Of the bindings that declare it, when the wait began. */
  readonly fingerprint: string;
}

/** A change that Azure accepted, and that the scale set has not shown since. */
export interface AcceptedChange {
  readonly goal: 'there' | 'gone';
  readonly attempts: number;
  /** Epoch milliseconds, both. */
  readonly at: number;
  readonly nextAttemptAt: number;
  /** Of the bindings that had a say in it then. */
  readonly fingerprint: string;
}

export type IntentKey = ArmKey | 'systemAssigned';

/** What a write is to bring. */
export function intentsOf({ attach, systemAssigned }: Pick<Delta, 'attach' | 'systemAssigned'>): readonly IntentKey[] {
  return [...attach.map(({ key }) => key), ...(systemAssigned === 'on' ? (['systemAssigned'] as const) : [])];
}

export interface SetMemory {
  hold?: Hold | undefined;
  operation?: OperationInFlight | undefined;
  /** A write of ours was accepted, and the scale set has not been read since it ended: no list tells what came of it. */
  owesGet: boolean;
  /** Client ids that the scale set showed, and that were found to be those of an identity that is no more. */
  readonly dead: SparseMap<ArmKey, { readonly clientId: string; readonly standing: 'stale' | 'gone' }>;
  /** Identities that an earlier process found not to work, though the scale set shows them: to be read once. */
  readonly doubted: SparseMap<ArmKey, 'stale' | 'gone'>;
  /** Identities that are being reattached: what Azure last accepted of it, or refused, of this process. */
  readonly reattaches: SparseMap<ArmKey, 'detached' | 'attached' | 'refused'>;
  /** A pass has waited for a list: it does so once. */
  hasWaited: boolean;
  /** A pass has found nothing left to send. */
  hasSettled: boolean;
  /** The last pass that was about to take something away began again, for something had been declared meanwhile. */
  overtaken: boolean;
  /** Nobody saw what came of the last write: it was another process's, its answer was lost, or Azure has forgotten it. */
  lostTrack: boolean;
  /** The last operation that failed, until one succeeds. */
  failedOperation?: LedgerOperation | undefined;
  readonly refusals: SparseMap<ArmKey, Refusal>;
  /** Detaches, and switches of the system-assigned identity, that nobody has seen come about. */
  readonly accepted: SparseMap<IntentKey, AcceptedChange>;
  /** Intents whose every write so far has a known outcome; only those may be taken back. */
  readonly cleanIntents: SparseSet<IntentKey>;
  /** What speaks against attaching identities that nobody is about to attach, as it was last found. */
  readonly foreseen: SparseMap<ArmKey, IdentityVerdict>;
  /** Clean intents whose last write was answered 412. */
  readonly lostRaces: SparseSet<IntentKey>;
  /** When the scale set was last read or written by us; list entries asked for before are ignored. Epoch milliseconds. */
  touchedAt: number;
  /** Refusals name nobody: identities are sent one at a time until all are through. */
  isolating: boolean;
  /** Rejections in a row that named nothing; below 0 when the scale set is known not to be to blame. */
  rejections: number;
  /** 412s since the last write that was accepted. */
  preconditionFailures: number;
  /** When reads first and last did not find it, since it was last found. */
  notFound?: { readonly firstAt: number; readonly lastAt: number } | undefined;
  /** `uniqueId` of the scale set that was found in the place of another one. */
  replacedBy?: string | undefined;
  /** When it was read without any identity, while the second read that must agree waited for its turn. Epoch milliseconds. */
  emptyReadAt?: number | undefined;
  /** Version of which two reads agreed that it has no identity at all. */
  emptyVersion?: string | undefined;
  /** What the last unguarded write that was accepted carried, until a read after it has been compared with it. */
  carried?: CarriedList | undefined;
  /** What others had attached and lost to a write of others: to be put back by the next write, and not ours for that. */
  readonly lost: SparseMap<ArmKey, IdentityRef>;
  /** What has been put back since the last write that was made for anything else. */
  putBack: ReadonlySet<ArmKey>;
  /** By which the operator is known in Azure, as of the last decision. */
  ownPrincipalId?: string;
  /** Identities that a look has shown to be the operator's own, where the scale set does not. */
  readonly own: SparseSet<ArmKey>;
  /** What is ours and dead, and keeps Azure from taking any list that names it: the next write leaves it out. */
  readonly dropped: SparseSet<ArmKey>;
  /** When a spec change last cut a back-off short. */
  resetAt: number;
  /** Consecutive looks that found someone else at work. */
  busyLooks: number;
  /** What the ledger has as attached and the scale set does not show: others took it, which is told, or we did. */
  missed: ReadonlySet<IntentKey>;
  /** What a write brought that has ended well since the scale set was last looked at. */
  landed: ReadonlySet<IntentKey>;
  /** What others took off within the last hour, or keep taking off. */
  readonly contests: SparseMap<IntentKey, Contest>;
  /** What the last decision held back by the operator's own brakes. */
  heldBack?: HeldBack | undefined;
  /** Notes already announced. */
  readonly announced: SparseSet<string>;
  /** By uid of the binding that was told: the last change of the nodes' default identity, until a write is accepted. */
  readonly announcedDefaults: SparseMap<string, string>;
  /** Bindings, by uid, that have our finalizer and are not in the ledger by our own doing: not yet, or not any more. */
  readonly unrecorded: SparseSet<string>;
  /** What the last pass went by. */
  lookedAt?: LookedAt | undefined;
  /** What Kubernetes refuses for single bindings: by what it was, and the uid. */
  readonly refusedWrites: SparseMap<string, RefusedWrite>;
}

const NONE: ReadonlySet<never> = new Set();

export function newMemory(): SetMemory {
  return {
    refusals: new SparseMap(),
    accepted: new SparseMap(),
    foreseen: new SparseMap(),
    cleanIntents: new SparseSet(),
    lostRaces: new SparseSet(),
    lostTrack: false,
    owesGet: false,
    dead: new SparseMap(),
    doubted: new SparseMap(),
    reattaches: new SparseMap(),
    hasWaited: false,
    hasSettled: false,
    touchedAt: 0,
    isolating: false,
    preconditionFailures: 0,
    rejections: 0,
    overtaken: false,
    resetAt: Number.NEGATIVE_INFINITY,
    busyLooks: 0,
    missed: NONE,
    landed: NONE,
    contests: new SparseMap(),
    announced: new SparseSet(),
    announcedDefaults: new SparseMap(),
    unrecorded: new SparseSet(),
    refusedWrites: new SparseMap(),
    lost: new SparseMap(),
    putBack: NONE,
    own: new SparseSet(),
    dropped: new SparseSet(),
  };
}

/**
 * Forgets everything that was about another scale set of the same name; once for each that is found in its place.
 * @param uniqueId of the one that stands there now
 */
export function forgetScaleSet(memory: SetMemory, uniqueId: string | undefined): void {
  if (memory.replacedBy !== undefined && memory.replacedBy === uniqueId) return;
  memory.replacedBy = uniqueId;
  memory.refusals.clear();
  memory.accepted.clear();
  memory.foreseen.clear();
  memory.announcedDefaults.clear();
  memory.cleanIntents.clear();
  memory.lostRaces.clear();
  memory.failedOperation = undefined;
  memory.lostTrack = false;
  memory.carried = undefined;
  memory.lost.clear();
  memory.dropped.clear();
  memory.owesGet = false;
  memory.doubted.clear();
  memory.reattaches.clear();
  memory.dead.clear();
  memory.missed = NONE;
  memory.landed = NONE;
  memory.contests.clear();
}
