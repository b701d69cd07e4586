/**
 * A write that Azure rejects without a word about which identity: it may be about one of them, or about the scale set as a
 * whole. Identities are sent one at a time then. One that is taken tells that the scale set is not to blame; three
 * rejections in a row tell that it is, and all of it waits.
 */
import type { Delta, IdentityRef } from '../identity/patch.ts';
import type { Failure } from './azure-port.ts';
import type { SetMemory } from './memory.ts';
import { refuse } from './refusals.ts';
import type { Subject } from './subject.ts';

/** Rejections after which nothing but the scale set can be to blame: of a whole request, and of two identities alone. */
const MOST_IN_A_ROW = 3;
const HOUR_MS = 60 * 60_000;

/** @returns `wait`: the scale set waits as a whole; `sortedOut`: what may be to blame is left out, the rest may go */
export function sortOutRejection(
  subject: Subject,
  { attach }: Delta,
  failure: Failure,
  now: number,
): 'wait' | 'sortedOut' {
  const { memory } = subject;
  const [first, ...more] = attach;
  if (first === undefined) return 'wait';
  if (more.length > 0) {
    memory.isolating = true;
    memory.rejections = 1;
    return 'sortedOut';
  }
  if (wasToBlame(memory, first)) return leaveOut(subject, first, failure, now);
  // The only one that is asked for: nothing tells it from the scale set.
  if (!memory.isolating) return 'wait';
  memory.rejections += 1;
  if (memory.rejections < MOST_IN_A_ROW) return leaveOut(subject, first, failure, now);
  acquit(memory);
  return 'wait';
}

/** While identities go one at a time, one that is taken tells for all of the others that the scale set is not to blame. */
export function noteTakenAlone(memory: SetMemory): void {
  memory.rejections = memory.isolating ? Number.NEGATIVE_INFINITY : 0;
}

function wasToBlame({ refusals }: SetMemory, { key }: IdentityRef): boolean {
  return refusals.get(key)?.reason === 'Rejected';
}

function leaveOut(subject: Subject, { key }: IdentityRef, { message }: Failure, now: number): 'sortedOut' {
  const why = { state: 'Failed', reason: 'Rejected', message, cause: 'refused' } as const;
  refuse(subject, key, now, why, HOUR_MS);
  return 'sortedOut';
}

/** No identity was to blame: all are sent together again when the wait is over. */
function acquit(memory: SetMemory): void {
  memory.rejections = 0;
  memory.isolating = false;
  for (const [key, { reason }] of memory.refusals) if (reason === 'Rejected') memory.refusals.delete(key);
}
