/** Brings one scale set after another to what its bindings declare. One pass each; see `pass.ts` for what it does. */
import { FINALIZER } from '../api/types.ts';
import { type ArmKey, parseScaleSetId, type ScaleSetId } from '../identity/arm-id.ts';
import { isActive, isFrozenByChoice } from '../identity/declaration.ts';
import { isUnsettled, type Ledger, memberUids } from '../identity/ledger.ts';
import { settleMembers, withoutMembers } from '../identity/settle.ts';
import type { Random } from '../runtime/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { announceLettingGo, announceMissingLedger, announceNotes } from './announce.ts';
import { announceLoss } from './announce-loss.ts';
import type { AzurePort } from './azure-port.ts';
import { GONE_AFTER_MS } from './backoff.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { DetachLimit } from './detach-limit.ts';
import { IdentityCache } from './identity-looks.ts';
import type { IdentityRoster } from './inventory/identity-roster.ts';
import type { Inventory } from './inventory/inventory.ts';
import { newMemory, type SetMemory } from './memory.ts';
import { NOBODY, type ReconcileObserver } from './observer.ts';
import { OperatorFaults } from './operator-faults.ts';
import { Overtaken } from './overtaken.ts';
import { runPass } from './pass.ts';
import type { PassResult } from './pass-frame.ts';
import { isHalfDone, isOwed } from './reattach.ts';
import { recall } from './recall.ts';
import { record, releaseBindings } from './record.ts';
import {
  FinalizersRefused,
  nextTryAt,
  type RefusedForOne,
  tellRefused,
  throwUnlessWaiting,
} from './refused-by-kubernetes.ts';
import { report } from './report.ts';
import { noteLookedAt, restOfWait } from './requests.ts';
import { withSetAside } from './set-aside.ts';
import { gather, type Subject, wantedIdentities } from './subject.ts';
import { tellInTheWay } from './tell-in-the-way.ts';
import type { Loss } from './unguarded-writes.ts';
import { restingView } from './views.ts';

export interface ReconcilerOptions {
  readonly azure: AzurePort;
  readonly cluster: ClusterPort;
  readonly random: Random;
  readonly now: () => number;
  /** How long what `mode: Exclusive` detaches has to stand on record before. */
  readonly exclusiveDelayMs: number;
  /** Nothing is written to Azure. */
  readonly readOnly: boolean;
  readonly detachLimit: DetachLimit;
  readonly inventory: Pick<Inventory, 'follow' | 'entry' | 'waitMs' | 'noteOperation' | 'watches'>;
  readonly roster: IdentityRoster;
  readonly logger: Logger;
  /** Hears how many identities a write lost to other people's writes. */
  readonly lostInRace?: (identities: number) => void;
  readonly observer?: ReconcileObserver;
}

export interface Outcome {
  readonly requeueAfterMs?: number;
  /** Of a turn under Azure's limits: what it lets go at once must not wait behind thousands that were never looked at. */
  readonly priority?: 'high';
}

