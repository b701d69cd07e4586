/** What a run with something gone wrong is judged by, beside the one without. */
import { brokenConditions } from './oracles/conditions.ts';
import { differences } from './oracles/end-state.ts';
import { leftovers } from './oracles/leftovers.ts';
import { unlawfulChanges } from './oracles/ownership.ts';
import { unlawfulRecords } from './oracles/records.ts';
import { tooSlow } from './oracles/recovery.ts';
import { tooManyRequests } from './oracles/requests.ts';
import { tellsTooMuch } from './oracles/tenancy.ts';
import { excessEvents, excessWrites, writeCountsOf } from './oracles/writes.ts';
import type { Run } from './run.ts';
import type { Allowance } from './sweeps/sweep.ts';
import type { Workload } from './workload.ts';

/** What must hold for every run. */
export function flawsOf(workload: Workload, run: Run): readonly string[] {
  return [
    ...unlawfulChanges(run),
    ...unlawfulRecords(run),
    ...brokenConditions(run),
    ...tellsTooMuch(run),
    ...tooManyRequests(run),
    ...run.restless.map((write) => `at rest: ${write}`),
    ...run.lines
      .filter(({ level }) => level === 'error')
      .map(({ message, fields }) => `logged: ${message} ${String(fields['error'])}`),
    ...(workload.leavesNothing === true ? leftovers(run) : []),
  ];
}

/**
 * How a run differs from the one in which nothing went wrong, by more than what went wrong explains.
 *
 * @param recoveryMs how much longer than the reference it may take, from the last fault on; undefined: any time
 */
export function divergences(
  workload: Workload,
  reference: Run,
  run: Run,
  allowed: Allowance,
  recoveryMs?: number,
): readonly string[] {
  return [
    ...flawsOf(workload, run),
    ...differences(reference.end, run.end),
    ...excessWrites(writeCountsOf(reference), writeCountsOf(run), allowed),
    ...excessEvents(reference, run),
    ...(recoveryMs === undefined ? [] : tooSlow(reference, run, recoveryMs)),
  ];
}
