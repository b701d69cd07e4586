/** What a run with something gone wrong is judged by, beside the one without. */
import { brokenConditions } from './oracles/conditions.ts';
import { differences } from './oracles/end-state.ts';
import { unlawfulChanges } from './oracles/ownership.ts';
import { excessWrites, writeCountsOf } from './oracles/writes.ts';
import type { Run } from './run.ts';
import type { Workload } from './workload.ts';

/** What must hold for every run. */
export function flawsOf(workload: Workload, run: Run): readonly string[] {
  return [
    ...unlawfulChanges(run),
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

/** Of ours: bindings, ledgers, and identities that were not there in the beginning. */
function leftovers({ firstModel, azureChanges, end }: Run): readonly string[] {
  const objects = [...end.keys()].filter((name) => !name.startsWith('scale set '));
  const last = new Map(azureChanges.map(({ before, after }) => [before?.uniqueId ?? after?.uniqueId, after]));
  const identities = [...last].flatMap(([uniqueId, set]) =>
    (set?.userAssigned ?? []).filter((id) => firstModel.get(uniqueId ?? '')?.userAssigned.includes(id) !== true),
  );
  return [...objects, ...identities].map((name) => `left behind: ${name}`);
}
