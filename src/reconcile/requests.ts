/**
 * Requests to look again, which anyone who may annotate a binding can make as often as they like: those of one scale set
 * are handled together, and not more often than this allows. The first after a quiet while is handled at once.
 */
import { ABANDON_ANNOTATION, REQUESTED_AT_ANNOTATION } from '../api/types.ts';
import type { Subject } from './subject.ts';

/** In milliseconds. */
const HANDLED_AT_MOST_EVERY_MS = 10_000;

/** In how many milliseconds to come, when nothing has happened but that somebody asked, too soon after the last time. */
export function restOfWait(subject: Subject): number | undefined {
  const { memory, policies, now } = subject;
  const before = memory.lookedAt;
  if (before === undefined || before.requests === requestsOf(subject) || before.state !== stateOf(subject)) {
    return undefined;
  }
  // The policies are the cache's own objects: one that was changed is another.
  if (before.policies.length !== policies.length || policies.some((spec) => !before.policies.includes(spec))) {
    return undefined;
  }
  const until = Math.min(before.handledAt + HANDLED_AT_MOST_EVERY_MS, before.dueAt);
  return until > now ? until - now : undefined;
}

/**
 * Remembers what the pass went by that is over now.
 * @param dueAt when it asked to be begun again, in epoch milliseconds
 */
export function noteLookedAt(subject: Subject, dueAt = Number.POSITIVE_INFINITY): void {
  const { memory, policies, now } = subject;
  const requests = requestsOf(subject);
  const before = memory.lookedAt;
  const handledAt = before?.requests === requests || requests === '' ? before?.handledAt : now;
  memory.lookedAt = {
    state: stateOf(subject),
    policies,
    requests,
    handledAt: handledAt ?? Number.NEGATIVE_INFINITY,
    dueAt,
  };
}

function requestsOf({ bound }: Subject): string {
  return bound
    .flatMap(({ binding: { metadata } }) => {
      const requestedAt = metadata.annotations?.[REQUESTED_AT_ANNOTATION];
      return requestedAt === undefined ? [] : [`${metadata.uid} ${requestedAt}`];
    })
    .toSorted()
    .join('\n');
}

function stateOf({ bound, finalized, ledger }: Subject): string {
  const bindings = bound.map(({ binding: { metadata } }) => {
    const { uid, generation, deletionTimestamp = '', annotations = {} } = metadata;
    return [uid, generation, deletionTimestamp, finalized.has(uid), annotations[ABANDON_ANNOTATION] ?? ''].join(' ');
  });
  return [...bindings.toSorted(), ledger?.metadata.resourceVersion ?? ''].join('\n');
}
