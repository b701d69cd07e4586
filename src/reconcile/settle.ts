/** The end of a pass that has nothing left to send: the ledger follows the reading, and every identity is judged. */
import { withOperation } from '../identity/ledger.ts';
import type { Decision, Reading } from '../identity/plan.ts';
import { isTerminal } from '../identity/scale-set.ts';
import { nextAttempt } from './accepted.ts';
import { busyWait } from './backoff.ts';
import { nextReturn } from './contested.ts';
import { endFailed } from './endings.ts';
import type { PassFrame, PassResult } from './pass-frame.ts';
import { announceReattached } from './reattach.ts';
import { record } from './record.ts';
import { forgetUndeclared, nextDue } from './refusals.ts';
import { reattachingIn } from './stale-verdict.ts';
import { verify } from './verify.ts';
import { settledView } from './views.ts';

/** @param lookAgainAt for a reason of the caller's own, in epoch milliseconds */
export async function settle(
  frame: PassFrame,
  reading: Reading,
  decision: Decision,
  lookAgainAt?: number,
): Promise<PassResult> {
  const { subject, looks } = frame;
  const { memory } = subject;
  const { cluster, roster, signal, now, random } = frame.tools;
  const { scaleSet } = reading;
  const look = scaleSet.namesOnly === true ? looks.recent : looks.fresh;
  const reattaching = reattachingIn(decision.ledger);
  const verdicts = await verify(subject, scaleSet, { look, roster, reattaching, now: now() });
  if (looks.queued !== undefined) return endFailed(frame, looks.queued, reading);
  const isBusy = !isTerminal(scaleSet.provisioningState);
  const hasFailed = [...verdicts.values()].some(({ reason }) => reason === 'OperationFailed');
  if (!isBusy && !hasFailed) memory.failedOperation = undefined;
  if (!isBusy) memory.lostTrack = false;
  const operation = isBusy ? decision.ledger.operation : memory.failedOperation;
  await record(subject, withOperation(decision.ledger, operation), cluster, signal);
  announceReattached(subject, decision.reattached, cluster);
  forgetUndeclared(subject);
  memory.lostRaces.clear();
  memory.hasSettled = true;
  memory.busyLooks = isBusy ? memory.busyLooks + 1 : 0;
  memory.hold = undefined;
  const view = settledView(subject, reading, decision, verdicts, now());
  const times = [
    lookAgainAt,
    decision.lookAgainAt,
    nextDue(subject, now()),
    nextReturn(subject, now()),
    nextAttempt(subject, now()),
    subject.memory.heldBack?.goesOnAt,
    ...[...verdicts.values()].map(({ state, reason, nextAttemptAt }) =>
      (state === 'Pending' && reason !== 'Contested') || state === 'Stale' ? nextAttemptAt : undefined,
    ),
    isBusy ? now() + busyWait(memory.busyLooks, random) : undefined,
  ].filter((time) => time !== undefined);
  return { view, decision, ...(times.length > 0 ? { lookAgainAt: Math.min(...times) } : {}) };
}
