/** Sends one planned PATCH, with ownership on record before it, and says what came of it. */
import { armKey } from '../identity/arm-id.ts';
import type { Ledger } from '../identity/ledger.ts';
import { entriesByKey, retract } from '../identity/ledger.ts';
import type { PlannedPatch } from '../identity/patch.ts';
import type { Reading } from '../identity/plan.ts';
import type { AzurePort, Failure } from './azure-port.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { Reservation } from './detach-limit.ts';
import { intentsOf, type OperationInFlight, type SetMemory } from './memory.ts';
import { begin } from './operations.ts';
import { record } from './record.ts';
import { postpone } from './refusals.ts';
import { noteTakenAlone } from './rejected-write.ts';
import type { Subject } from './subject.ts';
import { noteSuccess } from './verify-names.ts';

export interface WriteTools {
  readonly azure: AzurePort;
  readonly cluster: ClusterPort;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export type Written =
  /** Done and verified: the reply counts as a GET. Without a reading only a GET can verify it. */
  | { readonly state: 'done'; readonly reading: Reading | undefined }
  /** Accepted; the operation is in the memory too. */
  | { readonly state: 'accepted'; readonly operation: OperationInFlight }
  /** Certainly without effect. */
  | { readonly state: 'refused'; readonly failure: Failure }
  | { readonly state: 'outcomeUnknown'; readonly failure: Failure };

/**
 * Records the intent, sends the PATCH under If-Match, and keeps the books of what is known about its outcome.
 * @param intent what the ledger has to say before the PATCH is sent
 * @param reserved for what it detaches; given back when it certainly had no effect
 */
export async function write(
  subject: Subject,
  intent: Ledger,
  patch: PlannedPatch,
  etag: string,
  reserved: Reservation,
  tools: WriteTools,
): Promise<Written> {
  const { memory } = subject;
  noteNewIntents(subject, intent);
  const operation = { startedAt: new Date(tools.now()).toISOString() };
  try {
    await record(subject, { ...intent, operation }, tools.cluster, tools.signal);
  } catch (error) {
    reserved.giveBack();
    throw error;
  }
  const sentAt = tools.now();
  let reply: Awaited<ReturnType<AzurePort['patchIdentity']>>;
  try {
    reply = await tools.azure.patchIdentity(subject.id, patch.body, etag, tools.signal);
  } catch (error) {
    forgetIntents(memory, patch);
    memory.lostTrack = true;
    throw error;
  }
  memory.touchedAt = tools.now();
  if (!reply.ok) {
    if (reply.failure.hadNoEffect) reserved.giveBack();
    return failed(memory, patch, reply.failure);
  }
  forgetIntents(memory, patch);
  for (const { key } of patch.delta.attach) postpone(subject, key, tools.now());
  memory.preconditionFailures = 0;
  noteTakenAlone(memory);
  if (reply.value.state === 'accepted') {
    memory.operation = begin(patch, etag, reply.value.operation, tools.now());
    memory.owesGet = true;
    return { state: 'accepted', operation: memory.operation };
  }
  noteSuccess(
    memory,
    patch.delta.attach.map(({ key }) => key),
  );
  const { scaleSet } = reply.value;
  return { state: 'done', reading: scaleSet && { scaleSet, source: 'get', at: sentAt } };
}

function failed(memory: SetMemory, patch: PlannedPatch, failure: Failure): Written {
  if (!failure.hadNoEffect) {
    forgetIntents(memory, patch);
    memory.lostTrack = true;
    return { state: 'outcomeUnknown', failure };
  }
  if (failure.kind === 'changedUnderneath') {
    for (const key of intentsOf(patch.delta)) if (memory.cleanIntents.has(key)) memory.lostRaces.add(key);
  }
  return { state: 'refused', failure };
}

/** The ledger without the intents whose every write is known to have had no effect; the caller records it. */
export function retracted(subject: Subject, ledger: Ledger): Ledger {
  const { cleanIntents } = subject.memory;
  const keys = new Set([...entriesByKey(ledger).keys()].filter((key) => cleanIntents.has(key)));
  const system = cleanIntents.has('systemAssigned');
  cleanIntents.clear();
  return retract(ledger, keys, system);
}

/** An intent that this very pass makes has no writes behind it whose outcome could be unknown. */
function noteNewIntents({ memory, ledger }: Subject, next: Ledger): void {
  const before = entriesByKey(ledger?.spec);
  for (const entry of next.entries) {
    const key = armKey(entry.resourceId);
    if (entry.phase === 'Attaching' && before.get(key)?.phase !== 'Attaching') memory.cleanIntents.add(key);
  }
  const isNew = next.systemAssigned?.phase === 'Enabling' && ledger?.spec.systemAssigned?.phase !== 'Enabling';
  if (isNew) memory.cleanIntents.add('systemAssigned');
}

function forgetIntents(memory: SetMemory, patch: PlannedPatch): void {
  for (const key of intentsOf(patch.delta)) {
    memory.cleanIntents.delete(key);
    memory.lostRaces.delete(key);
  }
}
