/** The bindings of each scale set, kept up with the watch. */
import type { VmssIdentityBinding } from '../api/types.ts';
import { type ArmKey, armKey, parseScaleSetId, type ScaleSetId } from '../identity/arm-id.ts';

/** The scale set that a binding speaks of. */
export function scaleSetOf(binding: VmssIdentityBinding): ArmKey {
  return armKey(binding.spec.scaleSet.resourceId);
}

/** What binds a scale set: at least one binding, in the order in which they came. */
interface Bound {
  /** The key of the map: a map does not give out its own, and whoever is given this one need not keep a copy. */
  readonly scaleSet: ArmKey;
  readonly bindings: readonly VmssIdentityBinding[];
}

export class BindingIndex {
  readonly #byScaleSet = new Map<ArmKey, Bound>();
  readonly #bySubscription = new Map<string, Set<ArmKey>>();

  /** @returns the scale set's key, as the index holds it */
  put(binding: VmssIdentityBinding): ArmKey {
    const folded = scaleSetOf(binding);
    const { scaleSet, bindings } = this.#byScaleSet.get(folded) ?? this.#begin(folded);
    const at = bindings.findIndex((other) => isOfSameName(other, binding));
    const after = at === -1 ? [...bindings, binding] : bindings.with(at, binding);
    this.#byScaleSet.set(scaleSet, { scaleSet, bindings: after });
    return scaleSet;
  }

  remove(binding: VmssIdentityBinding): void {
    const scaleSet = scaleSetOf(binding);
    const bound = this.#byScaleSet.get(scaleSet);
    if (bound === undefined) return;
    const bindings = bound.bindings.filter((other) => !isOfSameName(other, binding));
    if (bindings.length > 0) this.#byScaleSet.set(scaleSet, { ...bound, bindings });
    else this.#end(scaleSet);
  }

  /** The scale set by the texts that are held here anyway, if it is bound: its key, and a spelling of its id. */
  held(scaleSet: ArmKey): Pick<ScaleSetId, 'key' | 'resourceId'> | undefined {
    const bound = this.#byScaleSet.get(scaleSet);
    const [first] = bound?.bindings ?? [];
    return bound && first && { key: bound.scaleSet, resourceId: first.spec.scaleSet.resourceId };
  }

  of(scaleSet: ArmKey): readonly VmssIdentityBinding[] {
    return this.#byScaleSet.get(scaleSet)?.bindings ?? [];
  }

  inSubscription(subscriptionId: string): readonly ArmKey[] {
    return [...(this.#bySubscription.get(subscriptionId) ?? [])];
  }

  scaleSets(): Iterable<ArmKey> {
    return this.#byScaleSet.keys();
  }

  #begin(scaleSet: ArmKey): Bound {
    const subscription = subscriptionOf(scaleSet);
    const scaleSets = this.#bySubscription.get(subscription) ?? new Set<ArmKey>();
    this.#bySubscription.set(subscription, scaleSets.add(scaleSet));
    return { scaleSet, bindings: [] };
  }

  #end(scaleSet: ArmKey): void {
    this.#byScaleSet.delete(scaleSet);
    const scaleSets = this.#bySubscription.get(subscriptionOf(scaleSet));
    scaleSets?.delete(scaleSet);
    if (scaleSets?.size === 0) this.#bySubscription.delete(subscriptionOf(scaleSet));
  }
}

function isOfSameName({ metadata: a }: VmssIdentityBinding, { metadata: b }: VmssIdentityBinding): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

function subscriptionOf(scaleSet: ArmKey): string {
  const parsed = parseScaleSetId(scaleSet);
  return parsed.ok ? parsed.id.subscriptionId : '';
}
