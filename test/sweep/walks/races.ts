/**
 * A write is judged by what was stored when it was made; what somebody changed in the moment between decision and write, the
 * operator cannot have known. Such a write is lawful when it would have been so at any moment of that time.
 */
import type { AzureChange } from '../azure-model.ts';
import { unlawfulChanges } from '../oracles/ownership.ts';
import type { Run } from '../run.ts';
import { EPOCH_MS } from '../scheduler.ts';
import { DECIDED_BEFORE_MS } from './ownership-history.ts';

/** @returns the flaws without those that such a moment explains */
export function lawfulRaces(run: Run, flaws: readonly string[]): readonly string[] {
  if (flaws.length === 0) return flaws;
  const explained = new Set(run.azureChanges.flatMap((change, index) => explainedProblems(run, change, index)));
  const overtaken = overtakenStatuses(run);
  return flaws.filter((flaw) => !explained.has(flaw) && !overtaken.some((start) => flaw.startsWith(start)));
}

/**
 * Of a spec that was changed while its status was on its way: "the generation of the spec that this status speaks of" tells
 * everybody so.
 */
function overtakenStatuses({ kubeChanges }: Run): readonly string[] {
  const written = kubeChanges.filter(({ subresource }) => subresource === 'status');
  return written.flatMap(({ key, revision, atMs, object, collection }) => {
    const isOvertaken = kubeChanges.some(
      (change) =>
        change.collection === collection &&
        change.key === key &&
        change.revision < revision &&
        change.atMs >= atMs - DECIDED_BEFORE_MS &&
        change.object.metadata.generation === object.metadata.generation &&
        change.previous?.metadata.generation !== object.metadata.generation,
    );
    return isOvertaken ? ['FAIL0007', 'FAIL0008'].map((rule) => `${key} at revision ${revision}: ${rule}`) : [];
  });
}

function explainedProblems(run: Run, change: AzureChange, index: number): readonly string[] {
  const prefix = `step ${change.step}, ${change.by}: `;
  const problemsAt = (revision: number): readonly string[] =>
    unlawfulChanges({
      ...run,
      azureChanges: run.azureChanges.slice(0, index + 1).with(index, { ...change, revision }),
    }).filter((problem) => problem.startsWith(prefix));
  const problems = problemsAt(change.revision);
  if (problems.length === 0) return [];
  const sinceMs = EPOCH_MS + change.virtualMs - DECIDED_BEFORE_MS;
  const moments = run.kubeChanges
    .filter(({ revision, atMs }) => revision <= change.revision && atMs >= sinceMs)
    .map(({ revision }) => revision - 1);
  return problems.filter((problem) => moments.some((revision) => !problemsAt(revision).includes(problem)));
}
