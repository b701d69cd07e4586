/** Ownership on record: finalizers first, then the ledger, and only then Azure. */
import { isDeepStrictEqual } from 'node:util';

import type { VmssIdentityLedgerSpec } from '../api/types.ts';
import { isNeeded, type Ledger, memberUids, names } from '../identity/ledger.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { Subject } from './subject.ts';

/** Most ids the schema takes in `foreign`. */
const MAX_FOREIGN = 512;

/** Brings the stored ledger to this state, if it differs: with the finalizers of all it names before, under resourceVersion. */
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
  const foreign = ledger.foreign.slice(0, MAX_FOREIGN);
  const wanted: Ledger = { ...ledger, foreign };
  if (subject.ledger !== undefined && isDeepStrictEqual(comparable(subject.ledger.spec), comparable(wanted))) return;
  await finalizeMembers(subject, wanted, cluster, signal);
  subject.ledger = await cluster.saveLedger(subject.id.key, subject.ledger, wanted, signal);
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
  for (const { binding, declaration } of subject.bound) {
    const { uid } = binding.metadata;
    if (!members.has(uid) || declaration.deleting || subject.finalized.has(uid)) continue;
    subject.memory.unrecorded.add(uid);
    await cluster.addFinalizer(binding, signal);
    subject.finalized.add(uid);
  }
}

/**
 * Takes the finalizer off every binding that the stored ledger no longer names.
 * @returns what Kubernetes refused: trouble with one binding holds up no other
 */
export async function releaseBindings(
  subject: Subject,
  cluster: ClusterPort,
  signal: AbortSignal,
): Promise<readonly Error[]> {
  const refused: Error[] = [];
  for (const { binding } of subject.bound) {
    const { uid } = binding.metadata;
    if (!subject.finalized.has(uid) || names(subject.ledger?.spec, uid)) continue;
    try {
      await cluster.removeFinalizer(binding, signal);
      subject.finalized.delete(uid);
    } catch (error) {
      refused.push(error as Error);
    }
  }
  // Also of those that went in another way.
  for (const uid of subject.memory.unrecorded) if (!subject.finalized.has(uid)) subject.memory.unrecorded.delete(uid);
  return refused;
}

/** Fields that are undefined and fields that are not there are the same to the API server. */
function comparable(ledger: Ledger | VmssIdentityLedgerSpec): unknown {
  return JSON.parse(JSON.stringify(ledger));
}
