/** One trustworthy reading of a scale set: from the list where that may do, else by GET. */
import type { ScaleSetId } from '../identity/arm-id.ts';
import type { Reading } from '../identity/plan.ts';
import { hasNoIdentity, isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import type { AzurePort, Failure } from './azure-port.ts';
import type { ListedScaleSet } from './inventory/subscription-inventory.ts';
import type { SetMemory } from './memory.ts';

export type ReadResult =
  { readonly ok: true; readonly reading: Reading } | { readonly ok: false; readonly failure: Failure };

/** How long after a list was whole it may prove that nothing is to be done, in milliseconds; later a GET does. */
const PROVES_FOR_MS = 2 * 60_000;
/**
 * How long it may feed the first write to a scale set, which its etag guards, in milliseconds: when thousands are bound
 * at once, their writes wait for their turn for longer.
 */
const FEEDS_FOR_MS = 15 * 60_000;

/** How old the first of two reads that agree may be, when the second had to wait for its turn. In milliseconds. */
const AGREES_FOR_MS = 15 * 60_000;

/** Whether a reading is new enough to say that nothing is to be done. */
export function isRecent({ at }: Reading, now: number): boolean {
  return now - at <= PROVES_FOR_MS;
}

/** The list's entry, if it was asked for after our own last look at and write to the scale set. */
export function newsOf(memory: SetMemory, listed: ListedScaleSet | undefined): ListedScaleSet | undefined {
  return listed !== undefined && listed.at > memory.touchedAt ? listed : undefined;
}

/** What a list shows, as far as a pass may go by it at all; see {@link isEnough}. */
export function usableEntry(memory: SetMemory, listed: ListedScaleSet | undefined, now: number): Reading | undefined {
  const news = memory.lostTrack || memory.owesGet ? undefined : newsOf(memory, listed);
  // What a write came to is compared with the scale set itself.
  if (memory.carried !== undefined || memory.lost.size > 0) return undefined;
  if (news === undefined || now - news.wholeAt > (memory.hasSettled ? PROVES_FOR_MS : FEEDS_FOR_MS)) return undefined;
  noteSeen(memory, news.scaleSet);
  const isDoubtful = hasNoIdentity(news.scaleSet.identity) && !isKnownEmpty(memory, news.scaleSet);
  return isDoubtful ? undefined : { scaleSet: news.scaleSet, source: 'list', at: news.at };
}

/**
 * Whether a list's entry is enough for what was decided on it: that nothing is to be done, if it is young; else a write,
 * if it has an etag to guard it.
 * @param sends whether anything is to be written
 */
export function isEnough(
  { scaleSet }: Reading,
  listed: ListedScaleSet | undefined,
  sends: boolean,
  now: number,
): boolean {
  if (sends) return scaleSet.etag !== undefined;
  return listed !== undefined && now - listed.wholeAt <= PROVES_FOR_MS;
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
  if (isTerminal(result.value.provisioningState)) memory.owesGet = false;
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
