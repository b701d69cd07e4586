/**
 * One pass over one scale set, read from top to bottom:
 *
 * observe   its bindings, the policies, the ledger, and the live identity
 * plan      what differs, and what the ledger must say before anything is done about it (`identity/`, pure)
 * record    finalizers, then one ledger write
 * apply     PATCH the delta under If-Match; an operation is left running and looked at in a later pass
 * verify    judge every identity; settle the ledger
 */
import { ledgerFor, sentOnly, withOperation } from '../identity/ledger.ts';
import { type Delta, MAX_IDENTITIES_PER_REQUEST, planPatch } from '../identity/patch.ts';
import type { Decision, Reading } from '../identity/plan.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import type { View } from '../identity/view.ts';
import type { Random } from '../runtime/clock.ts';
import type { AzurePort, Failure } from './azure-port.ts';
import { busyWait } from './backoff.ts';
import type { ClusterPort } from './cluster-port.ts';
import { decideOn } from './decide.ts';
import { noteDrift, noteWritten } from './drift.ts';
import { holdAfter, holdContended, standingHold } from './hold.ts';
import { type IdentityCache, IdentityLooks } from './identity-looks.ts';
import type { IdentityRoster } from './inventory/identity-roster.ts';
import type { ListedScaleSet } from './inventory/subscription-inventory.ts';
import type { Hold, OperationInFlight } from './memory.ts';
import { type ReconcileObserver, tellOfOperation } from './observer.ts';
import { follow, noteFailedOperation } from './operations.ts';
import { getReading, isEnough, isRecent, newsOf, usableEntry } from './read.ts';
import { record } from './record.ts';
import { forgetUndeclared, mayResetAt, nextDue, probe } from './refusals.ts';
import { sortOutRefusal } from './refused-write.ts';
import { fingerprintOf, type Subject } from './subject.ts';
import { holdForTurn, takeReading } from './turn.ts';
import { dropsDead, type Loss, lossSince, noteSent, sendable } from './unguarded-writes.ts';
import { verify } from './verify.ts';
import { noteSuccess } from './verify-names.ts';
import { type Begun, inFlightView, settledView, waitingView } from './views.ts';
import { write } from './write.ts';

export interface PassTools {
  readonly azure: AzurePort;
  readonly cluster: ClusterPort;
  readonly random: Random;
  readonly identities: IdentityCache;
  /** Hears of what other people's writes took away beside ours. */
  readonly lost: (loss: Loss) => void;
  readonly observer: ReconcileObserver;
  readonly exclusiveDelayMs: number;
  readonly roster: IdentityRoster;
  /** The newest list's word on the scale set. */
  readonly listed: () => ListedScaleSet | undefined;
  /** Whether lists watch over the operations in flight. */
  readonly watched: () => boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What a pass found, and when to look again (epoch milliseconds) if nothing else happens before. */
export interface PassResult {
  readonly view: View;
  readonly lookAgainAt?: number;
  readonly decision?: Decision;
}

/** PATCHes that one pass sends at most while refusals are sorted out. */
const MAX_WRITES = 3;
/** Rounds of reading and planning in one pass, whatever happens. */
const MAX_ROUNDS = 12;
const NEXT_WRITES_MS = 5000;

type Next =
  | { readonly kind: 'end'; readonly result: PassResult }
  | { readonly kind: 'again'; readonly reading: Reading | undefined };

export async function runPass(subject: Subject, tools: PassTools): Promise<PassResult> {
  return new Pass(subject, tools).run();
}

class Pass {
  readonly #subject: Subject;
  readonly #tools: PassTools;
  readonly #looks: IdentityLooks;
  readonly #fingerprint: string;
  readonly #startedAt: number;
  /** Whether a spec change may cut waits of identities short: all of one pass sees the same. */
  readonly #mayReset: boolean;
  readonly #resetAt: number;
  #writes = 0;
  #refusedBefore = false;
  /** What a look at the scale set itself showed, when the operation in flight was found to be over. */
  #over: Reading | undefined;

  constructor(subject: Subject, tools: PassTools) {
    this.#subject = subject;
    this.#tools = tools;
    this.#looks = new IdentityLooks(subject.id.key, tools);
    this.#fingerprint = fingerprintOf(subject.bound);
    this.#startedAt = tools.now();
    this.#mayReset = mayResetAt(subject) <= this.#startedAt;
    this.#resetAt = subject.memory.resetAt;
  }

