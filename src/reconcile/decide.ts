/** What a pass decides on a reading: the pure decision of `identity/`, fed with what is known and remembered. */
import type { ArmKey } from '../identity/arm-id.ts';
import { ledgerFor } from '../identity/ledger.ts';
import { isProtected } from '../identity/permit.ts';
import { decide, type Decision, type Reading, type Situation, type WriteMemory } from '../identity/plan.ts';
import type { Shown } from '../identity/reattach.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import { mayBeSent } from './accepted.ts';
import { brakesFor, type BrakeTools, noteHeldBack } from './brakes.ts';
import { mayReturn } from './contested.ts';
import { forgetScaleSet, type IntentKey } from './memory.ts';
import { attachHalf } from './reattach.ts';
import { isDue } from './refusals.ts';
import { type Subject, versionsOf } from './subject.ts';
import { isDoubtful } from './verify-names.ts';

/** What is the same for all decisions of one pass, and the time. */
export interface Circumstances extends BrakeTools {
  readonly ownPrincipalId: string;
  readonly startedAt: number;
  /** Whether a spec change may cut waits of identities short. */
  readonly mayReset: boolean;
  /** How long what `mode: Exclusive` detaches has to stand on record before. */
  readonly exclusiveDelayMs: number;
  readonly shown: ReadonlyMap<ArmKey, Shown>;
}

export function decideOn(subject: Subject, reading: Reading, circumstances: Circumstances): Decision {
  const { declarations, ledger, id, memory } = subject;
  const { provisioningState, uniqueId } = reading.scaleSet;
  const { ownPrincipalId, now } = circumstances;
  memory.ownPrincipalId = ownPrincipalId;
  const current = ledgerFor(ledger?.spec, uniqueId);
  // The scale set was created again: what is remembered is about the other one.
  if (current === undefined && ledger !== undefined && reading.source === 'get') forgetScaleSet(memory, uniqueId);
  const decision = decide({
    scaleSetId: id.resourceId,
    now,
    declarations,
    ledger: current,
    reading,
    writable: isTerminal(provisioningState),
    ...untouchables(subject, reading.scaleSet),
    remembered: (key) => remembered(subject, key, reading, circumstances),
    reattaching: (key) => ({ shown: circumstances.shown.get(key) ?? 'unknown', attachHalf: attachHalf(memory, key) }),
    exclusive: { delayMs: circumstances.exclusiveDelayMs, bindings: versionsOf(subject.bound) },
    brakes: brakesFor(subject, reading.scaleSet, circumstances),
  });
  noteHeldBack(memory, decision.heldBack, circumstances);
  return decision;
}

/** What is never detached: what a policy protects, and what the operator itself signs in with. */
export function untouchables(
  { policies, memory: { own, ownPrincipalId } }: Subject,
  { identity }: LiveScaleSet,
): Pick<Situation, 'untouchable' | 'systemUntouchable'> {
  const isOwn = (key: ArmKey): boolean =>
    own.has(key) || (ownPrincipalId !== undefined && identity.userAssigned.get(key)?.principalId === ownPrincipalId);
  return {
    untouchable: (key) => isProtected(policies, key) || isOwn(key),
    systemUntouchable: ownPrincipalId !== undefined && identity.systemAssigned?.principalId === ownPrincipalId,
  };
}

function remembered(
  subject: Subject,
  key: IntentKey,
  { scaleSet }: Reading,
  { startedAt, mayReset }: Circumstances,
): WriteMemory {
  const { memory } = subject;
  const lostRace = memory.lostRaces.has(key);
  const isLeftAlone = mayReturn(subject, key, startedAt, mayReset);
  const maySend = (goal: 'there' | 'gone'): boolean => mayBeSent(subject, key, goal, startedAt, mayReset);
  const detachable = maySend('gone');
  if (key === 'systemAssigned') {
    return { attachable: isLeftAlone && maySend('there'), detachable, refused: false, resend: false, lostRace };
  }
  const refusal = memory.refusals.get(key);
  const live = scaleSet.identity.userAssigned.get(key);
  const works = scaleSet.namesOnly === true ? !isDoubtful(subject, key) : live?.clientId !== undefined;
  return {
    // What is put back for others is not attached for a binding.
    attachable: isDue(subject, key, startedAt, mayReset) && isLeftAlone && !memory.lost.has(key),
    detachable,
    refused: refusal !== undefined && refusal.cause !== 'operation',
    resend: refusal !== undefined && refusal.cause !== 'read' && !works,
    lostRace,
  };
}
