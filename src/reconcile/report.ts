/** Says on each binding how it stands: one status write each, and only if it differs. */
import { isDeepStrictEqual } from 'node:util';

import { typeOfChange } from '../api/event-reasons.ts';
import { isReason } from '../api/reasons.ts';
import type { VmssIdentityBinding, VmssIdentityBindingStatus } from '../api/types.ts';
import { names } from '../identity/ledger.ts';
import { composeStatus } from '../identity/status.ts';
import type { View } from '../identity/view.ts';
import type { ClusterPort } from './cluster-port.ts';
import { mayTry, noteRefused, noteTaken, type RefusedForOne } from './refused-by-kubernetes.ts';
import type { Subject } from './subject.ts';

export interface Reported {
  /** When conditions change by time alone, in epoch milliseconds; absent when none does. */
  readonly recomputeAt?: number;
  /** What Kubernetes refused: trouble with one binding holds up no other. */
  readonly refused: readonly RefusedForOne[];
}

/** Writes the statuses that differ, and an event where the reason changed. */
export async function report(
  subject: Subject,
  view: View,
  cluster: ClusterPort,
  signal: AbortSignal,
): Promise<Reported> {
  const times: number[] = [];
  const refused: RefusedForOne[] = [];
  const { memory, now } = subject;
  for (const bound of subject.bound) {
    const { binding, declaration } = bound;
    // What is being deleted and has nothing left to wait for is gone already, or waits for another's finalizer.
    if (declaration.deleting && !names(subject.ledger?.spec, declaration.uid)) continue;
    const { status, recomputeAt } = composeStatus(binding, declaration, view);
    if (recomputeAt !== undefined) times.push(recomputeAt);
    if (isDeepStrictEqual(status, binding.status) || !mayTry(memory, 'status', bound, now)) continue;
    try {
      await cluster.writeStatus(binding, status, signal);
      noteTaken(memory, 'status', bound);
      announceChange(binding, status, view, cluster);
    } catch (error) {
      refused.push({
        binding,
        error: error as Error,
        waits: noteRefused(memory, 'status', bound, error, cluster, now),
      });
    }
  }
  return { ...(times.length === 0 ? {} : { recomputeAt: Math.min(...times) }), refused };
}

function announceChange(
  binding: VmssIdentityBinding,
  status: VmssIdentityBindingStatus,
  { stop }: View,
  cluster: ClusterPort,
): void {
  const before = readyOf(binding.status);
  const after = readyOf(status);
  if (after === undefined || (before?.reason === after.reason && before.status === after.status)) return;
  // Waiting for a turn is no event.
  if (stop?.turn !== undefined && after.reason === stop.reason) return;
  const { reason, message } = after;
  if (!isReason(reason)) return;
  cluster.announce(binding, { type: typeOfChange(after.status, reason), reason, action: 'Reconcile', note: message });
}

function readyOf({
  conditions,
}: VmssIdentityBindingStatus): { reason: string; status: string; message: string } | undefined {
  return conditions?.find(({ type }) => type === 'Ready');
}
