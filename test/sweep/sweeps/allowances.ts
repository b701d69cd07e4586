/** What is written on top of what a run without a fault writes, because of the fault. */
import { BINDING, LEDGER } from '../../../src/api/types.ts';
import { leaseDescriptor } from '../../../src/kube/lease.ts';
import { collectionOf } from '../kube/served-kind.ts';
import { ATTEMPTS, bindingsOf, CHANGES } from '../oracles/writes.ts';
import type { Run } from '../run.ts';
import { isAzureWrite, type TraceLine } from '../trace.ts';
import type { Allowance } from './sweep.ts';

export const BINDINGS = collectionOf(BINDING);
export const LEASES = collectionOf(leaseDescriptor);
export const LEDGERS = collectionOf(LEDGER);

/**
 * What one crash explains: the incarnation after it looks at everything anew, writes each status once more on the way, and
 * settles in one more ledger write what the one before had begun. A finalizer that it finds without an entry it takes off,
 * and sets it again when it comes to the entry. It changes nothing in Azure that was changed already. What Azure refused and
 * no status tells yet it has to learn once more: an intent on record, and its retraction, which is one more write a minute
 * later where nobody knows what came of the one before.
 */
export function lookedAnew(reference: Pick<Run, 'kubeChanges' | 'trace'>): Allowance {
  const bindings = bindingsOf(reference);
  const relearned = reference.trace.some(isRefusedWrite) ? 1 : 0;
  return {
    [ATTEMPTS]: 1 + relearned,
    [`MODIFIED ${BINDINGS}`]: 2 * bindings,
    [`MODIFIED ${BINDINGS} status`]: bindings,
    [`MODIFIED ${LEDGERS}`]: 1 + 3 * relearned,
    [`ADDED ${LEDGERS}`]: relearned,
    [`DELETED ${LEDGERS}`]: relearned,
  };
}

export const isRefusedWrite = (line: TraceLine): boolean =>
  isAzureWrite(line) && line.outcome?.startsWith('4') === true;

/**
 * What a leader explains that goes on after another one took over: besides what that one looks at anew, statuses as they
 * were when the first one saw them, which the other one puts right, and a ledger for a write that the fence then stops, so
 * that it is taken back. What it had sent arrives late, and changes nothing any more.
 */
export function deposed(reference: Pick<Run, 'kubeChanges' | 'trace'>): Allowance {
  const anew = lookedAnew(reference);
  return {
    ...anew,
    [`MODIFIED ${BINDINGS} status`]: 3 * bindingsOf(reference),
    [ATTEMPTS]: (anew[ATTEMPTS] ?? 0) + 1,
    [`ADDED ${LEDGERS}`]: 1,
    [`DELETED ${LEDGERS}`]: 1,
  };
}

/**
 * What was done at one time and is seen at two is judged in between: bindings without their policy, and after two minutes
 * for good; one binding without the other, which is another ledger; a scale set that was created anew without what is wanted
 * of it now, so that its ledger and the finalizer go and come again; what one gives up without the other that asks for it,
 * so that an identity does.
 */
export function seenApart(reference: Pick<Run, 'kubeChanges'>): Allowance {
  return {
    [CHANGES]: 2,
    [ATTEMPTS]: 2,
    [`MODIFIED ${BINDINGS}`]: 2,
    [`MODIFIED ${BINDINGS} status`]: 2 * bindingsOf(reference),
    [`MODIFIED ${LEDGERS}`]: bindingsOf(reference),
    [`ADDED ${LEDGERS}`]: 1,
    [`DELETED ${LEDGERS}`]: 1,
  };
}

/** Both at once. */
export const both = (one: Allowance, other: Allowance): Allowance =>
  Object.fromEntries(
    [...Object.keys(one), ...Object.keys(other)].map((what) => [what, (one[what] ?? 0) + (other[what] ?? 0)]),
  );

/** What is seen late is written on top of once more: a status that was true when it was judged, a ledger on the way. */
export const overtaken = (reference: Pick<Run, 'kubeChanges'>): Allowance => ({
  [ATTEMPTS]: 1,
  [`MODIFIED ${BINDINGS}`]: 2,
  [`MODIFIED ${BINDINGS} status`]: 1 + bindingsOf(reference),
  [`MODIFIED ${LEDGERS}`]: 2,
});
