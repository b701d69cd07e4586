/** One decision over one scale set: every binding, the ledger and one read in; a delta and the ledger's next state out. */
import { type ArmKey, armKey } from './arm-id.ts';
import { beyondEntries, MAX_FOREIGN } from './bounds.ts';
import { Brake, type Brakes, type HeldBack } from './brakes.ts';
import { type Declaration, isActiveFor } from './declaration.ts';
import {
  endOf,
  type ExclusiveRules,
  isExclusiveOn,
  namespacesDeclaring,
  nextWait,
  readyToDetach,
  type SurplusIdentity,
} from './exclusive.ts';
import {
  entriesByKey,
  type Entry,
  type EntryPhase,
  type ExclusiveWait,
  type Ledger,
  type Member,
  type SystemEntry,
} from './ledger.ts';
import { isHeld, membership, standingForIdentity, standingForSystem } from './membership.ts';
import type { Delta, IdentityRef } from './patch.ts';
import { type EntryStep, identityStep, type ReattachFacts, reattachFacts, type ReattachMemory } from './reattach.ts';
import { isTerminal, type LiveScaleSet } from './scale-set.ts';
import { judgeSystemAssigned, type SystemVerdict } from './system-assigned.ts';
import type { Facts, Phase, Step } from './transition.ts';

/** A read of a scale set, and how far it can be trusted. */
export interface Reading {
  readonly scaleSet: LiveScaleSet;
  readonly source: 'get' | 'list';
  /** When its request was sent, in epoch milliseconds. */
  readonly at: number;
}

/** What a pass remembers of one identity's, or the system-assigned identity's, earlier writes. */
export interface WriteMemory {
  /** False while a refusal is waited out, or when it must never be attached (the operator's own). */
  readonly attachable: boolean;
  /** False while a change that Azure accepted, and that came to nothing, is waited out. */
  readonly detachable: boolean;
  /** Azure refused it when it was last sent. */
  readonly refused: boolean;
  /** It is in the model, but our operation on it failed: send it again when `attachable`. */
  readonly resend: boolean;
  /** Our only write for its intent was answered 412. */
  readonly lostRace: boolean;
}

export interface Situation {
  readonly scaleSetId: string;
  readonly now: number;
  /** Every existing binding of the scale set, the oldest first. */
  readonly declarations: readonly Declaration[];
  /** Already void if the scale set was recreated ({@link ledgerFor}). */
  readonly ledger: Ledger | undefined;
  readonly reading: Reading;
  /** False while nothing may be written. */
  readonly writable: boolean;
  /** Protected by a policy, or the operator's own. */
  untouchable(identity: ArmKey): boolean;
  readonly systemUntouchable: boolean;
  remembered(identity: ArmKey | 'systemAssigned'): WriteMemory;
  /** What is known of the identity behind the client id that the scale set shows. */
  reattaching(identity: ArmKey): ReattachMemory;
  readonly exclusive: ExclusiveRules;
  readonly brakes: Brakes;
}

export interface Note {
  readonly resourceId: string;
  readonly what: NonNullable<Step['note']>;
  readonly members: readonly { readonly namespace: string; readonly name: string }[];
}

/** An identity that begins to be reattached, or that works again. */
export interface ReattachNote {
  readonly resourceId: string;
  readonly what: NonNullable<EntryStep['reattach']>;
  readonly members: readonly Member[];
}

export interface Decision {
  /** Nothing may be done on this reading: GET the scale set and decide again. */
  readonly needsGet: boolean;
  readonly lookAgainAt?: number;
  readonly delta: Delta;
  /** The ledger to record before anything is sent. */
  readonly ledger: Ledger;
  readonly system: SystemVerdict;
  /** Live, not ours, and declared by no binding. */
  readonly foreign: readonly ArmKey[];
  /** What an Exclusive binding in force detaches beyond what is ours, when its wait is over. */
  readonly surplus: readonly SurplusIdentity[];
  /** When that is, in epoch milliseconds; absent when nothing is surplus. */
  readonly surplusGoesAt?: number;
  readonly notes: readonly Note[];
  /** What would be done as well, but for the operator's brakes; absent when nothing. */
  readonly heldBack?: HeldBack;
  readonly reattached: readonly ReattachNote[];
}

