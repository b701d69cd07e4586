import { Refusal } from '../http.ts';
import { findIdentity, scaleSetId } from '../resource-id.ts';
import type { ScaleSet, State } from '../state.ts';
import { whyNotAssignable } from './assignment-restrictions.ts';
import * as errors from './errors.ts';
import { respell } from './id-casing.ts';
import { userAssignedAfter } from './identity-merge.ts';
import type { IdentityChange, NamedIdentity } from './identity-request.ts';

/**
 * The identity service's own look at a change, after ARM and Compute have let it through. It names one identity at a
 * time, however many are bad.
 * @throws Refusal 400 FailedIdentityOperation
 */
export function checkIdentityService(
  state: State,
  set: ScaleSet,
  change: IdentityChange,
  method: 'PATCH' | 'PUT',
): void {
  for (const named of change.named ?? []) {
    const reason = named.value === null ? undefined : whyRefused(state, set, named);
    if (reason !== undefined) throw new Refusal(errors.failedIdentityOperation(scaleSetId(set), reason));
  }
  if (state.settings.deadIdentityBlocksWrites !== 'FailedIdentityOperation') return;
  const [dead] = deadThatStay(set, change, method);
  if (dead === undefined) return;
  const reason = errors.identityReasons.notFound(respell(dead, state.settings.idCasing));
  throw new Refusal(errors.failedIdentityOperation(scaleSetId(set), reason));
}

/** Restrictions are looked at when an identity is put on, not while it stays. */
function whyRefused(state: State, set: ScaleSet, { id, key }: NamedIdentity): string | undefined {
  const identity = findIdentity(state, id);
  const shown = respell(key, state.settings.idCasing);
  if (identity === undefined) return errors.identityReasons.notFound(shown);
  return set.identity.userAssigned.has(id.folded) ? undefined : whyNotAssignable(identity, set, shown);
}

/**
 * Identities that were deleted, or recreated under the same name, after they were assigned, and that the change leaves
 * on the scale set. On some days one of them keeps every other from being put on (Azure/aad-pod-identity#880).
 */
export function deadThatStay(
  set: Pick<ScaleSet, 'identity'>,
  change: IdentityChange,
  method: 'PATCH' | 'PUT',
): readonly string[] {
  const after = change.type.includes('UserAssigned')
    ? [...userAssignedAfter(set.identity.userAssigned, change, method).values()]
    : [];
  return after.filter(({ orphaned }) => orphaned).map(({ key }) => key);
}
