/** Sends a request when it is its turn, and learns from the reply. */
import type { Failure } from '../../reconcile/azure-port.ts';
import type { ArmCall } from '../call.ts';
import type { ArmOutcome, ArmReply, SendArm } from '../request.ts';
import type { Budgets, Turn } from './budgets.ts';
import type { BudgetLog } from './closures.ts';
import { limitedBy } from './limits.ts';

export type TurnOutcome =
  | Exclude<ArmOutcome, { readonly got: 'reply' }>
  /** `turnInMs`: Azure throttled, and this is how long until such a request has its turn again. */
  | { readonly got: 'reply'; readonly reply: ArmReply; readonly turnInMs?: number }
  /** Its turn under Azure's limits has not come yet, so nothing was sent. */
  | { readonly got: 'queued'; readonly turn: Turn };

/** @throws the signal's reason once it is aborted, and nothing else */
export type SendInTurn = (call: ArmCall, signal: AbortSignal) => Promise<TurnOutcome>;

/** Nothing waits here: a request whose turn has not come is not sent, and answered at once with the time to come again. */
export function sendInTurn(send: SendArm, budgets: Budgets, log: BudgetLog): SendInTurn {
  return async (call, signal) => {
    signal.throwIfAborted();
    const charge = budgets.chargeOf(call);
    const turn = budgets.ask(charge, log);
    if (turn !== undefined) return { got: 'queued', turn };
    const outcome = await send(call, signal);
    if (outcome.got !== 'reply') return outcome;
    const turnInMs = budgets.note(charge, call, outcome.reply, log);
    return turnInMs === undefined ? outcome : { ...outcome, turnInMs };
  };
}

/** What somebody is told whose request has to wait for its turn. */
export function queuedFailure({ waitMs, policy }: Turn): Failure {
  return {
    kind: 'queued',
    code: 'Queued',
    message: `The operator waits for its turn under Azure's limit on ${limitedBy(policy)} (${policy}).`,
    identityIds: [],
    retryAfterMs: waitMs,
    hadNoEffect: true,
  };
}
