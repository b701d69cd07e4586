/** The bindings of each scale set, kept up with the watch. */
import type { VmssIdentityBinding } from '../api/types.ts';
import { type ArmKey, armKey, parseScaleSetId } from '../identity/arm-id.ts';
import { keyOf } from './object.ts';

/** The scale set that a binding speaks of. */
export function scaleSetOf(binding: VmssIdentityBinding): ArmKey {
  return armKey(binding.spec.scaleSet.resourceId);
}

export class BindingIndex {
  readonly #byScaleSet = new Map<ArmKey, Map<string, VmssIdentityBinding>>();
  readonly #bySubscription = new Map<string, Set<ArmKey>>();

  put(binding: VmssIdentityBinding): void {
    const scaleSet = scaleSetOf(binding);
    const bindings = this.#byScaleSet.get(scaleSet) ?? new Map<string, VmssIdentityBinding>();
    bindings.set(keyOf(binding), binding);
    this.#byScaleSet.set(scaleSet, bindings);
    const subscription = subscriptionOf(scaleSet);
    const scaleSets = this.#bySubscription.get(subscription) ?? new Set<ArmKey>();
    scaleSets.add(scaleSet);
    this.#bySubscription.set(subscription, scaleSets);
  }

  remove(binding: VmssIdentityBinding): void {
    const scaleSet = scaleSetOf(binding);
    const bindings = this.#byScaleSet.get(scaleSet);
    bindings?.delete(keyOf(binding));
    if (bindings === undefined || bindings.size > 0) return;
    this.#byScaleSet.delete(scaleSet);
    const scaleSets = this.#bySubscription.get(subscriptionOf(scaleSet));
    scaleSets?.delete(scaleSet);
    if (scaleSets?.size === 0) this.#bySubscription.delete(subscriptionOf(scaleSet));
  }

  has(scaleSet: ArmKey): boolean {
    return this.#byScaleSet.has(scaleSet);
  }

  of(scaleSet: ArmKey): readonly VmssIdentityBinding[] {
    return [...(this.#byScaleSet.get(scaleSet)?.values() ?? [])];
  }

  inSubscription(subscriptionId: string): readonly ArmKey[] {
    return [...(this.#bySubscription.get(subscriptionId) ?? [])];
  }

  scaleSets(): Iterable<ArmKey> {
    return this.#byScaleSet.keys();
  }
}

function subscriptionOf(scaleSet: ArmKey): string {
  const parsed = parseScaleSetId(scaleSet);
  return parsed.ok ? parsed.id.subscriptionId : '';
}
