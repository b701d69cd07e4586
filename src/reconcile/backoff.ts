/** How long to wait before Azure is asked again, by what went wrong. All in milliseconds. */
import type { Random } from '../runtime/clock.ts';
import type { Failure, FailureKind } from './azure-port.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export interface Schedule {
  readonly firstMs: number;
  readonly capMs: number;
}

/** All but a turn that has not come yet: that is a time, and no failure. */
export type FailedKind = Exclude<FailureKind, 'queued'>;

const SCHEDULES: Readonly<Record<FailedKind | 'contended', Schedule>> = {
  transient: { firstMs: SECOND, capMs: 5 * MINUTE },
  throttled: { firstMs: 5 * SECOND, capMs: 5 * MINUTE },
  busy: { firstMs: 5 * SECOND, capMs: MINUTE },
  changedUnderneath: { firstMs: 15 * SECOND, capMs: 15 * SECOND },
  contended: { firstMs: 15 * SECOND, capMs: 15 * SECOND },
  credential: { firstMs: 5 * SECOND, capMs: 5 * MINUTE },
  notAuthorised: { firstMs: MINUTE, capMs: 30 * MINUTE },
  blockedByAdministrator: { firstMs: 30 * MINUTE, capMs: 30 * MINUTE },
  operatorMisconfigured: { firstMs: 5 * MINUTE, capMs: 5 * MINUTE },
  identityRefused: { firstMs: 5 * MINUTE, capMs: HOUR },
  blockedByForeignIdentity: { firstMs: 5 * MINUTE, capMs: HOUR },
  notFound: { firstMs: 30 * SECOND, capMs: 10 * MINUTE },
  rejected: { firstMs: HOUR, capMs: HOUR },
};

/** Wait of one refused identity before it is written again: 5 min doubling to 1 h. */
export const REFUSED: Schedule = { firstMs: 5 * MINUTE, capMs: HOUR };

/** Wait of an identity that others keep taking off before it is attached again. */
export const CONTESTED: Schedule = { firstMs: 5 * MINUTE, capMs: HOUR };

/** Wait before an identity that a read did not find is looked for again: nothing is written for it. */
export const MISSING: Schedule = { firstMs: 30 * SECOND, capMs: HOUR };

/** A spec change cuts a back-off short at most this often per scale set. */
export const RESET_AT_MOST_EVERY_MS = MINUTE;

/** The second 404 must come this much after the first for the scale set to be gone. */
export const GONE_AFTER_MS = 30 * SECOND;

/** The n-th wait of a schedule, n from 1. */
export function step(schedule: Schedule, attempts: number): number {
  return Math.min(schedule.capMs, schedule.firstMs * 2 ** Math.min(attempts - 1, 30));
}

/** The first of these times that is still to come, in epoch milliseconds; one that has come waits for something else. */
export function firstAfter(now: number, times: readonly number[]): number | undefined {
  const due = times.filter((at) => at > now);
  return due.length === 0 ? undefined : Math.min(...due);
}

/**
 * The wait after the n-th failure in a row, with up to a fifth of jitter on top; never less than Azure asked for. After a
 * throttle it is no more either: each request has a turn of its own then, and no two come at once.
 */
export function waitAfter(
  { kind, retryAfterMs }: Pick<Failure, 'retryAfterMs'> & { readonly kind: FailedKind },
  attempts: number,
  random: Random,
): number {
  if (kind === 'throttled' && retryAfterMs !== undefined) return retryAfterMs;
  return jitter(Math.max(step(SCHEDULES[kind], attempts), retryAfterMs ?? 0), random);
}

export function contendedWait(random: Random): number {
  return jitter(SCHEDULES.contended.firstMs, random);
}

export function busyWait(looks: number, random: Random): number {
  return jitter(step(SCHEDULES.busy, looks), random);
}

/** A wait that is a minimum, and up to a fifth more, so that those that were told the same do not come back together. */
export function jitter(waitMs: number, random: Random): number {
  return Math.ceil(waitMs * (1 + random.next() / 5));
}

/** An interval, give or take a tenth, so that what began together does not go on together. */
export function aroundInterval(intervalMs: number, random: Random): number {
  return intervalMs * (0.9 + random.next() / 5);
}
