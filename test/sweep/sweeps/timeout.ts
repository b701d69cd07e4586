/** No answer comes to a request, until who asked gives it up: because it never arrived, or though it did, then or later. */
import { bindingsOf } from '../oracles/writes.ts';
import type { Run } from '../run.ts';
import type { Fate } from '../scheduler.ts';
import { isWrite, requestsOf } from '../trace.ts';
import { BINDINGS, LEDGERS, lookedAnew } from './allowances.ts';
import { atRequest } from './at-request.ts';
import type { Allowance, Case, Sweep } from './sweep.ts';

/** Longer than anybody waits for an answer, and within the minute that a request can take to arrive. */
const LATE_MS = 50_000;

interface Loss {
  readonly what: string;
  readonly fate: Fate;
  readonly allowed: Allowance;
}

/** A status tells that a request failed, and the next that it did not. */
const told = (reference: Run): Allowance => ({
  ...lookedAnew(reference),
  [`MODIFIED ${BINDINGS} status`]: 2 * bindingsOf(reference),
});

/**
 * What comes late is looked at as a change by others: a status is written over, in a pass that may tell one thing more of
 * what it comes upon, and a ledger that is created when all is over has nothing in it to do, and goes.
 */
const toldLate = (reference: Run): Allowance => ({
  ...told(reference),
  [`MODIFIED ${BINDINGS} status`]: 3 * bindingsOf(reference),
  [`ADDED ${LEDGERS}`]: 1,
  [`DELETED ${LEDGERS}`]: 1,
});

/** What can become of a read, and of a write. */
const lossesIn = (reference: Run): Readonly<Record<'read' | 'write', readonly Loss[]>> => {
  const allowed = told(reference);
  const lost: Loss = { what: 'never arrives', fate: 'lost', allowed };
  const done: Loss = { what: 'has its effect', fate: 'unheard', allowed };
  const late: Loss = {
    what: 'has its effect late',
    fate: { unheardAfterMs: LATE_MS },
    allowed: toldLate(reference),
  };
  // What a read does is heard, or it is not.
  return { read: [lost], write: [lost, done, late] };
};

export const timeOut: Sweep = {
  // It is given up, waited for, and may be looked at by the next list only.
  recoveryMs: 5 * 60_000,
  counted: 'time-outs',
  says: 'ends the same whichever request nobody hears of again',
  cases: (reference) => {
    const losses = lossesIn(reference);
    return requestsOf(reference).flatMap((line) =>
      losses[isWrite(line) ? 'write' : 'read'].map(({ what, fate, allowed }): Case => ({
        what: `request ${line.request} ${what}`,
        arrange: (world) => atRequest(world, line.request, () => fate),
        allowed,
        ...(line.side === 'K' && { logs: /no answer within \d+ ms/ }),
      })),
    );
  },
  unpruned: (reference) => requestsOf(reference).length * 3,
};
