/**
 * One pass over one scale set, read from top to bottom:
 *
 * observe   its bindings, the policies, the ledger, and the live identity
 * plan      what differs, and what the ledger must say before anything is done about it (`identity/`, pure)
 * record    finalizers, then one ledger write
 * apply     PATCH the delta under If-Match; an operation is left running and looked at in a later pass
 * verify    judge every identity; settle the ledger
 */
import type { ArmKey } from '../identity/arm-id.ts';
import { ledgerFor, sentOnly } from '../identity/ledger.ts';
import { type Delta, MAX_IDENTITIES_PER_REQUEST, type PlannedPatch, planPatch } from '../identity/patch.ts';
import type { Decision, Reading } from '../identity/plan.ts';
import type { Shown } from '../identity/reattach.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import { noteAccepted, noteCameAbout } from './accepted.ts';
import { announceDefault } from './announce-default.ts';
import type { Failure } from './azure-port.ts';
import { detachesOf, heldBackWhole } from './brakes.ts';
import { mayBeContested, noteEarlyReturns } from './contested.ts';
import { decideOn } from './decide.ts';
import { noteDrift, noteWritten } from './drift.ts';
import { endContended, endFailed, endInFlight, endUnread, endWaiting } from './endings.ts';
import { followOperation } from './follow-operation.ts';
import { standingHold } from './hold.ts';
import { demandNotOvertaken } from './overtaken.ts';
import { beginPass, type PassFrame, type PassResult, type PassTools, readNow } from './pass-frame.ts';
import { isEnough, isRecent, usableEntry } from './read.ts';
import { announceReattached, lookAtStale, noteReattachSent } from './reattach.ts';
import { probe } from './refusals.ts';
import { sortOutRefusal } from './refused-write.ts';
import { settle } from './settle.ts';
import type { Subject } from './subject.ts';
import { takeReading } from './turn.ts';
import { dropsDead, lossSince, noteSent, sendable } from './unguarded-writes.ts';
import { write } from './write.ts';

/** PATCHes that one pass sends at most while refusals are sorted out. */
const MAX_WRITES = 3;
/** Rounds of reading and planning in one pass, whatever happens. */
const MAX_ROUNDS = 12;
const NEXT_WRITES_MS = 5000;

type Next =
  | { readonly kind: 'end'; readonly result: PassResult }
  | { readonly kind: 'again'; readonly reading: Reading | undefined };

function end(result: PassResult): Next {
  return { kind: 'end', result };
}

export async function runPass(subject: Subject, tools: PassTools): Promise<PassResult> {
  return new Pass(beginPass(subject, tools)).run();
}

class Pass {
  readonly #frame: PassFrame;
  #writes = 0;
  #refusedBefore = false;

  constructor(frame: PassFrame) {
    this.#frame = frame;
  }

  async run(): Promise<PassResult> {
    const frame = this.#frame;
    const { subject, tools } = frame;
    const hold = standingHold(subject.memory, frame.fingerprint, frame.startedAt, tools.listed());
    if (hold !== undefined) return endWaiting(frame, hold);
    const followed = await followOperation(frame);
    if (followed.state === 'running') return followed.result;

    const own = await tools.azure.ownPrincipalId(tools.signal);
    if (!own.ok) return endFailed(frame, own.failure);
    return this.#rounds(own.value, followed.reading);
  }

