/**
 * Identities of ours that others keep taking off. To put one back each time at once would be a fight between two machines,
 * on a scale set that never comes to rest: from the third time in an hour on it is put back ever more slowly.
 */
import { undoneByOthers } from '../identity/drift.ts';
import type { Delta } from '../identity/patch.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { Complaint, IdentityVerdict } from '../identity/view.ts';
import { CONTESTED, firstAfter, step } from './backoff.ts';
import { type Contest, type IntentKey, intentsOf, type SetMemory } from './memory.ts';
import { mayResetAt } from './refusals.ts';
import { fingerprintOf, identityFingerprint, type Subject } from './subject.ts';

/** Removals in an hour from which on the next return waits. */
const FROM_REMOVALS = 3;
const HOUR_MS = 60 * 60_000;

/**
 * Others took these off, as a look at the scale set has just shown.
 * @returns those of them whose return is put off
 */
export function noteRemoved(subject: Subject, keys: readonly IntentKey[], now: number): readonly IntentKey[] {
  const { contests } = subject.memory;
  for (const [key, contest] of contests) if (isOver(contest, now)) contests.delete(key);
  return keys.filter((key) => {
    const contest = withRemoval(contests.get(key), now, fingerprintFor(subject, key));
    contests.set(key, contest);
    return contest.until !== undefined;
  });
}

function withRemoval(before: Contest | undefined, now: number, fingerprint: string): Contest {
  const { removals: earlier = [], total: times = 0, waits: waited = 0 } = before ?? {};
  const removals = [...earlier.filter((time) => now - time < HOUR_MS), now];
  const waits = waited > 0 || removals.length >= FROM_REMOVALS ? waited + 1 : 0;
  return {
    removals,
    total: times + 1,
    waits,
    fingerprint,
    ...(waits === 0 ? {} : { until: now + step(CONTESTED, waits) }),
  };
}

/** An hour has gone by without a removal; one in which it was kept from being put back does not count. */
function isOver({ removals, waits, backSince = Number.POSITIVE_INFINITY }: Contest, now: number): boolean {
  const since = waits > 0 ? backSince : (removals.at(-1) ?? 0);
  return now - since >= HOUR_MS;
}

/**
 * What is not missed any more is back, whoever put it there.
 * @param missed what the scale set does not show of what is ours
 */
export function noteBack({ contests }: SetMemory, missed: ReadonlySet<IntentKey>, now: number): void {
  for (const [key, contest] of contests) {
    if (missed.has(key) || contest.backSince !== undefined) continue;
    const { until: _over, ...rest } = contest;
    contests.set(key, { ...rest, backSince: now });
  }
}

/**
 * Whether what a list shows gone may be contested: then only the scale set itself tells, before anything is sent.
 * A list is else proven by the write that it feeds, which would be one too many.
 */
export function mayBeContested({ memory, ledger }: Subject, scaleSet: LiveScaleSet): boolean {
  const { contests, missed } = memory;
  return undoneByOthers(ledger?.spec, scaleSet).some((key) => {
    const { removals = [], waits = 0 } = contests.get(key) ?? {};
    return !missed.has(key) && (waits > 0 || removals.length + 1 >= FROM_REMOVALS);
  });
}

/**
 * Whether an identity may be attached, as far as others leave it alone.
 * @param mayReset whether a spec change may end its wait early in this pass
 */
export function mayReturn(subject: Subject, key: IntentKey, now: number, mayReset: boolean): boolean {
  const contest = subject.memory.contests.get(key);
  if (contest?.until === undefined || contest.until <= now) return true;
  return mayReset && isCutShort(subject, key, contest);
}

/** What is about to be attached before its time has used up the spec changes of the next minute. */
export function noteEarlyReturns({ memory }: Subject, delta: Delta, startedAt: number): void {
  const isEarly = intentsOf(delta).some((key) => (memory.contests.get(key)?.until ?? startedAt) > startedAt);
  if (isEarly) memory.resetAt = Math.max(memory.resetAt, startedAt);
}

/** When the next return is due, in epoch milliseconds; one that is due already waits for something else. */
export function nextReturn(subject: Subject, now: number): number | undefined {
  const times = [...subject.memory.contests].flatMap(([key, contest]) => {
    if (contest.until === undefined) return [];
    return isCutShort(subject, key, contest) ? [contest.until, mayResetAt(subject)] : [contest.until];
  });
  return firstAfter(now, times);
}

const SYSTEM = 'systemAssigned';

/** How an identity stands whose return waits; undefined for any other. */
export function contestedVerdict({ contests }: SetMemory, key: IntentKey): IdentityVerdict | undefined {
  const contest = contests.get(key);
  if (contest?.until === undefined) return undefined;
  return {
    state: 'Pending',
    reason: 'Contested',
    message: messageOf(contest, contest.until),
    nextAttemptAt: contest.until,
  };
}

/** The same of the system-assigned identity. */
export function contestedSystem(memory: SetMemory): Complaint | undefined {
  const message = contestedVerdict(memory, SYSTEM)?.message;
  return message === undefined ? undefined : { reason: 'Contested', message: `System-assigned identity: ${message}` };
}

/** Said as of the last removal, and with a time: a message that ticks would be written for ever. */
function messageOf({ removals: { length: recent }, total }: Contest, until: number): string {
  const often =
    recent === total
      ? `${String(recent)} times in the last hour`
      : `${String(total)} times, ${String(recent)} of them in the last hour`;
  return (
    `others have taken it off ${often}, so it is attached again only at ${new Date(until).toISOString()}: ` +
    'find who else writes to the scale set (its activity log tells), or take it out of the binding'
  );
}

function isCutShort(subject: Subject, key: IntentKey, { fingerprint }: Contest): boolean {
  return fingerprint !== fingerprintFor(subject, key);
}

/** Of the bindings that declare it. */
function fingerprintFor({ bound }: Subject, key: IntentKey): string {
  if (key !== SYSTEM) return identityFingerprint(bound, key);
  return fingerprintOf(bound.filter(({ declaration }) => declaration.systemAssigned !== 'Unmanaged'));
}
