/** No answer comes to a request, until who asked gives it up: because it never arrived, or though it did, then or later. */
import type { Run } from '../run.ts';
import type { Fate } from '../scheduler.ts';
import { isWrite, requestsOf, type TraceLine } from '../trace.ts';
import { BINDINGS, bindingsOf, LEDGERS, lookedAnew } from './allowances.ts';
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

const lossesOf = (line: TraceLine, reference: Run): readonly Loss[] => {
  const lost = { what: 'never arrives', fate: 'lost', allowed: told(reference) } as const;
  if (!isWrite(line)) return [lost];
  return [
    lost,
    { what: 'has its effect', fate: 'unheard', allowed: told(reference) },
    { what: 'has its effect late', fate: { unheardAfterMs: LATE_MS }, allowed: toldLate(reference) },
  ];
};

export const timeOut: Sweep = {
  // It is given up, waited for, and may be looked at by the next list only.
  recoveryMs: 5 * 60_000,
  counted: 'time-outs',
  says: 'ends the same whichever request nobody hears of again',
  cases: (reference) =>
    requestsOf(reference).flatMap((line) =>
      lossesOf(line, reference).map(({ what, fate, allowed }): Case => ({
        what: `request ${line.request} ${what}`,
        arrange: (world) => {
          world.scheduler.fateOf = ({ request }) => {
            if (request !== line.request) return 'through';
            world.noteFault();
            return fate;
          };
        },
        allowed,
        ...(line.side === 'K' && { logs: /no answer within \d+ ms/ }),
      })),
    ),
  // What a read does is heard, or it is not.
  unpruned: (reference) => requestsOf(reference).length * 3,
};
