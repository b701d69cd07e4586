/** Waits of a whole scale set: begun by a failure, cut short only by what could have changed its cause. */
import type { Reason } from '../api/reasons.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { View } from '../identity/view.ts';
import type { Random } from '../runtime/clock.ts';
import type { Failure } from './azure-port.ts';
import { contendedWait, type FailedKind, RESET_AT_MOST_EVERY_MS, waitAfter } from './backoff.ts';
import type { ListedScaleSet } from './inventory/subscription-inventory.ts';
import type { Hold, SetMemory } from './memory.ts';
import { turnOf } from './turn.ts';

const REASONS: Readonly<Record<FailedKind, Reason>> = {
  identityRefused: 'IdentityRefused',
  blockedByForeignIdentity: 'BlockedByForeignIdentity',
  notFound: 'ScaleSetNotFound',
  busy: 'ScaleSetBusy',
  changedUnderneath: 'ScaleSetBusy',
  throttled: 'Throttled',
  blockedByAdministrator: 'BlockedByAdministrator',
  notAuthorised: 'AuthorizationFailed',
  credential: 'CredentialUnavailable',
  operatorMisconfigured: 'OperatorMisconfigured',
  transient: 'AzureUnavailable',
  rejected: 'Rejected',
};

/** Failures in a row before a passing trouble is shown on a binding that is Ready. */
const PASSING_ATTEMPTS = 3;
const PASSING_KINDS: ReadonlySet<Hold['kind']> = new Set(['transient', 'throttled', 'queued', 'busy', 'contended']);

export function reasonFor(kind: FailedKind): Reason {
  return REASONS[kind];
}

/**
 * Begins a wait after a failure; the n-th in a row of the same kind waits longer.
 * @param seen the scale set as it was read before the failure, if it was
 */
export function holdAfter(
  failure: Failure & { readonly kind: FailedKind },
  { memory, fingerprint, now, random }: { memory: SetMemory; fingerprint: string; now: number; random: Random },
  seen?: LiveScaleSet,
): Hold {
  const attempts = inARow(memory, failure.kind);
  const hold: Hold = {
    kind: failure.kind,
    reason: reasonFor(failure.kind),
    message: failure.message,
    since: now,
    until: now + waitAfter(failure, attempts, random),
    absolute: failure.retryAfterMs !== undefined,
    fingerprint,
    attempts,
    seen,
    ...(failure.kind === 'blockedByForeignIdentity' ? { inTheWay: failure.identityIds } : {}),
  };
  memory.hold = hold;
  return hold;
}

function inARow({ hold }: SetMemory, kind: Hold['kind']): number {
  const before = hold?.kind === 'queued' ? hold.interrupted : hold;
  return before?.kind === kind ? before.attempts + 1 : 1;
}

/** Begins the wait after writes that others kept overtaking. */
export function holdContended(
  memory: SetMemory,
  fingerprint: string,
  now: number,
  random: Random,
  seen: LiveScaleSet | undefined,
): Hold {
  const hold: Hold = {
    kind: 'contended',
    reason: 'ScaleSetBusy',
    message: 'The scale set was changed by someone else between each reading and writing of it.',
    since: now,
    until: now + contendedWait(random),
    absolute: false,
    fingerprint,
    attempts: inARow(memory, 'contended'),
    seen,
  };
  memory.hold = hold;
  return hold;
}

/**
 * The wait that still stands. A spec change or a request of a binding cuts it short, at most once per
 * {@link RESET_AT_MOST_EVERY_MS}, and never one that Azure asked for. A list ends it that shows a scale set which was not
 * found, or another version of one for which a change was rejected.
 */
export function standingHold(
  memory: SetMemory,
  fingerprint: string,
  now: number,
  listed: ListedScaleSet | undefined,
): Hold | undefined {
  const { hold } = memory;
  if (hold === undefined || hold.until <= now) return undefined;
  if (listed !== undefined && listed.at > hold.since && isOvertaken(hold, listed)) return undefined;
  if (hold.absolute || hold.fingerprint === fingerprint) return hold;
  const resetAt = memory.resetAt + RESET_AT_MOST_EVERY_MS;
  if (resetAt > now) return resetAt < hold.until ? { ...hold, until: resetAt } : hold;
  memory.resetAt = now;
  return undefined;
}

function isOvertaken({ kind, seen }: Hold, { scaleSet }: ListedScaleSet): boolean {
  return kind === 'notFound' || (kind === 'rejected' && seen?.etag !== scaleSet.etag);
}

/** Whether a trouble that passes by itself has not lasted for too long yet. */
export function mayPass(timesInARow: number): boolean {
  return timesInARow < PASSING_ATTEMPTS;
}

/** What a wait says on the bindings. */
export function stopOf(hold: Hold): NonNullable<View['stop']> {
  const passing = PASSING_KINDS.has(hold.kind) && mayPass(hold.attempts);
  const turn = turnOf(hold);
  return { reason: hold.reason, message: hold.message, passing, ...(turn === undefined ? {} : { turn }) };
}
