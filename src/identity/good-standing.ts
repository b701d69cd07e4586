/** What a binding says from which nothing keeps: that it has what it declares or, if it only observes, what would be done. */
import type { VmssIdentityBinding } from '../api/types.ts';
import type { Declaration } from './declaration.ts';
import { changesIn } from './preview.ts';
import type { Complaint, View } from './view.ts';

export function standingOf(
  binding: VmssIdentityBinding,
  { observe, uid, userAssigned }: Declaration,
  { previews }: View,
): Complaint {
  if (!observe) return { reason: 'Assigned', message: assigned(userAssigned.size) };
  const preview = previews?.get(uid);
  // Nothing was found out: it stands as it did.
  if (preview === undefined) return asBefore(binding);
  const changes = changesIn(preview);
  if (changes === undefined) return IN_SYNC;
  return { reason: 'WouldChange', message: `With managementPolicy: Manage, ${changes}: see status.plan.` };
}

const IN_SYNC = {
  reason: 'InSync',
  message: 'The scale set is as the binding declares: with managementPolicy: Manage, nothing would be done.',
} as const;

function asBefore({ status }: VmssIdentityBinding): Complaint {
  const before = status.conditions?.find(({ type }) => type === 'Ready');
  return before?.reason === 'WouldChange' ? { reason: 'WouldChange', message: before.message } : IN_SYNC;
}

function assigned(count: number): string {
  return count === 1 ? '1 identity is assigned.' : `${String(count)} identities are assigned.`;
}
