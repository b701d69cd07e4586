/** What a binding has to say when everything is at rest, where design §2's table leaves no choice. */
import type { ScaleSetSnapshot } from '../../../dev/simulator/control/snapshot.ts';
import type { VmssIdentityBinding } from '../../../src/api/types.ts';
import {
  adopts,
  type Declared,
  isActive,
  isFrozenByChoice,
  isLeaving,
  isMember,
  isPermitted,
  lower,
  mayAdopt,
  policiesFor,
} from './standing.ts';

/** What there is in Azure. */
export interface Azure {
  /** Undefined: gone. */
  readonly scaleSet: ScaleSetSnapshot | undefined;
  /** Ids of all identities. */
  readonly identities: ReadonlySet<string>;
}

/** @returns the reasons of which it has to show one */
export function expectedReasons(declared: Declared, binding: VmssIdentityBinding, azure: Azure): readonly string[] {
  if (binding.spec.suspend) return ['Suspended'];
  if (policiesFor(declared, binding).length === 0) return ['NotPermitted'];
  if (azure.scaleSet === undefined) return ['ScaleSetNotFound'];
  const stalled = stalledReason(declared, binding);
  if (stalled !== undefined) return [stalled];
  const troubles = troublesOf(binding, azure);
  if (binding.spec.managementPolicy === 'Observe') return ['InSync', 'WouldChange', ...troubles];
  return troubles.length > 0 ? troubles.slice(0, 1) : ['Assigned'];
}

function stalledReason(declared: Declared, binding: VmssIdentityBinding): string | undefined {
  const { spec } = binding;
  const policies = policiesFor(declared, binding);
  const allows = (what: (policy: (typeof policies)[0]) => boolean): boolean => policies.some(what);
  const ids = spec.userAssigned.map(({ resourceId }) => lower(resourceId));
  const isDenied =
    ids.some((id) => !isPermitted(declared, binding, id)) ||
    ids.some((id) => adopts(binding, id) && !mayAdopt(declared, binding, id)) ||
    (spec.systemAssigned === 'Enabled' && !allows(({ systemAssigned }) => systemAssigned !== 'Deny')) ||
    (spec.systemAssigned === 'Disabled' && !allows(({ systemAssigned }) => systemAssigned === 'EnableAndDisable')) ||
    (spec.mode === 'Exclusive' && !allows(({ exclusive }) => exclusive === 'Allow'));
  if (isDenied) return 'NotPermitted';
  if (spec.systemAssigned === 'Disabled' && expectedSystem(declared, binding) !== 'off') return 'Conflict';
  return spec.mode === 'Exclusive' && declared.isAks ? 'ExclusiveOnManagedScaleSet' : undefined;
}

/** In the order of the table. */
function troublesOf(binding: VmssIdentityBinding, { scaleSet, identities }: Azure) {
  const ids = binding.spec.userAssigned.map(({ resourceId }) => lower(resourceId));
  const isDead = (id: string): boolean =>
    scaleSet?.userAssigned.some((each) => lower(each.id) === id && each.orphaned) === true;
  return [
    ...(ids.some((id) => !identities.has(id)) ? ['IdentityMissing'] : []),
    ...(ids.some((id) => identities.has(id) && isDead(id)) ? ['StaleIdentity'] : []),
  ];
}

/**
 * "`Enabled` by an active binding → on. Else, `Enabled` by one that is suspended or Observe, or a ledger phase `for` a
 * frozen one → as live. Else an active, permitted `Disabled` → off. Else as live."
 *
 * @param asActive one that counts as active, whatever it says
 */
export function expectedSystem(declared: Declared, asActive?: VmssIdentityBinding): 'on' | 'held' | 'off' | 'as live' {
  const there = declared.bindings.filter((binding) => !isLeaving(binding));
  const allows = (binding: VmssIdentityBinding, ...levels: readonly string[]): boolean =>
    policiesFor(declared, binding).some(({ systemAssigned }) => levels.includes(systemAssigned));
  const counts = (binding: VmssIdentityBinding): boolean => binding === asActive || isActive(declared, binding);
  const enabling = there.filter(
    (binding) => binding.spec.systemAssigned === 'Enabled' && allows(binding, 'Enable', 'EnableAndDisable'),
  );
  if (enabling.some(counts)) return 'on';
  const entry = declared.ledger?.systemAssigned;
  const isFrozenMember = (binding: VmssIdentityBinding): boolean =>
    isMember(entry, binding) &&
    (!counts(binding) || (binding.spec.systemAssigned === 'Enabled' && !enabling.includes(binding)));
  if (enabling.some(isFrozenByChoice) || there.some(isFrozenMember)) return 'held';
  const isDisabled = there.some(
    (binding) => counts(binding) && binding.spec.systemAssigned === 'Disabled' && allows(binding, 'EnableAndDisable'),
  );
  return isDisabled ? 'off' : 'as live';
}
