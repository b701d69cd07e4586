/** Writes that Kubernetes refuses for one binding: it waits by itself, and holds up no other. */
import type { VmssIdentityBinding } from '../api/types.ts';
import type { Logger } from '../telemetry/logger.ts';
import { firstAfter, type Schedule, step } from './backoff.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { RefusedWrite, SetMemory } from './memory.ts';
import { type BoundBinding, fingerprintOf } from './subject.ts';

export type BindingWrite = 'finalizer' | 'status' | 'release';

const WAIT: Schedule = { firstMs: 5000, capMs: 5 * 60_000 };

/** So many times in a row the trouble may be the server's own, which a pass that is begun again gets over. */
const PASSING_ATTEMPTS = 3;

/** What was refused for a binding. */
export interface RefusedForOne {
  readonly binding: VmssIdentityBinding;
  readonly error: Error;
  /** It is tried again by itself; else the whole pass is begun again. */
  readonly waits: boolean;
}

/** Bindings that nothing may be attached for, since they take no finalizer. What was planned counted on them: plan again. */
export class FinalizersRefused extends Error {
  override readonly name = 'FinalizersRefused';
  readonly refusals: readonly Omit<RefusedForOne, 'waits'>[];

  constructor(refusals: FinalizersRefused['refusals']) {
    super('bindings take no finalizer');
    this.refusals = refusals;
  }
}

/** Whether the write may be tried now. */
export function mayTry({ refusedWrites }: SetMemory, what: BindingWrite, bound: BoundBinding, now: number): boolean {
  const refused = refusedWrites.get(keyOf(what, bound));
  return refused === undefined || dueAt(refused, bound) <= now;
}

/**
 * Remembers that Kubernetes did not take the write.
 * @returns whether the binding waits by itself from now on; else the trouble is not known to be the binding's
 */
export function noteRefused(
  { refusedWrites }: SetMemory,
  what: BindingWrite,
  bound: BoundBinding,
  error: unknown,
  cluster: Pick<ClusterPort, 'refusalOf'>,
  now: number,
): boolean {
  const refusal = cluster.refusalOf(error);
  if (refusal === undefined) return false;
  const key = keyOf(what, bound);
  const attempts = (refusedWrites.get(key)?.attempts ?? 0) + 1;
  const waits = refusal === 'lasting' || attempts >= PASSING_ATTEMPTS;
  const waitMs = waits ? step(WAIT, attempts) : 0;
  refusedWrites.set(key, {
    attempts,
    refusedAt: now,
    nextAttemptAt: now + waitMs,
    fingerprint: fingerprintOf([bound]),
  });
  return waits;
}

export function noteTaken({ refusedWrites }: SetMemory, what: BindingWrite, bound: BoundBinding): void {
  refusedWrites.delete(keyOf(what, bound));
}

/** When a write that was refused is due again, in epoch milliseconds. Forgets bindings that are gone. */
export function nextTryAt(
  { refusedWrites }: SetMemory,
  bound: readonly BoundBinding[],
  now: number,
): number | undefined {
  const known = new Map<string, number>();
  for (const one of bound) {
    for (const what of ['finalizer', 'status', 'release'] as const) {
      const refused = refusedWrites.get(keyOf(what, one));
      if (refused !== undefined) known.set(keyOf(what, one), dueAt(refused, one));
    }
  }
  for (const key of refusedWrites.keys()) if (!known.has(key)) refusedWrites.delete(key);
  return firstAfter(now, [...known.values()]);
}

/** A change of the binding may have mended it: it is tried again soon, but not at each of many changes. */
function dueAt({ refusedAt, nextAttemptAt, fingerprint }: RefusedWrite, bound: BoundBinding): number {
  if (fingerprint === fingerprintOf([bound])) return nextAttemptAt;
  return Math.min(nextAttemptAt, refusedAt + WAIT.firstMs);
}

function keyOf(what: BindingWrite, { declaration }: BoundBinding): string {
  return `${what} ${declaration.uid}`;
}

export function tellRefused(logger: Logger, { binding: { metadata }, error }: RefusedForOne): void {
  const { namespace, name } = metadata;
  logger.warn('Kubernetes refuses a write for one binding, which waits by itself', { namespace, name, error });
}

/** Tells of the bindings that wait by themselves. @throws the first of what was refused for any other */
export function throwUnlessWaiting(refused: readonly RefusedForOne[], logger: Logger): void {
  for (const one of refused) if (one.waits) tellRefused(logger, one);
  const other = refused.find(({ waits }) => !waits);
  if (other !== undefined) throw other.error;
}