/** Decides. Pure: the same situation gives the same decision. */
export function decide(situation: Situation): Decision {
  const { declarations, reading } = situation;
  const recorded = entriesByKey(situation.ledger);
  const declared = new Set(declarations.flatMap(({ userAssigned }) => [...userAssigned.keys()]));
  const entries: Entry[] = [];
  const made: ArmKey[] = [];
  const attach: IdentityRef[] = [];
  const detach: IdentityRef[] = [];
  const foreign: IdentityRef[] = [];
  const surplus: SurplusIdentity[] = [];
  const notes: Note[] = [];
  const reattached: ReattachNote[] = [];
  const steps: Pick<Step, 'needsGet' | 'lookAgainAt'>[] = [];
  const exclusive = declarations.some(isExclusiveOn(reading.scaleSet));
  const brake = new Brake(situation.brakes);

  for (const [key, resourceId] of spellings(situation)) {
    const entry = recorded.get(key);
    const facts = identityFacts(situation, key, entry);
    const reattach = reattachFactsOf(situation, key, entry);
    const step = brake.onIdentity(facts, { key, resourceId }, (known) => identityStep(known, entry, reattach));
    steps.push(step);
    if (step.record !== undefined) entries.push({ resourceId, ...step.record });
    if (step.record !== undefined && entry === undefined) made.push(key);
    if (step.write === 'attach') attach.push({ key, resourceId });
    if (step.write === 'detach') detach.push({ key, resourceId });
    if (step.note !== undefined && entry) notes.push({ resourceId, what: step.note, members: entry.for });
    if (step.reattach !== undefined && entry) reattached.push({ resourceId, what: step.reattach, members: entry.for });
    if (!facts.live) continue;
    if (step.record === undefined && !declared.has(key)) foreign.push({ key, resourceId });
    const isOurs = step.record !== undefined && step.note !== 'orphan';
    if (!exclusive || isOurs || facts.wanted || facts.held || facts.untouchable) continue;
    surplus.push({ key, resourceId, declaredIn: namespacesDeclaring(key, declarations) });
  }

  const beyond = beyondEntries(entries.length - made.length, made, declarations);
  const recordedSystem = situation.ledger?.systemAssigned;
  const system = judgeSystemAssigned(declarations, recordedSystem);
  const systemStep = brake.onSystemAssigned(systemFacts(situation, system));
  steps.push(systemStep);
  if (systemStep.note !== undefined && recordedSystem) {
    notes.push({ resourceId: 'systemAssigned', what: systemStep.note, members: recordedSystem.for });
  }
  const systemAssigned = systemWrite(situation, system, systemStep, brake);
  const nowIso = new Date(situation.now).toISOString();
  const wait = nextWait(sorted(surplus), situation.ledger?.exclusive, situation.exclusive, nowIso);
  const surplusGoesAt = wait && endOf(wait, situation.exclusive);
  const ready = readyToDetach(surplus, wait, situation.exclusive, situation.now);
  const due = ready.filter(({ key }) => situation.remembered(key).detachable);
  if (situation.writable) detach.push(...brake.onSurplus(due));
  const { heldBack } = brake;
  const narrowsByList = reading.source === 'list' && (systemAssigned === 'off' || detach.length > 0);
  const needsGet = narrowsByList || steps.some((step) => step.needsGet);
  const waits = ready.length > 0 ? [] : [surplusGoesAt];
  const times = [...steps.map((step) => step.lookAgainAt), ...waits].filter((time) => time !== undefined);
  return {
    needsGet,
    ...(times.length > 0 ? { lookAgainAt: Math.min(...times) } : {}),
    delta: { attach: sorted(attach.filter(({ key }) => !beyond.has(key))), detach: sorted(detach), systemAssigned },
    ledger: nextLedger(situation, withoutKeys(entries, beyond), systemStep, foreign, wait),
    system,
    foreign: foreign.map(({ key }) => key),
    surplus: sorted(surplus),
    ...(surplusGoesAt === undefined ? {} : { surplusGoesAt }),
    notes,
    reattached,
    ...(heldBack === undefined ? {} : { heldBack }),
  };
}

/**
 * Every identity that there is something to say about, in the same order each time: spelled as the ledger spells it, else
 * as Azure does, else as a binding does that is acted on.
 */
function spellings({ declarations, ledger, reading }: Situation): ReadonlyMap<ArmKey, string> {
  const wanted = declarations.flatMap((declaration) =>
    [...declaration.userAssigned].filter(([key]) => isActiveFor(declaration, key)),
  );
  const known = [...wanted, ...reading.scaleSet.identity.userAssigned, ...entriesByKey(ledger)];
  const named = new Map(known.map(([key, { resourceId }]) => [key, resourceId]));
  return new Map([...named].toSorted(([a], [b]) => compare(a, b)));
}

function common(situation: Situation): Pick<Facts, 'byGet' | 'terminal' | 'readAt' | 'now' | 'writable'> {
  const { reading } = situation;
  return {
    byGet: reading.source === 'get',
    terminal: isTerminal(reading.scaleSet.provisioningState),
    readAt: reading.at,
    now: new Date(situation.now).toISOString(),
    writable: situation.writable,
  };
}

