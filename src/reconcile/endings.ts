/** How a pass ends that cannot settle anything: Azure is at work, or has to be waited for. */
import type { Reading } from '../identity/plan.ts';
import type { Failure } from './azure-port.ts';
import { holdAfter, holdContended } from './hold.ts';
import type { Hold, OperationInFlight } from './memory.ts';
import type { PassFrame, PassResult } from './pass-frame.ts';
import { holdForTurn } from './turn.ts';
import { type Begun, inFlightView, waitingView } from './views.ts';

/** Azure works on a write of ours. */
export function endInFlight(frame: PassFrame, operation: OperationInFlight, begun?: Begun): PassResult {
  return {
    view: inFlightView(frame.subject, operation, frame.tools.now(), begun),
    lookAgainAt: operation.nextLookAt,
    ...(begun === undefined ? {} : { decision: begun.decision }),
  };
}

/** The scale set could not be read; that it is gone is believed only when two reads say so. */
export function endUnread(frame: PassFrame, failure: Failure): PassResult {
  const { memory } = frame.subject;
  const at = frame.tools.now();
  if (failure.kind === 'notFound') memory.notFound = { firstAt: memory.notFound?.firstAt ?? at, lastAt: at };
  return endFailed(frame, failure);
}

/** @param reading of before the failure; absent when it was the reading that failed */
export function endFailed(frame: PassFrame, failure: Failure, reading?: Reading): PassResult {
  const { memory } = frame.subject;
  const { now, random } = frame.tools;
  const { kind } = failure;
  const context = { memory, fingerprint: frame.fingerprint, now: now(), random };
  if (kind !== 'queued') return endWaiting(frame, holdAfter({ ...failure, kind }, context, reading?.scaleSet));
  // What a change of the spec was to cut short is cut short when the turn has come.
  memory.resetAt = frame.resetAt;
  return endWaiting(frame, holdForTurn(failure, context, reading, frame.looks.answered()));
}

/** Others kept overtaking our writes. */
export function endContended(frame: PassFrame, reading: Reading | undefined): PassResult {
  const { now, random } = frame.tools;
  return endWaiting(frame, holdContended(frame.subject.memory, frame.fingerprint, now(), random, reading?.scaleSet));
}

export function endWaiting(frame: PassFrame, hold: Hold): PassResult {
  return { view: waitingView(frame.subject, hold, frame.tools.now()), lookAgainAt: hold.until };
}
