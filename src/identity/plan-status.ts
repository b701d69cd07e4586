/** `status.plan`: what is about to be done, or would be, as far as the binding may know. */
import type { PlanStatus } from '../api/types.ts';
import { type ArmKey, asciiLower } from './arm-id.ts';
import { type Declaration, isExclusiveInForce } from './declaration.ts';
import { changeOfDefault, warningOf } from './default-identity.ts';
import type { SurplusIdentity } from './exclusive.ts';
import { entriesByKey, isMember, type Ledger } from './ledger.ts';
import { type Delta, type IdentityRef, planPatch, typeOf } from './patch.ts';
import type { LiveScaleSet } from './scale-set.ts';

/** Most identities, and longest request in characters, that the schema takes. */
const MAX_IDENTITIES = 512;
const MAX_REQUEST_LENGTH = 65_536;

/** What is planned for one binding. */
export interface Planned {
  readonly scaleSet: LiveScaleSet;
  /** All of it, whoever may know. */
  readonly delta: Delta;
  /** Of what is detached: what other namespaces declare, and the binding must not be told. */
  readonly hidden: readonly IdentityRef[];
  /** The ids of the identities that the binding may be told to be there; see {@link ownIdentities}. */
  readonly own: ReadonlyMap<ArmKey, string>;
}

export function planStatus({ scaleSet, delta, hidden, own }: Planned): PlanStatus {
  const { identity, namesOnly } = scaleSet;
  const patch = planPatch(identity, delta);
  const change = changeOfDefault(identity, delta);
  const shown = delta.detach.filter((ref) => !hidden.includes(ref));
  // The whole request names what is hidden; in the array shape, all that there is.
  const isTold = patch !== undefined && hidden.length === 0 && namesOnly !== true;
  const request = isTold ? JSON.stringify({ identity: patch.body }) : undefined;
  return {
    type: patch?.body.type ?? typeOf(identity),
    attach: delta.attach.map(({ resourceId }) => resourceId),
    detach: shown.slice(0, MAX_IDENTITIES).map(({ resourceId }) => resourceId),
    warnings: change === undefined ? [] : [warningOf(change, own)],
    ...(request === undefined || request.length > MAX_REQUEST_LENGTH ? {} : { request }),
  };
}

interface Waiting {
  readonly scaleSet?: LiveScaleSet;
  readonly ledger: Ledger | undefined;
  readonly exclusive?: { readonly surplus: readonly SurplusIdentity[]; readonly goesAt?: number };
}

/** What `mode: Exclusive` of this binding is about to detach; undefined when it waits for nothing. */
export function waitingPlan(
  declaration: Declaration,
  { exclusive, scaleSet, ledger }: Waiting,
): PlanStatus | undefined {
  if (exclusive?.goesAt === undefined || scaleSet === undefined || !isExclusiveInForce(declaration)) return undefined;
  const { surplus } = exclusive;
  return planStatus({
    scaleSet,
    delta: { attach: [], detach: surplus, systemAssigned: 'asLive' },
    hidden: hiddenFrom(declaration.namespace, surplus),
    own: ownIdentities(declaration, ledger),
  });
}

/** Those of what is about to be detached that other namespaces declare. */
export function hiddenFrom(namespace: string, surplus: readonly SurplusIdentity[]): readonly SurplusIdentity[] {
  return surplus.filter(({ declaredIn }) => declaredIn.some((other) => other !== namespace));
}

/** What the binding declares with permission, or what was attached for it: what is said of those is its own business. */
export function ownIdentities(declaration: Declaration, ledger: Ledger | undefined): ReadonlyMap<ArmKey, string> {
  const { uid, userAssigned, grants } = declaration;
  const entries = [...entriesByKey(ledger)].filter(([, entry]) => isMember(entry.for, uid));
  const declared = [...userAssigned].filter(([key]) => grants.identity(key));
  return new Map([...entries, ...declared].map(([key, { resourceId }]) => [key, resourceId]));
}

/**
 * The plan as it was told before, if it says the same: Azure does not always spell an id the same way, and that alone is
 * nothing to tell anybody.
 */
export function asToldBefore(plan: PlanStatus, before: PlanStatus | undefined): PlanStatus {
  return before !== undefined && folded(before) === folded(plan) ? before : plan;
}

function folded({ type, attach, detach, warnings, request }: PlanStatus): string {
  return asciiLower(JSON.stringify([type, attach, detach, warnings, request]));
}