function identityFacts(situation: Situation, key: ArmKey, entry: Entry | undefined): Facts {
  const { declarations } = situation;
  const wanting = declarations.filter(
    (declaration) => declaration.userAssigned.has(key) && isActiveFor(declaration, key),
  );
  const recorded = entry?.for ?? [];
  const { detachable, ...rest } = situation.remembered(key);
  return {
    ...common(situation),
    ...(entry === undefined ? {} : { record: { phase: entryPhase(entry.phase), since: entry.since, for: recorded } }),
    members: membership(recorded, declarations, (declaration, isMember) =>
      standingForIdentity(declaration, key, isMember),
    ),
    live: situation.reading.scaleSet.identity.userAssigned.has(key),
    wanted: wanting.length > 0,
    held: isHeld(key, recorded, declarations, isExclusiveOn(situation.reading.scaleSet)),
    adopt: wanting.some(({ userAssigned, grants }) => userAssigned.get(key)?.adopt === true && grants.adopt(key)),
    untouchable: situation.untouchable(key),
    ...rest,
    // Who is not wanted can only be detached.
    writable: situation.writable && (wanting.length > 0 || detachable),
  };
}

function reattachFactsOf(situation: Situation, key: ArmKey, entry: Entry | undefined): ReattachFacts {
  const { declarations, now, reading } = situation;
  const namesOnly = reading.scaleSet.namesOnly === true;
  const consent = { entry, declarations, untouchable: situation.untouchable(key), namesOnly, now };
  return reattachFacts(key, consent, situation.reattaching(key));
}

/** What is being reattached is told by `reattach.ts`. */
function entryPhase(phase: EntryPhase): Phase {
  return phase === 'Reattaching' ? 'Attached' : phase;
}

const SYSTEM_PHASES = { Enabling: 'Attaching', Enabled: 'Attached', Disabling: 'Detaching' } as const;
const RECORDED_PHASES = { Attaching: 'Enabling', Attached: 'Enabled', Detaching: 'Disabling' } as const;

function systemFacts(situation: Situation, system: SystemVerdict): Facts {
  const entry = situation.ledger?.systemAssigned;
  const { detachable, ...memory } = situation.remembered('systemAssigned');
  const flexible = situation.reading.scaleSet.orchestrationMode === 'Flexible';
  return {
    ...common(situation),
    ...(entry === undefined
      ? {}
      : { record: { phase: SYSTEM_PHASES[entry.phase], since: entry.since, for: entry.for } }),
    members: membership(entry?.for ?? [], situation.declarations, standingForSystem),
    live: situation.reading.scaleSet.identity.systemAssigned !== undefined,
    wanted: system.desired === 'on',
    held: system.desired === 'held',
    adopt: false,
    untouchable: situation.systemUntouchable,
    ...memory,
    attachable: memory.attachable && !flexible,
    writable: situation.writable && (system.desired === 'on' || detachable),
  };
}

function systemWrite(situation: Situation, system: SystemVerdict, step: Step, brake: Brake): Delta['systemAssigned'] {
  if (step.write === 'attach') return 'on';
  if (step.write === 'detach') return 'off';
  const isOn = situation.reading.scaleSet.identity.systemAssigned !== undefined;
  const mayTurnOff = situation.writable && situation.remembered('systemAssigned').detachable;
  const turnsOff = system.desired === 'off' && isOn && mayTurnOff && !situation.systemUntouchable;
  return turnsOff && brake.letsTurnOff() ? 'off' : 'asLive';
}

function nextLedger(
  situation: Situation,
  entries: readonly Entry[],
  systemStep: Step,
  foreign: readonly IdentityRef[],
  exclusive: ExclusiveWait | undefined,
): Ledger {
  const { scaleSet } = situation.reading;
  const operation = situation.ledger?.operation;
  const uniqueId = scaleSet.uniqueId ?? situation.ledger?.uniqueId;
  return {
    scaleSetId: situation.ledger?.scaleSetId ?? situation.scaleSetId,
    ...(uniqueId === undefined ? {} : { uniqueId }),
    entries: entries.toSorted((a, b) => compare(armKey(a.resourceId), armKey(b.resourceId))),
    ...(systemStep.record === undefined ? {} : { systemAssigned: systemEntry(systemStep.record) }),
    ...(operation === undefined ? {} : { operation }),
    ...(exclusive === undefined ? {} : { exclusive }),
    foreign: sorted(foreign)
      .map(({ resourceId }) => resourceId)
      .slice(0, MAX_FOREIGN),
  };
}

function systemEntry(record: NonNullable<Step['record']>): SystemEntry {
  return { phase: RECORDED_PHASES[record.phase], since: record.since, for: record.for };
}

function withoutKeys(entries: readonly Entry[], keys: ReadonlySet<ArmKey>): readonly Entry[] {
  return keys.size === 0 ? entries : entries.filter(({ resourceId }) => !keys.has(armKey(resourceId)));
}

function sorted<T extends IdentityRef>(refs: readonly T[]): readonly T[] {
  return refs.toSorted((a, b) => compare(a.key, b.key));
}

/** Of keys, which are all different: by code unit, the same order everywhere. */
function compare(a: ArmKey, b: ArmKey): number {
  return a < b ? -1 : 1;
}
