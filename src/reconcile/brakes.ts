/** The operator's own brakes as a pass meets them: see `identity/brakes.ts` for what they hold back. */
import type { Brakes, HeldBack } from '../identity/brakes.ts';
import { sentOnly } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import type { Decision } from '../identity/plan.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { DetachLimit } from './detach-limit.ts';
import type { SetMemory } from './memory.ts';
import type { Subject } from './subject.ts';
import { retracted } from './write.ts';

export interface BrakeTools {
  readonly readOnly: boolean;
  readonly detachLimit: DetachLimit;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How far a decision on this scale set may go. */
export function brakesFor(
  { memory: { dropped } }: Subject,
  { identity }: LiveScaleSet,
  { readOnly, detachLimit, now }: BrakeTools,
): Brakes {
  // What is dead goes first, for without that nothing else does.
  const dead = [...dropped].filter((key) => identity.userAssigned.has(key)).length;
  return { readOnly, detaches: detachLimit.left(now) - dead };
}

/** Keeps in mind what was held back, for the bindings to tell of. */
export function noteHeldBack(
  memory: SetMemory,
  heldBack: HeldBack | undefined,
  { detachLimit, now }: Pick<BrakeTools, 'detachLimit' | 'now'>,
): void {
  memory.heldBack = heldBack;
  if (heldBack?.reason !== 'DetachLimitReached') return;
  detachLimit.noteHeldBack(now);
  const goesOnAt = detachLimit.goesOnAt(now);
  if (goesOnAt !== undefined) memory.heldBack = { ...heldBack, goesOnAt };
}

/** How many identities a write detaches, as the limit counts them. */
export function detachesOf({ detach, systemAssigned }: Delta): number {
  return detach.length + Number(systemAssigned === 'off');
}

/**
 * The decision with all of it held back by the limit: Azure takes no list that names what is dead, and to leave that out
 * is to detach it.
 * @param whole with what has to be left out
 */
export function heldBackWhole(
  subject: Subject,
  decision: Decision,
  whole: Delta,
  tools: Pick<BrakeTools, 'detachLimit' | 'now'>,
): Decision {
  noteHeldBack(subject.memory, { ...whole, reason: 'DetachLimitReached' }, tools);
  const unsent = sentOnly(decision.ledger, subject.ledger?.spec, { attach: [] });
  return { ...decision, ledger: retracted(subject, unsent) };
}
