/** What `kubectl`-like tools, Flux and others conclude from a status. */
import type { ObjectWithConditions } from './assert-condition-invariants.ts';

export type Verdict = 'InProgress' | 'Failed' | 'Current' | 'Terminating';

/** The generic algorithm of kstatus (github.com/fluxcd/cli-utils, pkg/kstatus/status/generic.go). */
export function kstatus({ metadata, status }: ObjectWithConditions): Verdict {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const observedGeneration = status?.observedGeneration;
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress';
  for (const condition of status?.conditions ?? []) {
    if (condition.type === 'Reconciling' && condition.status === 'True') return 'InProgress';
    if (condition.type === 'Stalled' && condition.status === 'True') return 'Failed';
  }
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  // An object without conditions counts as current: the reason for the status default of the definition.
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}