/** No pass asks to be begun again sooner, in milliseconds: whatever is wrong, it is no hot loop. */
const SOONEST_MS = 250;

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #identities = new IdentityCache();
  readonly #faults = new OperatorFaults();
  readonly #memories = new Map<ArmKey, SetMemory>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** One pass. Throws what Kubernetes refuses; the pass is then to be begun again, after a back-off. */
  async reconcile(scaleSet: ArmKey, signal: AbortSignal, logger: Logger = this.#options.logger): Promise<Outcome> {
    const { cluster } = this.#options;
    const bindings = cluster.bindingsOf(scaleSet);
    const ledger = cluster.ledgerOf(scaleSet);
    const resourceId = bindings[0]?.spec.scaleSet.resourceId ?? ledger?.spec.scaleSetId;
    if (resourceId === undefined) {
      this.#forget(scaleSet);
      return {};
    }
    const parsed = parseScaleSetId(resourceId);
    if (!parsed.ok) {
      // The schema keeps such ids out; one that got in all the same (another CRD) must not reach a URL.
      logger.error('not the id of a scale set', { resourceId, problem: parsed.problem });
      return {};
    }
    // The key that came is the one that others hold: what is remembered by it needs no copy.
    return this.#pass({ ...parsed.id, key: scaleSet }, signal, logger);
  }

  /** Once more where the bindings turn out to be others, or to take no finalizer: what was planned counted on them. */
  async #pass(id: ScaleSetId, signal: AbortSignal, logger: Logger): Promise<Outcome> {
    const subject = this.#gather(id);
    const waitMs = restOfWait(subject);
    if (waitMs !== undefined) return { requeueAfterMs: waitMs };
    try {
      return await this.#passOver(subject, signal, logger);
    } catch (error) {
      if (error instanceof FinalizersRefused) {
        for (const refusal of error.refusals) tellRefused(logger, { ...refusal, waits: true });
      } else if (!(error instanceof Overtaken)) throw error;
      return await this.#passOver(this.#gather(id), signal, logger);
    }
  }

  async #passOver(subject: Subject, signal: AbortSignal, logger: Logger): Promise<Outcome> {
    const { now } = this.#options;
    let dueAt: number | undefined;
    try {
      const outcome = await this.#look(subject, signal, logger);
      dueAt = outcome.requeueAfterMs === undefined ? undefined : now() + outcome.requeueAfterMs;
      return outcome;
    } finally {
      noteLookedAt(subject, dueAt);
    }
  }

  async #look(subject: Subject, signal: AbortSignal, logger: Logger): Promise<Outcome> {
    const { cluster, now } = this.#options;
    const unsettled = await this.#settleWithoutAzure(subject, signal, logger);
    const asks = needsAzure(subject);
    const waitMs = this.#prepare(subject, asks);
    if (waitMs !== undefined) {
      throwUnlessWaiting(unsettled, logger);
      return { requeueAfterMs: waitMs };
    }
    const result = asks ? await this.#passOverAzure(subject, signal, logger) : { view: restingView(subject, now()) };
    const unreleased = await releaseBindings(subject, cluster, signal);
    const { recomputeAt, refused } = await report(subject, result.view, cluster, signal);
    throwUnlessWaiting([...unsettled, ...unreleased, ...refused], logger);
    const triedAt = nextTryAt(subject.memory, subject.bound, now());
    const times = [result.lookAgainAt, recomputeAt, triedAt].filter((time) => time !== undefined);
    if (times.length === 0) return {};
    const inMs = Math.min(...times) - now();
    // A turn comes at its time, and is another's when nobody comes.
    if (subject.memory.hold?.kind === 'queued') return { requeueAfterMs: Math.max(1, inMs), priority: 'high' };
    return { requeueAfterMs: Math.max(SOONEST_MS, inMs) };
  }

  /** What needs no word from Azure is done first, so that no trouble with Azure holds it up. */
  async #settleWithoutAzure(subject: Subject, signal: AbortSignal, logger: Logger): Promise<readonly RefusedForOne[]> {
    const { cluster, observer = NOBODY } = this.#options;
    const before = subject.ledger?.spec;
    if (before !== undefined) {
      const after = settleMembers(before, subject.declarations, isOwed(subject));
      await record(subject, after, cluster, signal);
      announceLettingGo(subject, before, after, { cluster, logger, observer });
    }
    announceMissingLedger(subject, before, cluster, logger);
    return releaseBindings(subject, cluster, signal);
  }

  /**
   * Has lists cover what the pass is about, and nothing else.
   * @returns in how many milliseconds to come again, when a list is on its way that spares the pass a read
   */
  #prepare(subject: Subject, asks: boolean): number | undefined {
    const { inventory, roster } = this.#options;
    const { id, memory, declarations } = subject;
    roster.need(id.key, asks ? wantedIdentities(subject) : []);
    if (!asks) {
      inventory.noteOperation(id, memory.operation);
      return undefined;
    }
    inventory.follow(id.subscriptionId);
    const isUnread = memory.touchedAt === 0 && memory.hold === undefined && inventory.entry(id) === undefined;
    // What is to be taken away, and what nobody saw end, is read by itself anyway.
    if (!isUnread || memory.lostTrack || declarations.some(({ deleting }) => deleting)) return undefined;
    const waitMs = inventory.waitMs(id, memory.hasWaited);
    memory.hasWaited ||= waitMs !== undefined;
    return waitMs;
  }

  async #passOverAzure(subject: Subject, signal: AbortSignal, logger: Logger): Promise<PassResult> {
    const { azure, cluster, random, inventory, roster, now, observer = NOBODY } = this.#options;
    const { exclusiveDelayMs, readOnly, detachLimit } = this.#options;
    const { id, memory } = subject;
    const lost = (loss: Loss): void => {
      announceLoss(subject, loss, cluster, logger);
      this.#options.lostInRace?.(loss.ours.length + loss.others.length + Number(loss.systemAssigned));
    };
    const tools = {
      azure: azure.loggingTo(logger),
      cluster,
      random,
      identities: this.#identities,
      roster,
      listed: () => inventory.entry(id),
      watched: () => inventory.watches(id.subscriptionId),
      lost,
      observer,
      exclusiveDelayMs,
      readOnly,
      detachLimit,
      now,
      signal,
    };
    const before = memory.hold;
    let result: PassResult;
    try {
      result = await runPass(subject, tools);
    } finally {
      inventory.noteOperation(id, memory.operation, memory.busyLooks > 0);
    }
    if (result.decision !== undefined) announceNotes(subject, result.decision.notes, cluster, logger);
    const { hold, notFound } = memory;
    this.#faults.note(hold, logger);
    tellInTheWay(subject, before, hold, logger);
    const isGone = notFound !== undefined && notFound.lastAt - notFound.firstAt >= GONE_AFTER_MS;
    if (hold?.kind === 'notFound' && isGone) await this.#releaseGone(subject, signal, logger);
    return result;
  }

  /** The scale set is gone, as two reads say: who is being deleted, or is gone too, has nothing left to take back. */
  async #releaseGone(subject: Subject, signal: AbortSignal, logger: Logger): Promise<void> {
    const staying = new Set(subject.declarations.filter((one) => !one.deleting).map(({ uid }) => uid));
    const ledger: Ledger | undefined = subject.ledger?.spec;
    const leaving = new Set([...memberUids(ledger)].filter((uid) => !staying.has(uid)));
    if (ledger === undefined || (leaving.size === 0 && staying.size > 0)) return;
    logger.info('the scale set is gone: nothing is left to take back', { scaleSet: subject.id.resourceId });
    await record(subject, withoutMembers(ledger, leaving), this.#options.cluster, signal);
  }

  /** Nobody binds it any more, and nothing is left to take back. */
  #forget(scaleSet: ArmKey): void {
    this.#memories.delete(scaleSet);
    this.#options.roster.need(scaleSet, []);
    const parsed = parseScaleSetId(scaleSet);
    if (parsed.ok) this.#options.inventory.noteOperation(parsed.id, undefined);
  }

  #gather(id: ScaleSetId): Subject {
    const { cluster, now } = this.#options;
    const known = this.#memories.get(id.key);
    const memory = known ?? newMemory();
    const at = now();
    const subject = withSetAside(gather(id, cluster, memory, { finalizer: FINALIZER, now: at }), at);
    if (known === undefined) recall(memory, subject.bound, subject.ledger?.spec, at);
    this.#memories.set(id.key, memory);
    return subject;
  }
}

/**
 * Whether anything is to be found out or done in Azure: a namespace that no policy allows the scale set asks nothing. What
 * came of a write of ours is found out in any case.
 */
function needsAzure(subject: Subject): boolean {
  const { declarations, ledger } = subject;
  // Nobody is left: what the ledger still says is told, or brought to its end.
  if (declarations.length === 0) return ledger !== undefined;
  const members = memberUids(ledger?.spec);
  return (
    declarations.some((one) => {
      if (one.deleting) return members.has(one.uid);
      return isActive(one) || (isFrozenByChoice(one) && !one.suspended && one.grants.scaleSet);
    }) ||
    isHalfDone(subject) ||
    isUnsettled(ledger?.spec)
  );
}
