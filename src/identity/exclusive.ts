/**
 * `mode: Exclusive`: what no binding declares is detached, but not before the list of it has stood for a while, on record,
 * so that whoever depends on one of them can declare it.
 */
import { type ArmKey, armKey, asciiLower } from './arm-id.ts';
import { type Declaration, isExclusiveInForce } from './declaration.ts';
import type { ExclusiveWait } from './ledger.ts';
import type { IdentityRef } from './patch.ts';
import type { LiveScaleSet } from './scale-set.ts';

/** An identity on the scale set that no binding declares or may keep. */
export interface SurplusIdentity extends IdentityRef {
  /** Namespaces of bindings that declare it all the same, without permission. */
  readonly declaredIn: readonly string[];
}

/** What may restart or end the wait. */
export interface ExclusiveRules {
  /** How long the list has to stand, in milliseconds; 0: what is surplus goes at once. */
  readonly delayMs: number;
  /** Every binding of the scale set that is not being deleted, as `uid/generation`, sorted. */
  readonly bindings: readonly string[];
}

/** Most identities, and most bindings, that the ledger's schema takes. */
const MAX_IDENTITIES = 512;
const MAX_BINDINGS = 256;

const AKS_TAG = 'aks-managed-';

/** AKS runs the scale set: the identity of its kubelets may lie in any resource group, and taking it away stops the nodes. */
export function isAksManaged({ tagNames }: Pick<LiveScaleSet, 'tagNames'>): boolean {
  return tagNames.some((name) => asciiLower(name).startsWith(AKS_TAG));
}

/** Whether the binding's Exclusive counts on this scale set. */
export function isExclusiveOn(scaleSet: Pick<LiveScaleSet, 'tagNames'>): (declaration: Declaration) => boolean {
  const refused = isAksManaged(scaleSet);
  return (declaration) => !refused && isExclusiveInForce(declaration);
}

/** The namespaces that declare an identity. */
export function namespacesDeclaring(identity: ArmKey, declarations: readonly Declaration[]): readonly string[] {
  const declaring = declarations.filter(({ deleting, userAssigned }) => !deleting && userAssigned.has(identity));
  return [...new Set(declaring.map(({ namespace }) => namespace))];
}

/**
 * The wait that the ledger has to hold. It goes on while every identity in question has stood in it from the beginning
 * and no binding is new or changed; else, and where its beginning is still to come, it begins anew.
 * @param now as written into `since`
 */
export function nextWait(
  surplus: readonly IdentityRef[],
  recorded: ExclusiveWait | undefined,
  { bindings }: ExclusiveRules,
  now: string,
): ExclusiveWait | undefined {
  // So many that a change of one could not be told: nothing is ever detached for such a crowd.
  if (surplus.length === 0 || bindings.length > MAX_BINDINGS) return undefined;
  const listed = surplus.slice(0, MAX_IDENTITIES);
  const stood = new Set((recorded?.detach ?? []).map((id) => armKey(id)));
  const goesOn =
    recorded !== undefined &&
    // The clock of another process may be ahead of this one's.
    Date.parse(recorded.since) <= Date.parse(now) &&
    listed.every(({ key }) => stood.has(key)) &&
    recorded.bindings.length === bindings.length &&
    recorded.bindings.every((binding, index) => binding === bindings[index]);
  const detach = listed.map(({ resourceId }) => resourceId);
  return goesOn ? { ...recorded, detach } : { detach, since: now, bindings };
}

/** When what a wait lists may be detached, in epoch milliseconds. */
export function endOf(wait: ExclusiveWait, { delayMs }: ExclusiveRules): number {
  return Date.parse(wait.since) + delayMs;
}

/** What may be detached now, of what is surplus: nothing that has not stood on record for the whole delay. */
export function readyToDetach(
  surplus: readonly SurplusIdentity[],
  wait: ExclusiveWait | undefined,
  rules: ExclusiveRules,
  nowMs: number,
): readonly SurplusIdentity[] {
  if (wait === undefined || endOf(wait, rules) > nowMs) return [];
  const listed = new Set(wait.detach.map((id) => armKey(id)));
  return surplus.filter(({ key }) => listed.has(key));
}
