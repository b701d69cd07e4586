/**
 * Waiting for a turn under Azure's limits: no failure, nothing that counts as one, and nothing to tell anybody while it
 * is short. A scale set that waits keeps what it has read, so that nothing is asked twice for the wait's sake.
 */
import type { Reading } from '../identity/plan.ts';
import type { Answered } from './answered.ts';
import type { Failure } from './azure-port.ts';
import type { Hold, SetMemory } from './memory.ts';

/** No binding tells of a wait that is shorter than this as a whole, in milliseconds. */
const QUIET_MS = 30_000;

/**
 * Begins, or goes on with, the wait for a turn. It ends exactly when the turn comes.
 * @param reading that the next pass goes on with, and what it need not ask again
 */
export function holdForTurn(
  { kind, message, retryAfterMs = 0 }: Failure,
  { memory, fingerprint, now }: { memory: SetMemory; fingerprint: string; now: number },
  reading: Reading | undefined,
  answered?: Answered,
): Hold {
  const before = memory.hold;
  const goesOn = before?.kind === 'queued';
  const hold: Hold = {
    kind,
    reason: 'Throttled',
    // Which limit it is may change from one step to the next: that is not worth telling again.
    message: goesOn && turnOf(before) === 'later' ? before.message : message,
    since: goesOn ? before.since : now,
    until: now + retryAfterMs,
    absolute: true,
    fingerprint,
    attempts: 0,
    seen: reading?.scaleSet,
    reading,
    answered,
    interrupted: goesOn ? before.interrupted : before && { kind: before.kind, attempts: before.attempts },
  };
  memory.hold = hold;
  return hold;
}

/** The reading that a wait for a turn has kept, once, if it has an etag to guard the write that it is used for. */
export function takeReading(memory: SetMemory): Reading | undefined {
  const { hold } = memory;
  if (hold?.reading?.scaleSet.etag === undefined) return undefined;
  memory.hold = { ...hold, reading: undefined };
  return hold.reading;
}

/** `soon`: the whole wait is so short that nobody is told. */
export function turnOf({ kind, since, until }: Hold): 'soon' | 'later' | undefined {
  if (kind !== 'queued') return undefined;
  return until - since < QUIET_MS ? 'soon' : 'later';
}
