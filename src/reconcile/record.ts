/** Ownership on record: finalizers first, then the ledger, and only then Azure. */
import { isDeepStrictEqual } from 'node:util';

import type { VmssIdentityBinding } from '../api/types.ts';
import { isNeeded, type Ledger, memberUids, names } from '../identity/ledger.ts';
import type { ClusterPort } from './cluster-port.ts';
import { FinalizersRefused, mayTry, noteRefused, noteTaken, type RefusedForOne } from './refused-by-kubernetes.ts';
import type { BoundBinding, Subject } from './subject.ts';

/**
 * Brings the stored ledger to this state, if it differs: with the finalizers of all it names before, under resourceVersion.
 * @throws FinalizersRefused when it would name bindings that take none: nothing is recorded then
 */
export async function record(
  subject: Subject,
  ledger: Ledger,
  cluster: ClusterPort,
  signal: AbortSignal,
): Promise<void> {
  const before = subject.ledger?.spec;
  if (!isNeeded(ledger)) {
    if (subject.ledger !== undefined) await cluster.deleteLedger(subject.ledger, signal);
    subject.ledger = undefined;
    noteRecorded(subject, before);
    return;
  }
  // Also of who is named already: a manifest without finalizers that replaces a binding takes ours off.
  await finalizeMembers(subject, ledger, cluster, signal);
  if (subject.ledger !== undefined && isDeepStrictEqual(subject.ledger.spec, ledger)) return;
  subject.ledger = await cluster.saveLedger(subject.id.key, subject.ledger, ledger, signal);
  noteRecorded(subject, before);
}

function noteRecorded({ finalized, ledger, memory: { unrecorded } }: Subject, before: Ledger | undefined): void {
  for (const uid of finalized) {
    if (names(ledger?.spec, uid)) unrecorded.delete(uid);
    else if (names(before, uid)) unrecorded.add(uid);
  }
}

async function finalizeMembers(
  subject: Subject,
  ledger: Ledger,
  cluster: ClusterPort,
  signal: AbortSignal,
): Promise<void> {
  const members = memberUids(ledger);
  const refusals: { binding: VmssIdentityBinding; error: Error }[] = [];
  for (const bound of subject.bound) {
    const { uid, deleting } = bound.declaration;
    if (!members.has(uid) || deleting || subject.finalized.has(uid)) continue;
    const error = await tryFinalizer(subject, bound, cluster, signal);
    // One that is named already has lost it by someone's hand: that is not made worse.
    if (error !== undefined && !names(subject.ledger?.spec, uid)) refusals.push({ binding: bound.binding, error });
  }
  if (refusals.length > 0) throw new FinalizersRefused(refusals);
}

/** @returns why the binding takes none, if it does not */
async function tryFinalizer(
  { memory, finalized, now }: Subject,
  bound: BoundBinding,
  cluster: ClusterPort,
  signal: AbortSignal,
): Promise<Error | undefined> {
  const { uid } = bound.declaration;
  if (!mayTry(memory, 'finalizer', bound, now)) return undefined;
  memory.unrecorded.add(uid);
  try {
    await cluster.addFinalizer(bound.binding, signal);
  } catch (error) {
    if (!noteRefused(memory, 'finalizer', bound, error, cluster, now)) throw error;
    return error as Error;
  }
  noteTaken(memory, 'finalizer', bound);
  finalized.add(uid);
  return undefined;
}

/**
 * Takes the finalizer off every binding that the stored ledger no longer names.
 * @returns what Kubernetes refused: trouble with one binding holds up no other
 */
export async function releaseBindings(
  subject: Subject,
  cluster: ClusterPort,
  signal: AbortSignal,
): Promise<readonly RefusedForOne[]> {
  const refused: RefusedForOne[] = [];
  const { memory, now } = subject;
  for (const bound of subject.bound) {
    const { uid } = bound.declaration;
    if (!subject.finalized.has(uid) || names(subject.ledger?.spec, uid)) continue;
    if (!mayTry(memory, 'release', bound, now)) continue;
    try {
      await cluster.removeFinalizer(bound.binding, signal);
      noteTaken(memory, 'release', bound);
      subject.finalized.delete(uid);
    } catch (error) {
      refused.push({
        binding: bound.binding,
        error: error as Error,
        waits: noteRefused(memory, 'release', bound, error, cluster, now),
      });
    }
  }
  // Also of those that went in another way.
  for (const uid of subject.memory.unrecorded) if (!subject.finalized.has(uid)) subject.memory.unrecorded.delete(uid);
  return refused;
}
