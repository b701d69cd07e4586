/**
 * Changes that Azure accepted and that nobody has seen come about: its operation failed, or somebody undid it. What the
 * scale set shows as before is sent again, but not at once: as slowly as what Azure refuses. Identities that are to be
 * attached have books of their own, in `refusals.ts`.
 */
import { entriesByKey } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import { isTerminal, type LiveScaleSet } from '../identity/scale-set.ts';
import type { View } from '../identity/view.ts';
import { firstAfter, REFUSED, step } from './backoff.ts';
import type { AcceptedChange, IntentKey, SetMemory } from './memory.ts';
import { mayResetAt } from './refusals.ts';
import { reattachingIn } from './stale-verdict.ts';
import { fingerprintOf, type Subject } from './subject.ts';

type Goal = AcceptedChange['goal'];

const SYSTEM = 'systemAssigned';

/** Azure accepted a write. */
export function noteAccepted(subject: Subject, { attach, detach, systemAssigned }: Delta, now: number): void {
  const { memory, ledger } = subject;
  const { accepted } = memory;
  const reattaching = reattachingIn(ledger?.spec);
  const note = (key: IntentKey, goal: Goal): void => {
    const before = accepted.get(key);
    const attempts = before?.goal === goal ? before.attempts + 1 : 1;
    if (before !== undefined && before.nextAttemptAt > now) memory.resetAt = Math.max(memory.resetAt, now);
    const nextAttemptAt = now + step(REFUSED, attempts);
    accepted.set(key, { goal, attempts, at: now, nextAttemptAt, fingerprint: fingerprintFor(subject, key) });
  };
  for (const { key } of attach) accepted.delete(key);
  for (const { key } of detach) if (!reattaching.has(key)) note(key, 'gone');
  if (systemAssigned !== 'asLive') note(SYSTEM, systemAssigned === 'on' ? 'there' : 'gone');
}

/** A look at the scale set itself: what has come about needs no second attempt. */
export function noteCameAbout({ accepted }: SetMemory, { provisioningState, identity }: LiveScaleSet): void {
  // While an operation runs, Azure shows what it leads to.
  if (!isTerminal(provisioningState)) return;
  for (const [key, { goal }] of accepted) {
    const isThere = key === SYSTEM ? identity.systemAssigned !== undefined : identity.userAssigned.has(key);
    if (isThere === (goal === 'there')) accepted.delete(key);
  }
}

/** The operation of what was accepted at `startedAt` or later has failed in a way that says when to come again. */
export function hasten({ accepted }: SetMemory, startedAt: number, nextAttemptAt: number): void {
  for (const [key, change] of accepted) if (change.at >= startedAt) accepted.set(key, { ...change, nextAttemptAt });
}

/**
 * Whether a change may be sent, as far as an earlier one to the same end goes.
 * @param mayReset whether a spec change may end the wait early in this pass
 */
export function mayBeSent(subject: Subject, key: IntentKey, goal: Goal, now: number, mayReset: boolean): boolean {
  const before = subject.memory.accepted.get(key);
  if (before?.goal !== goal || before.nextAttemptAt <= now) return true;
  return mayReset && isCutShort(subject, key, before);
}

/** When the next one is due, in epoch milliseconds; one that is due already waits for something else. */
export function nextAttempt(subject: Subject, now: number): number | undefined {
  const times = [...subject.memory.accepted].flatMap(([key, change]) =>
    isCutShort(subject, key, change) ? [change.nextAttemptAt, mayResetAt(subject)] : [change.nextAttemptAt],
  );
  return firstAfter(now, times);
}

/** What the scale set, which is at rest, shows as before. */
export function shownStill({ accepted }: SetMemory): NonNullable<View['shownStill']> {
  return new Map([...accepted].map(([key, { nextAttemptAt }]) => [key, nextAttemptAt]));
}

function isCutShort(subject: Subject, key: IntentKey, { fingerprint }: AcceptedChange): boolean {
  return fingerprint !== fingerprintFor(subject, key);
}

/** Of the bindings that have a say in it: for whom it is on record, who declares it, and who wants all others gone. */
function fingerprintFor({ bound, ledger }: Subject, key: IntentKey): string {
  const record = key === SYSTEM ? ledger?.spec.systemAssigned : entriesByKey(ledger?.spec).get(key);
  const members = new Set(record?.for.map(({ uid }) => uid));
  const concerned = bound.filter(({ declaration: { uid, exclusive, systemAssigned, userAssigned } }) => {
    const declares = key === SYSTEM ? systemAssigned !== 'Unmanaged' : userAssigned.has(key);
    return members.has(uid) || exclusive || declares;
  });
  return fingerprintOf(concerned);
}