  /** @param known what the scale set has just shown, if it has been read */
  async #rounds(ownPrincipalId: string, known: Reading | undefined): Promise<PassResult> {
    const frame = this.#frame;
    const { subject, tools } = frame;
    const { memory } = subject;
    let reading = known ?? usableEntry(memory, tools.listed(), tools.now());
    // Only the scale set itself can tell what became of a write that nobody saw end.
    if (!memory.lostTrack) reading ??= takeReading(memory);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (reading === undefined) {
        const read = await readNow(frame);
        if (!read.ok) return endUnread(frame, read.failure);
        reading = read.reading;
      }
      memory.notFound = undefined;
      const loss = lossSince(subject, reading);
      if (loss !== undefined) tools.lost(loss);
      if (reading.source === 'get') {
        noteCameAbout(memory, reading.scaleSet);
        noteDrift(subject, reading.scaleSet, tools.now(), tools.observer);
      }
      const shown = await lookAtStale(frame, reading, ownPrincipalId);
      const decision = this.#decide(reading, ownPrincipalId, shown);
      if (reading.source === 'list' && this.#isNotEnough(reading, decision)) {
        reading = undefined;
        continue;
      }
      const next = await this.#act(reading, decision, ownPrincipalId);
      if (next.kind === 'end') return next.result;
      reading = next.reading;
    }
    return endContended(frame, reading);
  }

  /** Whether only the scale set itself can tell: what is to go, what may be dropped, and whether it is another one. */
  #isNotEnough(reading: Reading, { delta, needsGet, lookAgainAt = Number.POSITIVE_INFINITY }: Decision): boolean {
    const { subject, tools } = this.#frame;
    const recorded = subject.ledger?.spec;
    const isAnother = recorded !== undefined && ledgerFor(recorded, reading.scaleSet.uniqueId) === undefined;
    const isContested = mayBeContested(subject, reading.scaleSet);
    const sends = planPatch(reading.scaleSet.identity, delta) !== undefined;
    const now = tools.now();
    return needsGet || lookAgainAt <= now || isAnother || isContested || !isEnough(reading, tools.listed(), sends, now);
  }

  /** Does what the decision asks for; or, when nothing is left to do, settles and reports. */
  async #act(reading: Reading, decision: Decision, ownPrincipalId: string): Promise<Next> {
    const frame = this.#frame;
    const { subject, tools, looks } = frame;
    const now = tools.now();
    const circumstances = { ownPrincipalId, now, detaches: tools.detachLimit.left(now) };
    const sending = await sendable(subject, reading, decision, looks, circumstances);
    if (sending === undefined) return { kind: 'again', reading };
    if (sending.isOverLimit)
      return end(await settle(frame, reading, heldBackWhole(subject, decision, sending.delta, { ...tools, now })));
    const patch = planPatch(reading.scaleSet.identity, sending.delta, this.#limit(sending.delta));
    if (patch === undefined) {
      // What was read before a wait for a turn serves a write, which its etag guards, and no verdict.
      if (reading.source === 'get' && !isRecent(reading, tools.now())) return { kind: 'again', reading: undefined };
      this.#noteNothingToSend(reading);
      return end(await settle(frame, reading, decision, sending.lookAgainAt));
    }
    // Etags are counted from 1 again for a scale set that is created again: an old one guards nothing that takes away.
    if (patch.narrows && !isRecent(reading, tools.now())) return { kind: 'again', reading: undefined };
    if (!(await this.#mayBeSent(patch, reading, ownPrincipalId))) {
      return looks.queued === undefined ? { kind: 'again', reading } : end(endFailed(frame, looks.queued, reading));
    }
    if (this.#writes >= MAX_WRITES) {
      const unsent = sentOnly(decision.ledger, subject.ledger?.spec, { attach: [] });
      return end(await settle(frame, reading, { ...decision, ledger: unsent }, tools.now() + NEXT_WRITES_MS));
    }
    return this.#send(patch, reading, decision);
  }

  #noteNothingToSend({ scaleSet }: Reading): void {
    const { memory } = this.#frame.subject;
    // While someone else is at work nothing is planned, which does not mean that all are through.
    if (isTerminal(scaleSet.provisioningState)) memory.isolating = false;
    memory.preconditionFailures = 0;
  }

  /** Whether every identity that the request attaches may be sent, as a look at each says. */
  async #mayBeSent({ delta }: PlannedPatch, { scaleSet }: Reading, ownPrincipalId: string): Promise<boolean> {
    const { subject, tools, looks, startedAt } = this.#frame;
    const look = subject.memory.refusals.size > 0 ? looks.fresh : looks.recent;
    const asking = { azure: looks, look, now: tools.now(), signal: tools.signal };
    const isAsPlanned = await probe(subject, delta.attach, { ...asking, ownPrincipalId, scaleSet, startedAt });
    return isAsPlanned && looks.queued === undefined;
  }

  async #send(patch: PlannedPatch, reading: Reading, decision: Decision): Promise<Next> {
    const frame = this.#frame;
    const { subject, tools } = frame;
    const { scaleSet } = reading;
    const { delta } = patch;
    if (scaleSet.etag === undefined) return end(endFailed(frame, withoutEtag(), reading));
    demandNotOvertaken(subject, patch, tools.cluster);
    const queued = tools.azure.placeForWrite(subject.id, delta.attach.length + delta.detach.length);
    if (queued !== undefined) return end(endFailed(frame, queued, reading));
    const reserved = tools.detachLimit.reserve(detachesOf(delta), tools.now());
    // Another pass was first: less is left than was planned with.
    if (reserved === undefined) return { kind: 'again', reading };
    this.#writes += 1;
    noteEarlyReturns(subject, delta, frame.startedAt);
    const intent = sentOnly(decision.ledger, subject.ledger?.spec, delta);
    announceDefault(subject, scaleSet, delta, intent, tools.cluster);
    const written = await write(subject, intent, patch, scaleSet.etag, reserved, tools);
    announceReattached(subject, decision.reattached, tools.cluster);
    noteSent(subject.memory, reading, patch, written);
    switch (written.state) {
      case 'done':
        this.#noteAccepted(scaleSet, delta);
        return { kind: 'again', reading: written.reading };
      case 'accepted':
        this.#noteAccepted(scaleSet, delta);
        return end(endInFlight(frame, written.operation, { reading, decision, sent: delta }));
      case 'outcomeUnknown':
        return end(endFailed(frame, written.failure, reading));
      case 'refused':
        return this.#afterRefusal(written.failure, delta, reading);
    }
  }

  #noteAccepted(scaleSet: LiveScaleSet, sent: Delta): void {
    const { subject, tools } = this.#frame;
    subject.memory.hold = undefined;
    subject.memory.announcedDefaults.clear();
    noteWritten(subject, scaleSet, sent, tools.now(), tools.observer);
    noteReattachSent(subject, sent);
    noteAccepted(subject, sent, tools.now());
  }

  async #afterRefusal(failure: Failure, sent: Delta, reading: Reading): Promise<Next> {
    const frame = this.#frame;
    const { subject, looks } = frame;
    const tools = { ...frame.tools, look: looks.fresh, refusedBefore: this.#refusedBefore };
    if (await dropsDead(subject, reading, failure, sent, tools)) return { kind: 'again', reading };
    switch (await sortOutRefusal(subject, failure, sent, tools)) {
      case 'overtaken':
        return { kind: 'again', reading: undefined };
      case 'contended':
        return end(endContended(frame, reading));
      case 'wait':
        return end(endFailed(frame, failure, reading));
      case 'sortedOut':
        this.#refusedBefore = true;
        // A refusal had no effect: what was read still stands, and If-Match says so.
        return { kind: 'again', reading };
    }
  }

  #decide(reading: Reading, ownPrincipalId: string, shown: ReadonlyMap<ArmKey, Shown>): Decision {
    const { subject, tools, startedAt, mayReset } = this.#frame;
    return decideOn(subject, reading, { ...tools, ownPrincipalId, startedAt, mayReset, shown, now: tools.now() });
  }

  /** While refusals name nobody, identities go one at a time. */
  #limit(delta: Delta): number {
    return this.#frame.subject.memory.isolating && delta.attach.length > 0 ? 1 : MAX_IDENTITIES_PER_REQUEST;
  }
}

function withoutEtag(): Failure {
  const message =
    'Azure shows no etag for the scale set, and nothing is written without one: use a newer --arm-api-version.';
  return { kind: 'operatorMisconfigured', code: 'NoEtag', message, identityIds: [], hadNoEffect: true };
}
