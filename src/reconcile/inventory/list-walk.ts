/**
 * One list, from its first page to its last. A page that fails is asked for again; nothing is believed of a list that was
 * not read to its end.
 */
import type { ArmKey } from '../../identity/arm-id.ts';
import type { Clock, Random } from '../../runtime/clock.ts';
import type { Failure, FailureKind, ListCursor, ListPage, Result } from '../azure-port.ts';
import { jitter, waitAfter } from '../backoff.ts';

/** An entry of a list. */
export interface Listed<T> {
  readonly value: T;
  /** When the request for its page was sent, in epoch milliseconds: what happened later it does not know. */
  readonly at: number;
}

export type Walk<T> =
  | { readonly state: 'whole'; readonly entries: ReadonlyMap<ArmKey, Listed<T>>; readonly pages: number }
  /** The operator may not list there. */
  | { readonly state: 'refused'; readonly failure: Failure }
  | {
      readonly state: 'givenUp';
      readonly failure: Failure;
      /** Azure asked to wait until then, in epoch milliseconds. */
      readonly notBefore?: number;
    };

export interface ListWalk<T extends { readonly key: ArmKey }> {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly page: (cursor: ListCursor | undefined, signal: AbortSignal) => Promise<Result<ListPage<T>>>;
  /** What is to be kept of an entry; undefined when it is of no use. */
  readonly keep: (entry: T) => T | undefined;
  /** Called after each page that came. */
  readonly moved: () => void;
}

/** A list that takes longer is given up: its first entries would be too old when it became whole. In milliseconds. */
export const LONGEST_WALK_MS = 5 * 60_000;
/** Times that one walk begins anew, because its cursor is refused or its pages lead in a circle. */
const MAX_RESTARTS = 2;

const REFUSALS: ReadonlySet<FailureKind> = new Set(['notAuthorised', 'blockedByAdministrator']);
/** Another try would be answered the same. */
const FINAL: ReadonlySet<FailureKind> = new Set(['rejected', 'operatorMisconfigured']);

/** Reads a list. Throws only when the signal aborts. */
export async function walkList<T extends { readonly key: ArmKey }>(walk: ListWalk<T>): Promise<Walk<T>> {
  const { clock, random, signal } = walk;
  const endsAt = clock.now() + LONGEST_WALK_MS;
  let restarts = 0;
  let failures = 0;
  let state = begin<T>();
  for (;;) {
    const at = clock.now();
    if (at > endsAt) return { state: 'givenUp', failure: broken('ListTookTooLong', 'it took too long') };
    const reply = await walk.page(state.cursor, signal);
    if (!reply.ok) {
      const { failure } = reply;
      if (REFUSALS.has(failure.kind)) return { state: 'refused', failure };
      // A group that is gone holds nothing; what is bound in it is looked for by itself.
      if (failure.kind === 'notFound' && state.cursor === undefined) return whole(state);
      if (FINAL.has(failure.kind)) return { state: 'givenUp', failure };
      // A wait for a turn is no failure.
      if (failure.kind !== 'queued') failures += 1;
      const waitMs = waitFor(failure, failures, random);
      const isTold = failure.retryAfterMs !== undefined;
      if (clock.now() + waitMs > endsAt) {
        return { state: 'givenUp', failure, ...(isTold ? { notBefore: clock.now() + waitMs } : {}) };
      }
      await clock.sleep(waitMs, signal);
      continue;
    }
    failures = 0;
    walk.moved();
    if (reply.value.state === 'page') {
      take(state, reply.value.entries, at, walk);
      const { next } = reply.value;
      if (next === undefined) return whole(state);
      if (!state.seen.has(next)) {
        state.seen.add(next);
        state.cursor = next;
        continue;
      }
    }
    if (restarts >= MAX_RESTARTS)
      return { state: 'givenUp', failure: broken('BrokenList', 'it never came to its end') };
    restarts += 1;
    state = begin();
    await clock.sleep(waitFor(broken('BrokenList', ''), restarts, random), signal);
  }
}

interface Progress<T> {
  cursor: ListCursor | undefined;
  readonly seen: Set<ListCursor>;
  readonly entries: Map<ArmKey, Listed<T>>;
  pages: number;
}

function begin<T>(): Progress<T> {
  return { cursor: undefined, seen: new Set(), entries: new Map(), pages: 0 };
}

function take<T extends { readonly key: ArmKey }>(
  state: Progress<T>,
  entries: readonly T[],
  at: number,
  { keep }: Pick<ListWalk<T>, 'keep'>,
): void {
  state.pages += 1;
  for (const entry of entries) {
    const value = keep(entry);
    if (value !== undefined) state.entries.set(value.key, { value, at });
  }
}

function whole<T>({ entries, pages }: Progress<T>): Walk<T> {
  return { state: 'whole', entries, pages };
}

/** Refusals to answer in a row after which a wait that was told is not trusted alone. */
const TRUSTED = 2;

/** As long as was told, where anything was told; it grows when that does not help. */
function waitFor(failure: Failure, attempts: number, random: Random): number {
  const { kind, retryAfterMs } = failure;
  if (kind === 'queued') return retryAfterMs ?? 0;
  if (retryAfterMs === undefined) return waitAfter({ kind }, attempts, random);
  if (attempts > TRUSTED) return waitAfter({ kind, retryAfterMs }, attempts - TRUSTED, random);
  return jitter(retryAfterMs, random);
}

function broken(code: string, problem: string): Failure {
  const message = `The list cannot be used: ${problem}.`;
  return { kind: 'transient', code, message, identityIds: [], hadNoEffect: true };
}
