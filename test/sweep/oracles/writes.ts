/** How often what was written, by the operator, with effect. */
import type { Run } from '../run.ts';
import type { Allowance } from '../sweeps/sweep.ts';

/** By what was done to which kind of thing. */
export type WriteCounts = ReadonlyMap<string, number>;

/** Leases are renewed for ever, and an event is told once by each incarnation that sees a reason to. */
const UNCOUNTED = /^(?:leases|events)\./;

export function writeCountsOf({ kubeChanges, azureChanges }: Pick<Run, 'kubeChanges' | 'azureChanges'>): WriteCounts {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { by, type, collection, subresource } of kubeChanges) {
    if (isOperator(by) && !UNCOUNTED.test(collection)) count(`${type} ${collection} ${subresource ?? ''}`.trim());
  }
  for (const { by } of azureChanges) if (isOperator(by)) count('scale set');
  return counts;
}

/** What was written more often than in the other run, and than is allowed on top of that. */
export function excessWrites(expected: WriteCounts, found: WriteCounts, allowed: Allowance): readonly string[] {
  return [...found].flatMap(([what, times]) => {
    const most = (expected.get(what) ?? 0) + (allowed[what] ?? 0);
    return times > most ? [`${what}: written ${times} times, and ${most} at most were to be expected`] : [];
  });
}

export const isOperator = (by: string): boolean => by.startsWith('operator-');
