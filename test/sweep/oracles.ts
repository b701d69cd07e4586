/** What a run with something gone wrong is judged by, beside the one without. */
import { brokenConditions } from './oracles/conditions.ts';
import { differences } from './oracles/end-state.ts';
import { unlawfulChanges } from './oracles/ownership.ts';
import { unlawfulRecords } from './oracles/records.ts';
import { excessWrites, isOperator, writeCountsOf } from './oracles/writes.ts';
import type { Run } from './run.ts';
import type { Workload } from './workload.ts';

/** What must hold for every run. */
export function flawsOf(workload: Workload, run: Run): readonly string[] {
  return [
    ...unlawfulChanges(run),
    ...unlawfulRecords(run),
    ...brokenConditions(run),
    ...run.restless.map((write) => `at rest: ${write}`),
    ...run.lines
      .filter(({ level }) => level === 'error')
      .map(({ message, fields }) => `logged: ${message} ${String(fields['error'])}`),
    ...(workload.leavesNothing === true ? leftovers(run) : []),
  ];
}

/** How a run differs from the one in which nothing went wrong, by more than what went wrong explains. */
export function divergences(
  workload: Workload,
  reference: Run,
  run: Run,
  allowed: (what: string) => number,
): readonly string[] {
  return [
    ...flawsOf(workload, run),
    ...differences(reference.end, run.end),
    ...excessWrites(writeCountsOf(reference), writeCountsOf(run), allowed),
  ];
}

/** Of ours: bindings, ledgers, and identities that the operator attached. */
function leftovers({ azureChanges, end }: Run): readonly string[] {
  const objects = [...end.keys()].filter((name) => !name.startsWith('scale set '));
  const attached = new Map<string, string>();
  for (const { by, before, after } of azureChanges) {
    for (const id of before?.userAssigned ?? []) if (after?.userAssigned.includes(id) !== true) attached.delete(id);
    for (const id of after?.userAssigned ?? []) if (before?.userAssigned.includes(id) !== true) attached.set(id, by);
  }
  const ours = [...attached].filter(([, by]) => isOperator(by)).map(([id]) => id);
  return [...objects, ...ours].map((name) => `left behind: ${name}`);
}
