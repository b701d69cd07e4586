/** `status.plan`: what is about to be done, as far as this binding may know. */
import type { PlanStatus } from '../api/types.ts';
import { type Declaration, isExclusiveInForce } from './declaration.ts';
import type { SurplusIdentity } from './exclusive.ts';
import { planPatch } from './patch.ts';
import type { View } from './view.ts';

/** Most identities that the schema takes. */
const MAX_IDENTITIES = 512;

/** What `mode: Exclusive` of this binding is about to detach; undefined when it waits for nothing. */
export function waitingPlan(declaration: Declaration, { exclusive, scaleSet }: View): PlanStatus | undefined {
  if (exclusive?.goesAt === undefined || scaleSet === undefined || !isExclusiveInForce(declaration)) return undefined;
  const shown = exclusive.surplus.filter((identity) => mayKnow(identity, declaration.namespace));
  const delta = { attach: [], detach: exclusive.surplus, systemAssigned: 'asLive' } as const;
  const patch = planPatch(scaleSet.identity, delta);
  // The whole request would name what other namespaces declare.
  const isWhole = shown.length === exclusive.surplus.length;
  return {
    type: patch?.body.type ?? 'None',
    attach: [],
    detach: shown.slice(0, MAX_IDENTITIES).map(({ resourceId }) => resourceId),
    warnings: [],
    ...(isWhole && patch !== undefined ? { request: JSON.stringify({ identity: patch.body }) } : {}),
  };
}

/** How many of what is about to be detached only other namespaces declare. */
export function hiddenFrom(namespace: string, surplus: readonly SurplusIdentity[]): number {
  return surplus.filter((identity) => !mayKnow(identity, namespace)).length;
}

function mayKnow({ declaredIn }: SurplusIdentity, namespace: string): boolean {
  return declaredIn.every((other) => other === namespace);
}
