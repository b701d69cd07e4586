/**
 * Whether an identity that was created again under the same name may be detached and attached again: not without the
 * consent of everybody who declares it, and never twice in a day.
 */
import type { ArmKey } from './arm-id.ts';
import { type Declaration, isFrozenByChoice, isPermittedFor } from './declaration.ts';
import type { Entry } from './ledger.ts';

/** What keeps an identity from being reattached. */
export type Obstacle =
  /** Someone else attached it. */
  | 'foreign'
  /** The scale set shows names only: which identity of that name it has, it does not tell. */
  | 'namesOnly'
  /** A policy protects it, or it is the operator's own. */
  | 'untouchable'
  /** A binding that declares it is on Report. */
  | 'report'
  /** A binding that declares it is suspended, or on Observe. */
  | 'held'
  /** It was done less than a day ago. */
  | 'recent';

export interface Consent {
  readonly entry: Pick<Entry, 'reattachedAt'> | undefined;
  readonly declarations: readonly Declaration[];
  readonly untouchable: boolean;
  readonly namesOnly: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** An identity is reattached at most once in this time, in milliseconds: pods lose it for as long as that takes. */
const REATTACH_EVERY_MS = 24 * 60 * 60_000;

/** When it may be reattached again, in epoch milliseconds; undefined when it never was, as far as is known. */
export function reattachableAt(entry: Consent['entry']): number | undefined {
  const at = Date.parse(entry?.reattachedAt ?? '');
  return Number.isNaN(at) ? undefined : at + REATTACH_EVERY_MS;
}

/** What keeps the identity from being reattached; undefined when nothing does. */
export function obstacleTo(
  identity: ArmKey,
  { entry, declarations, untouchable, namesOnly, now }: Consent,
): Obstacle | undefined {
  if (entry === undefined) return 'foreign';
  if (namesOnly) return 'namesOnly';
  if (untouchable) return 'untouchable';
  const declaring = declarations.filter(
    (one) => !one.deleting && one.userAssigned.has(identity) && isPermittedFor(one, identity),
  );
  if (declaring.some(({ reattach }) => !reattach)) return 'report';
  if (declaring.some(isFrozenByChoice)) return 'held';
  return now < (reattachableAt(entry) ?? now) ? 'recent' : undefined;
}

const WHAT = 'it was deleted and created again under the same name: the scale set still has the old one; ';
const BY_HAND = 'detach and attach it to have it work';

const WHY: Readonly<Record<Obstacle, string>> = {
  foreign: `someone else attached it, so that it is not reattached: ${BY_HAND}`,
  namesOnly: `with this api-version staleIdentities: Reattach acts as Report: ${BY_HAND}`,
  untouchable: 'a policy protects it from being detached, so that it is not reattached',
  report: 'another binding that declares it says staleIdentities: Report, so that it is not reattached',
  held: 'a binding that declares it is suspended or on Observe, so that it is not reattached',
  recent: 'it was reattached less than 24 hours before, and is not again until they are over',
};

/**
 * What a binding is told of a stale identity: nothing of other bindings but what keeps it from being reattached.
 * @param reattach whether it asks for it to be reattached
 */
export function staleMessage(reattach: boolean, obstacle: Obstacle | undefined): string {
  if (!reattach) return `${WHAT}${BY_HAND}`;
  return `${WHAT}${obstacle === undefined ? 'it is about to be detached and attached again' : WHY[obstacle]}`;
}
