/**
 * Writes in the array shape. Each replaces the whole list of identities and Azure guards none of them, so the scale set
 * is read once more right before: what is written is what is there at that moment, but for what is to change.
 */
import type { ScaleSetId } from '../identity/arm-id.ts';
import { identities } from '../identity/naming.ts';
import { MAX_IDENTITIES_PER_REQUEST } from '../identity/patch.ts';
import { type IdentityPatch, isTerminal } from '../identity/scale-set.ts';
import type { Failure, FailureKind, Result, WriteReply } from '../reconcile/azure-port.ts';
import { type Arm, ask } from './arm.ts';
import { messageFor } from './messages.ts';
import { getScaleSet, readWriteReply } from './scale-sets.ts';
import { identityArray } from './wire-array.ts';

/**
 * Sends one PATCH of the whole identity, unless it is not what the patch was planned from.
 * @param version of the read that it was planned from
 * @throws TypeError without one
 */
export async function replaceIdentity(
  arm: Arm,
  id: ScaleSetId,
  patch: IdentityPatch,
  version: string,
  signal: AbortSignal,
): Promise<Result<WriteReply>> {
  if (version === '') throw new TypeError('an identity is not replaced without the version of a read');
  const now = await getScaleSet(arm, id, signal);
  // The write itself has not been sent.
  if (!now.ok) return { ok: false, failure: { ...now.failure, hadNoEffect: true } };
  const { provisioningState, etag, identity } = now.value;
  if (!isTerminal(provisioningState)) return unsent(id, 'busy', provisioningState);
  if (etag !== version) return unsent(id, 'changedUnderneath', 'ReadAgain');
  const whole = identityArray(identity, patch);
  const names = whole.identityIds?.length ?? 0;
  if (names > MAX_IDENTITIES_PER_REQUEST) return unsent(id, 'rejected', 'TooManyIdentities', tooMany(id, names));

  const call = {
    operation: 'patch_identity',
    method: 'PATCH',
    url: arm.url({ to: 'scaleSet', id }),
    body: { identity: whole },
  } as const;
  // What is not of the delta is others' or stands as it did: a refusal for its sake is not about what was asked.
  const requestIds = Object.keys(patch.userAssignedIdentities ?? {});
  const result = await ask(arm, call, { scope: id.resourceId, requestIds }, signal);
  if (!result.ok) return { ok: false, failure: aboutTheList(result.failure, id) };
  const reply = readWriteReply(arm, result.value, id);
  // The reply shows what was sent; what someone else's write made of it at the same moment, only another read does.
  return reply.ok && reply.value.state === 'done' ? { ok: true, value: { state: 'done' } } : reply;
}

/** What the list has to carry, others may have attached: dead ones, and those that the operator may not assign. */
function aboutTheList(failure: Failure, { resourceId }: ScaleSetId): Failure {
  if (failure.kind !== 'blockedByForeignIdentity') return failure;
  const message =
    `Azure refuses every change of ${resourceId} because of ${identities(failure.identityIds.length)} on it, which a write has to name in this ` +
    'api-version: deleted, or the operator has no right to assign them (role Managed Identity Operator).';
  return { ...failure, message };
}

function unsent(
  { resourceId }: ScaleSetId,
  kind: FailureKind,
  code: string,
  message = messageFor({ kind, code, scope: resourceId, identityIds: [] }),
): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { kind, code, message, identityIds: [], hadNoEffect: true } };
}

function tooMany({ resourceId }: ScaleSetId, names: number): string {
  return (
    `${resourceId} would have ${String(names)} user-assigned identities; in this api-version a write names all of them, ` +
    `and Azure takes ${String(MAX_IDENTITIES_PER_REQUEST)} in one request: use an --arm-api-version from 2023-09-01 on.`
  );
}