  async run(): Promise<PassResult> {
    const { memory } = this.#subject;
    const hold = standingHold(memory, this.#fingerprint, this.#startedAt, this.#tools.listed());
    if (hold !== undefined) return this.#waiting(hold);
    const running = await this.#followOperation();
    if (running !== undefined) return running;

    const own = await this.#tools.azure.ownPrincipalId(this.#tools.signal);
    if (!own.ok) return this.#fail(own.failure);
    return this.#rounds(own.value);
  }

  async #rounds(ownPrincipalId: string): Promise<PassResult> {
    const { memory } = this.#subject;
    let reading = this.#over ?? usableEntry(memory, this.#tools.listed(), this.#tools.now());
    // Only the scale set itself can tell what became of a write that nobody saw end.
    if (!memory.lostTrack) reading ??= takeReading(memory);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (reading === undefined) {
        const read = await this.#get();
        if (!read.ok) return this.#unread(read.failure);
        reading = read.reading;
      }
      memory.notFound = undefined;
      const loss = lossSince(this.#subject, reading);
      if (loss !== undefined) this.#tools.lost(loss);
      if (reading.source === 'get') noteDrift(this.#subject, reading.scaleSet, this.#tools.observer);
      const decision = this.#decide(reading, ownPrincipalId);
      if (reading.source === 'list' && this.#isNotEnough(reading, decision)) {
        reading = undefined;
        continue;
      }
      const next = await this.#act(reading, decision, ownPrincipalId);
      if (next.kind === 'end') return next.result;
      reading = next.reading;
    }
    return this.#contended(reading);
  }

  /** Whether only the scale set itself can tell: what is to go, what may be dropped, and whether it is another one. */
  #isNotEnough(reading: Reading, { delta, needsGet, lookAgainAt = Number.POSITIVE_INFINITY }: Decision): boolean {
    const recorded = this.#subject.ledger?.spec;
    const isAnother = recorded !== undefined && ledgerFor(recorded, reading.scaleSet.uniqueId) === undefined;
    const sends = planPatch(reading.scaleSet.identity, delta) !== undefined;
    const now = this.#tools.now();
    return needsGet || lookAgainAt <= now || isAnother || !isEnough(reading, this.#tools.listed(), sends, now);
  }

  /** Does what the decision asks for; or, when nothing is left to do, settles and reports. */
  async #act(reading: Reading, decision: Decision, ownPrincipalId: string): Promise<Next> {
    const { memory } = this.#subject;
    const circumstances = { ownPrincipalId, now: this.#tools.now() };
    const sending = await sendable(this.#subject, reading, decision, this.#looks, circumstances);
    if (sending === undefined) return { kind: 'again', reading };
    const patch = planPatch(reading.scaleSet.identity, sending.delta, this.#limit(sending.delta));
    if (patch === undefined) {
      // What was read before a wait for a turn serves a write, which its etag guards, and no verdict.
      if (reading.source === 'get' && !isRecent(reading, this.#tools.now()))
        return { kind: 'again', reading: undefined };
      // While someone else is at work nothing is planned, which does not mean that all are through.
      if (isTerminal(reading.scaleSet.provisioningState)) memory.isolating = false;
      memory.preconditionFailures = 0;
      return { kind: 'end', result: await this.#settle(reading, decision, sending.lookAgainAt) };
    }
    const { etag } = reading.scaleSet;
    if (etag === undefined) return { kind: 'end', result: this.#fail(withoutEtag(), reading) };
    const look = memory.refusals.size > 0 ? this.#looks.fresh : this.#looks.recent;
    const { azure, signal, now } = this.#tools;
    const { scaleSet } = reading;
    const asking = { azure: this.#looks, look, now: now(), signal };
    const probing = { ...asking, ownPrincipalId, scaleSet, startedAt: this.#startedAt };
    const isAsPlanned = await probe(this.#subject, patch.delta.attach, probing);
    if (this.#looks.queued !== undefined) return { kind: 'end', result: this.#fail(this.#looks.queued, reading) };
    if (!isAsPlanned) return { kind: 'again', reading };
    if (this.#writes >= MAX_WRITES) {
      const unsent = sentOnly(decision.ledger, this.#subject.ledger?.spec, { attach: [] });
      const result = await this.#settle(reading, { ...decision, ledger: unsent }, now() + NEXT_WRITES_MS);
      return { kind: 'end', result };
    }
    const queued = azure.placeForWrite(this.#subject.id, patch.delta.attach.length + patch.delta.detach.length);
    if (queued !== undefined) return { kind: 'end', result: this.#fail(queued, reading) };
    this.#writes += 1;
    const intent = sentOnly(decision.ledger, this.#subject.ledger?.spec, patch.delta);
    const written = await write(this.#subject, intent, patch, etag, this.#tools);
    noteSent(memory, reading, patch, written);
    switch (written.state) {
      case 'done':
        this.#noteAccepted(scaleSet, patch.delta);
        return { kind: 'again', reading: written.reading };
      case 'accepted':
        this.#noteAccepted(scaleSet, patch.delta);
        return { kind: 'end', result: this.#inFlight(written.operation, { reading, decision, sent: patch.delta }) };
      case 'outcomeUnknown':
        return { kind: 'end', result: this.#fail(written.failure, reading) };
      case 'refused':
        return this.#afterRefusal(written.failure, patch.delta, reading);
    }
  }

  #noteAccepted(scaleSet: LiveScaleSet, sent: Delta): void {
    this.#subject.memory.hold = undefined;
    noteWritten(this.#subject, scaleSet, sent, this.#tools.observer);
  }

  async #afterRefusal(failure: Failure, sent: Delta, reading: Reading): Promise<Next> {
    const tools = { ...this.#tools, look: this.#looks.fresh, refusedBefore: this.#refusedBefore };
    if (await dropsDead(this.#subject, reading, failure, sent, tools)) return { kind: 'again', reading };
    switch (await sortOutRefusal(this.#subject, failure, sent, tools)) {
      case 'overtaken':
        return { kind: 'again', reading: undefined };
      case 'contended':
        return { kind: 'end', result: this.#contended(reading) };
      case 'wait':
        return { kind: 'end', result: this.#fail(failure, reading) };
      case 'sortedOut':
        this.#refusedBefore = true;
        // A refusal had no effect: what was read still stands, and If-Match says so.
        return { kind: 'again', reading };
    }
  }

  #decide(reading: Reading, ownPrincipalId: string): Decision {
    const { now, exclusiveDelayMs } = this.#tools;
    const ofPass = { ownPrincipalId, startedAt: this.#startedAt, mayReset: this.#mayReset, exclusiveDelayMs };
    return decideOn(this.#subject, reading, { ...ofPass, now: now() });
  }

  /** While refusals name nobody, identities go one at a time. */
  #limit(delta: Delta): number {
    return this.#subject.memory.isolating && delta.attach.length > 0 ? 1 : MAX_IDENTITIES_PER_REQUEST;
  }

  #get(): ReturnType<typeof getReading> {
    const { memory, id } = this.#subject;
    const { azure, listed, now, signal } = this.#tools;
    return getReading(id, memory, listed(), azure, now, signal);
  }

  /** Looks at the operation in flight, if there is one; undefined when the scale set is to be read. */
  async #followOperation(): Promise<PassResult | undefined> {
    const { memory } = this.#subject;
    if (memory.operation === undefined) return undefined;
    const { operation } = memory;
    const { azure, now, signal } = this.#tools;
    const isOver = async (): Promise<boolean> => {
      const read = await this.#get();
      if (!read.ok) return read.failure.kind === 'notFound';
      const isAtRest = isTerminal(read.reading.scaleSet.provisioningState);
      if (isAtRest) this.#over = read.reading;
      return isAtRest;
    };
    const listed = newsOf(memory, this.#tools.listed());
    const watched = this.#tools.watched();
    const progress = await follow(operation, { azure, isOver, listed, watched, now: now(), signal });
    tellOfOperation(operation, progress, now(), this.#tools.observer);
    switch (progress.state) {
      case 'running':
        memory.operation = progress.operation;
        return this.#inFlight(progress.operation);
      case 'succeeded':
      case 'over':
        memory.operation = undefined;
        if (progress.state === 'over') memory.lostTrack = true;
        else noteSuccess(memory);
        memory.touchedAt = now();
        return undefined;
      case 'failed':
        memory.operation = undefined;
        memory.carried = undefined;
        memory.touchedAt = now();
        noteFailedOperation(this.#subject, operation, progress.failure, now());
        return undefined;
    }
  }

  /** Nothing is left to be sent now: brings the ledger in line with the reading and judges every identity. */
  async #settle(reading: Reading, decision: Decision, lookAgainAt?: number): Promise<PassResult> {
    const { memory } = this.#subject;
    const { cluster, signal, now, random } = this.#tools;
    const { scaleSet } = reading;
    const look = scaleSet.namesOnly === true ? this.#looks.recent : this.#looks.fresh;
    const verdicts = await verify(this.#subject, scaleSet, { look, roster: this.#tools.roster, now: now() });
    if (this.#looks.queued !== undefined) return this.#fail(this.#looks.queued, reading);
    const isBusy = !isTerminal(scaleSet.provisioningState);
    const hasFailed = [...verdicts.values()].some(({ reason }) => reason === 'OperationFailed');
    if (!isBusy && !hasFailed) memory.failedOperation = undefined;
    if (!isBusy) memory.lostTrack = false;
    const operation = isBusy ? decision.ledger.operation : memory.failedOperation;
    await record(this.#subject, withOperation(decision.ledger, operation), cluster, signal);
    forgetUndeclared(this.#subject);
    memory.lostRaces.clear();
    memory.hasSettled = true;
    memory.busyLooks = isBusy ? memory.busyLooks + 1 : 0;
    memory.hold = undefined;
    const view = settledView(this.#subject, reading, decision, verdicts, now());
    const times = [
      lookAgainAt,
      decision.lookAgainAt,
      nextDue(this.#subject, now()),
      ...[...verdicts.values()].map(({ state, nextAttemptAt }) => (state === 'Pending' ? nextAttemptAt : undefined)),
      isBusy ? now() + busyWait(memory.busyLooks, random) : undefined,
    ].filter((time) => time !== undefined);
    return { view, decision, ...(times.length > 0 ? { lookAgainAt: Math.min(...times) } : {}) };
  }

  #inFlight(operation: OperationInFlight, begun?: Begun): PassResult {
    return {
      view: inFlightView(this.#subject, operation, this.#tools.now(), begun),
      lookAgainAt: operation.nextLookAt,
      ...(begun === undefined ? {} : { decision: begun.decision }),
    };
  }

  /** The scale set could not be read; that it is gone is believed only when two reads say so. */
  #unread(failure: Failure): PassResult {
    const { memory } = this.#subject;
    const at = this.#tools.now();
    if (failure.kind === 'notFound') memory.notFound = { firstAt: memory.notFound?.firstAt ?? at, lastAt: at };
    return this.#fail(failure);
  }

  /** @param reading of before the failure; absent when it was the reading that failed */
  #fail(failure: Failure, reading?: Reading): PassResult {
    const { memory } = this.#subject;
    const { now, random } = this.#tools;
    const { kind } = failure;
    const context = { memory, fingerprint: this.#fingerprint, now: now(), random };
    if (kind !== 'queued') return this.#waiting(holdAfter({ ...failure, kind }, context, reading?.scaleSet));
    // What a change of the spec was to cut short is cut short when the turn has come.
    memory.resetAt = this.#resetAt;
    return this.#waiting(holdForTurn(failure, context, reading));
  }

  #contended(reading: Reading | undefined): PassResult {
    const { now, random } = this.#tools;
    const { memory } = this.#subject;
    return this.#waiting(holdContended(memory, this.#fingerprint, now(), random, reading?.scaleSet));
  }

  #waiting(hold: Hold): PassResult {
    return { view: waitingView(this.#subject, hold, this.#tools.now()), lookAgainAt: hold.until };
  }
}

function withoutEtag(): Failure {
  const message =
    'Azure shows no etag for the scale set, and nothing is written without one: use a newer --arm-api-version.';
  return { kind: 'operatorMisconfigured', code: 'NoEtag', message, identityIds: [], hadNoEffect: true };
}
