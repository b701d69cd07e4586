/** Reads and writes of scale sets. */
import type { ScaleSetId } from '../identity/arm-id.ts';
import type { IdentityPatch, LiveScaleSet } from '../identity/scale-set.ts';
import type { ListCursor, ListPage, ListScope, Result, WriteReply } from '../reconcile/azure-port.ts';
import { type Arm, ask, read } from './arm.ts';
import { operationOf } from './operations.ts';
import { nameOfScope, readEntries, readPage } from './pages.ts';
import type { ArmReply } from './request.ts';
import { type Read, usableEtag } from './wire.ts';

export async function getScaleSet(arm: Arm, id: ScaleSetId, signal: AbortSignal): Promise<Result<LiveScaleSet>> {
  const call = { operation: 'get_scale_set', method: 'GET', url: arm.url({ to: 'scaleSet', id }) } as const;
  const result = await ask(arm, call, { scope: id.resourceId, requestIds: [] }, signal);
  return result.ok ? readReply(arm, result.value, id) : result;
}

/**
 * Sends one PATCH of the identity and nothing else.
 * @throws TypeError without an etag that guards: a PATCH states the whole `type`, so an unguarded one could undo what
 * someone else has done since the read
 */
export async function patchIdentity(
  arm: Arm,
  id: ScaleSetId,
  patch: IdentityPatch,
  etag: string,
  signal: AbortSignal,
): Promise<Result<WriteReply>> {
  if (usableEtag(etag) === undefined) throw new TypeError('an identity is not patched without the etag of a read');
  const call = {
    operation: 'patch_identity',
    method: 'PATCH',
    url: arm.url({ to: 'scaleSet', id }),
    body: { identity: patch },
    ifMatch: etag,
  } as const;
  const requestIds = Object.keys(patch.userAssignedIdentities ?? {});
  const result = await ask(arm, call, { scope: id.resourceId, requestIds }, signal);
  return result.ok ? readWriteReply(arm, result.value, id) : result;
}

/** One page of a list; an entry that cannot be read is left out and logged. */
export async function listScaleSets(
  arm: Arm,
  scope: ListScope,
  cursor: ListCursor | undefined,
  signal: AbortSignal,
): Promise<Result<ListPage<LiveScaleSet>>> {
  const first = arm.url({ to: 'scaleSetsOf', ...scope });
  const list = { operation: 'list_scale_sets', first, scope: nameOfScope(scope) } as const;
  return readEntries(arm, await readPage(arm, list, cursor, signal), list.scope, (entry) => arm.readScaleSet(entry));
}

function readReply(arm: Arm, reply: ArmReply, id: ScaleSetId): Result<LiveScaleSet> {
  return read(reply, id.resourceId, (body): Read<LiveScaleSet> => {
    const scaleSet = arm.readScaleSet(body, reply.headers.get('etag'));
    return scaleSet.readable && scaleSet.value.key !== id.key
      ? { readable: false, problem: 'it is about another scale set' }
      : scaleSet;
  });
}

/** What the answer to a PATCH says of how it went. */
export function readWriteReply(arm: Arm, reply: ArmReply, id: ScaleSetId): Result<WriteReply> {
  const operation = operationOf(arm, reply);
  if (operation !== undefined) return { ok: true, value: { state: 'accepted', operation } };
  // A 202 or 204 has nothing to say but that it was taken.
  if (reply.status !== 200 && reply.status !== 201) return { ok: true, value: { state: 'accepted' } };
  const scaleSet = readReply(arm, reply, id);
  if (!scaleSet.ok) return scaleSet;
  return scaleSet.value.provisioningState === 'Succeeded'
    ? { ok: true, value: { state: 'done', scaleSet: scaleSet.value } }
    : { ok: true, value: { state: 'accepted' } };
}
