/** What a pass tells the bindings, by how it ended. */
import type { Ledger } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import type { Decision, Reading } from '../identity/plan.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import { judgeSystemAssigned, type SystemVerdict } from '../identity/system-assigned.ts';
import type { View } from '../identity/view.ts';
import { shownStill } from './accepted.ts';
import { contestedSystem } from './contested.ts';
import { mayPass, reasonFor, stopOf } from './hold.ts';
import type { Hold, OperationInFlight } from './memory.ts';
import { OPERATION_DEADLINE_MS } from './operations.ts';
import { previewsOn } from './previews.ts';
import type { Subject } from './subject.ts';
import { asSeen, whileRunning } from './verify.ts';

/** A write that was just accepted, and what it was planned from. */
export interface Begun {
  readonly reading: Reading;
  readonly decision: Decision;
  readonly sent: Delta;
}

/** Nothing is to be found out. */
export function restingView(subject: Subject, now: number): View {
  return { now, ledger: subject.ledger?.spec, verdicts: new Map(), system: systemOf(subject) };
}

/** The whole scale set waits. Bindings that lacked nothing when the wait began lack nothing for its sake. */
export function waitingView(subject: Subject, hold: Hold, now: number): View {
  const view = { ...restingView(subject, now), ...braked(subject), stop: stopOf(hold) };
  if (hold.seen === undefined) return view;
  return { ...view, ...seen(subject, hold.seen, asSeen(subject, hold.seen, now), now) };
}

/** Azure works on a write of ours. */
export function inFlightView(subject: Subject, operation: OperationInFlight, now: number, begun?: Begun): View {
  const { attaches, systemAssigned } = operation;
  const scaleSet = begun?.reading.scaleSet;
  return {
    ...restingView(subject, now),
    ...braked(subject),
    ...(begun && scaleSet ? seen(subject, scaleSet, whileRunning(subject, scaleSet, begun.sent, now), now) : {}),
    ...(operation.timedOut
      ? { stop: timedOut() }
      : { inFlight: { reason: attaches ? 'Assigning' : 'Detaching', systemAssigned } }),
  };
}

/** Nothing is left to be sent now. */
export function settledView(
  subject: Subject,
  { scaleSet }: Reading,
  decision: Decision,
  verdicts: View['verdicts'],
  now: number,
): View {
  const isBusy = !isTerminal(scaleSet.provisioningState);
  // After a restart an operation of ours may still run, though nobody remembers its link.
  const isOurs = decision.ledger.operation !== undefined;
  return {
    now,
    ...seen(subject, scaleSet, verdicts, now),
    ledger: subject.ledger?.spec,
    system: decision.system,
    foreignCount: decision.foreign.length,
    ...braked(subject),
    ...exclusiveOf(decision),
    ...(isBusy ? {} : { shownStill: shownStill(subject.memory) }),
    ...(isBusy && isOurs ? { inFlight: underWay(decision.ledger) } : {}),
    ...(isBusy && !isOurs ? { stop: busy(scaleSet.provisioningState, subject.memory.busyLooks) } : {}),
  };
}

/** What is kept from being done though it was decided on, as far as the last decision goes. */
function braked({ memory }: Subject): Pick<View, 'heldBack' | 'systemContested'> {
  const systemContested = contestedSystem(memory);
  return {
    ...(memory.heldBack === undefined ? {} : { heldBack: memory.heldBack }),
    ...(systemContested === undefined ? {} : { systemContested }),
  };
}

/** What a reading shows, and what would be done on it for those who observe. */
function seen(
  subject: Subject,
  scaleSet: LiveScaleSet,
  verdicts: View['verdicts'],
  now: number,
): Required<Pick<View, 'scaleSet' | 'verdicts' | 'previews'>> {
  return { scaleSet, verdicts, previews: previewsOn(subject, scaleSet, verdicts, now) };
}

function exclusiveOf({ surplus, surplusGoesAt }: Decision): Pick<View, 'exclusive'> {
  if (surplus.length === 0) return {};
  return { exclusive: { surplus, ...(surplusGoesAt === undefined ? {} : { goesAt: surplusGoesAt }) } };
}

function timedOut(): NonNullable<View['stop']> {
  const minutes = String(OPERATION_DEADLINE_MS / 60_000);
  const message = `Azure did not end an operation in ${minutes} minutes; nothing is written until it does.`;
  return { reason: 'OperationTimedOut', message, passing: false };
}

function busy(provisioningState: string, looks: number): NonNullable<View['stop']> {
  const message = `The scale set is ${provisioningState}: nothing is written until that is over.`;
  return { reason: reasonFor('busy'), message, passing: mayPass(looks) };
}

/** What an operation of ours does that only the ledger remembers. */
function underWay({ entries, systemAssigned }: Ledger): NonNullable<View['inFlight']> {
  const turnsOn = systemAssigned?.phase === 'Enabling';
  // What is taken from others, for who is Exclusive, has no entry: it is what is left when nothing is attached.
  const attaches = turnsOn || entries.some(({ phase }) => phase === 'Attaching' || phase === 'Reattaching');
  const system = systemAssigned === undefined ? 'asLive' : systemAssigned.phase === 'Disabling' ? 'off' : 'on';
  return { reason: attaches ? 'Assigning' : 'Detaching', systemAssigned: system };
}

function systemOf({ declarations, ledger }: Subject): SystemVerdict {
  return judgeSystemAssigned(declarations, ledger?.spec.systemAssigned);
}
