/** One trustworthy reading of a scale set: from the list where that may do, else by GET. */
import type { ScaleSetId } from '../identity/arm-id.ts';
import type { Reading } from '../identity/plan.ts';
import { hasNoIdentity, type LiveScaleSet } from '../identity/scale-set.ts';
import type { AzurePort, Failure } from './azure-port.ts';
import type { ListedScaleSet } from './inventory.ts';
import type { SetMemory } from './memory.ts';

export type ReadResult =
  { readonly ok: true; readonly reading: Reading } | { readonly ok: false; readonly failure: Failure };

/** How old a list may be when a pass goes by it, in milliseconds; a binding that changes later than that has a GET. */
const USABLE_FOR_MS = 2 * 60_000;

/** How old the first of two reads that agree may be, when the second had to wait for its turn. In milliseconds. */
const AGREES_FOR_MS = 15 * 60_000;

/** Whether a reading is new enough to say that nothing is to be done. */
export function isRecent({ at }: Reading, now: number): boolean {
  return now - at <= USABLE_FOR_MS;
}

/** The list entry, unless it is old, or was asked for before our own last look at or write to the scale set. */
export function usableEntry(memory: SetMemory, listed: ListedScaleSet | undefined, now: number): Reading | undefined {
  if (listed === undefined || listed.at <= memory.touchedAt || now - listed.at > USABLE_FOR_MS) return undefined;
  // What a write came to is compared with the scale set itself.
  if (memory.carried !== undefined || memory.lost.size > 0) return undefined;
  noteSeen(memory, listed.scaleSet);
  const isDoubtful = hasNoIdentity(listed.scaleSet.identity) && !isKnownEmpty(memory, listed.scaleSet);
  return isDoubtful ? undefined : { scaleSet: listed.scaleSet, source: 'list', at: listed.at };
}

/**
 * Reads the scale set itself. A reading without any identity at all is believed only when a second one agrees: a stale
 * read of that kind has had others strip what was there.
 */
export async function getReading(
  id: ScaleSetId,
  memory: SetMemory,
  listed: ListedScaleSet | undefined,
  azure: AzurePort,
  now: () => number,
  signal: AbortSignal,
): Promise<ReadResult> {
  const first = await get(id, memory, azure, now, signal);
  if (!first.ok) return first;
  const { scaleSet } = first.reading;
  const { emptyReadAt = Number.NEGATIVE_INFINITY } = memory;
  memory.emptyReadAt = undefined;
  if (!hasNoIdentity(scaleSet.identity) || isKnownEmpty(memory, scaleSet)) return first;
  const listAgrees = listed !== undefined && hasNoIdentity(listed.scaleSet.identity) && isSameMoment(listed, scaleSet);
  const isSecond = listAgrees || now() - emptyReadAt <= AGREES_FOR_MS;
  const second = isSecond ? first : await get(id, memory, azure, now, signal);
  if (!second.ok && second.failure.kind === 'queued') memory.emptyReadAt = first.reading.at;
  if (second.ok && hasNoIdentity(second.reading.scaleSet.identity))
    memory.emptyVersion = versionOf(second.reading.scaleSet);
  return second;
}

async function get(
  id: ScaleSetId,
  memory: SetMemory,
  azure: AzurePort,
  now: () => number,
  signal: AbortSignal,
): Promise<ReadResult> {
  const at = now();
  const result = await azure.getScaleSet(id, signal);
  // What was not sent has touched nothing.
  if (result.ok || result.failure.kind !== 'queued') memory.touchedAt = now();
  if (!result.ok) return { ok: false, failure: result.failure };
  noteSeen(memory, result.value);
  return { ok: true, reading: { scaleSet: result.value, source: 'get', at } };
}

function isKnownEmpty(memory: SetMemory, scaleSet: LiveScaleSet): boolean {
  const version = versionOf(scaleSet);
  return version !== undefined && memory.emptyVersion === version;
}

/** A version made up from the identities is the same whenever they are: it does not tell that nothing happened between. */
function isSameMoment(listed: ListedScaleSet, scaleSet: LiveScaleSet): boolean {
  const version = versionOf(scaleSet);
  return version !== undefined && scaleSet.namesOnly !== true && versionOf(listed.scaleSet) === version;
}

/** That two reads agreed on nothing being there counts until something is seen there. */
function noteSeen(memory: SetMemory, { identity }: LiveScaleSet): void {
  if (!hasNoIdentity(identity)) memory.emptyVersion = undefined;
}

/** Etags are counted from 1 again when a scale set is created again. */
function versionOf({ uniqueId, etag }: LiveScaleSet): string | undefined {
  return etag === undefined ? undefined : `${uniqueId ?? ''} ${etag}`;
}
