/** Whether the system-assigned identity was the operator's to turn on or off. */
import type { Deed } from './deed.ts';
import {
  isActive,
  isFrozen,
  isLeaving,
  isMember,
  isOrphan,
  mayTurnOff,
  mayTurnOn,
  type Members,
  nameOf,
  renouncersOf,
  type View,
} from './sets.ts';

export function systemAssignedFlaws(view: View, { before, after, ledger, ledgerBefore }: Deed): readonly string[] {
  if (before.systemAssigned === after.systemAssigned) return [];
  const entry = ledger?.systemAssigned;
  const recorded = [...(entry?.for ?? []), ...(ledgerBefore?.systemAssigned?.for ?? [])];
  if (after.systemAssigned) {
    return [
      ...(entry === undefined ? ['turned on system-assigned without a record'] : []),
      ...(entry?.phase === 'Disabling' ? ['turned on system-assigned, on record as Disabling'] : []),
      ...(enablersOf(view).length === 0 ? ['turned on system-assigned for nobody who asks for it and may'] : []),
    ];
  }
  const why = [
    ...enablersOf(view).map((binding) => `${nameOf(binding)} has it on`),
    ...holdersOf(view, recorded).map((binding) => `${nameOf(binding)} holds it`),
    ...(isDisabled(view) ? [] : whyNotTakeBack(view, entry, recorded)),
  ];
  return why.map((reason) => `turned off system-assigned: ${reason}`);
}

const enablersOf = (view: View) =>
  view.bindings.filter(
    (binding) => binding.spec.systemAssigned === 'Enabled' && isActive(view, binding) && mayTurnOn(view, binding),
  );

/** `Enabled` by one that is frozen, or on record for one that nothing is done for. */
const holdersOf = (view: View, recorded: Members) =>
  view.bindings.filter((binding) => {
    if (isLeaving(binding)) return false;
    const asks = binding.spec.systemAssigned === 'Enabled';
    if (asks && isFrozen(binding) && mayTurnOn(view, binding)) return true;
    return isMember(binding, recorded) && (!isActive(view, binding) || (asks && !mayTurnOn(view, binding)));
  });

const isDisabled = (view: View): boolean =>
  view.bindings.some(
    (binding) => binding.spec.systemAssigned === 'Disabled' && isActive(view, binding) && mayTurnOff(view, binding),
  );

/** Without anybody who asks for it to be off, it goes with the last binding it was turned on for, by deletion alone. */
function whyNotTakeBack(
  view: View,
  entry: { readonly phase: string; readonly for: Members } | undefined,
  recorded: Members,
): readonly string[] {
  if (entry === undefined) return ['there was no record of it, and nobody asks for it who may'];
  const members = view.bindings.filter((binding) => isMember(binding, entry.for));
  return [
    ...(entry.phase === 'Disabling' ? [] : [`it was on record as ${entry.phase}`]),
    ...(isOrphan(view, entry.for) ? ['nobody is there any more whom it was turned on for'] : []),
    ...members
      .filter((binding) => !isLeaving(binding) || !mayTurnOff(view, binding))
      .map((binding) => `${nameOf(binding)} may not have it turned off`),
    ...renouncersOf(view, recorded).map((binding) => `${nameOf(binding)} has renounced it`),
  ];
}
