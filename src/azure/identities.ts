/** Reads of user-assigned identities. */
import type { IdentityId } from '../identity/arm-id.ts';
import type { UserAssignedIdentity } from '../identity/scale-set.ts';
import type { Result } from '../reconcile/azure-port.ts';
import { type Arm, ask, read } from './arm.ts';
import { listAll } from './pages.ts';
import { allows } from './permissions.ts';
import { type Read, readUserAssignedIdentity } from './wire.ts';

const ASSIGN_ACTION = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

export async function getIdentity(
  arm: Arm,
  id: IdentityId,
  signal: AbortSignal,
): Promise<Result<UserAssignedIdentity>> {
  const call = { operation: 'get_identity', method: 'GET', url: arm.url({ to: 'identity', id }) } as const;
  const reply = await ask(arm, call, { scope: id.resourceId, requestIds: [] }, signal);
  if (!reply.ok) return reply;
  return read(reply.value, id.resourceId, (body): Read<UserAssignedIdentity> => {
    const identity = readUserAssignedIdentity(body);
    return identity.readable && identity.value.key !== id.key
      ? { readable: false, problem: 'it is about another identity' }
      : identity;
  });
}

/** The caller's effective permissions on the identity, all pages: a role on a later one may be the one that allows it. */
export async function mayAssign(arm: Arm, id: IdentityId, signal: AbortSignal): Promise<Result<boolean>> {
  const url = arm.url({ to: 'permissionsOn', id });
  const permissions = await listAll(arm, 'get_permissions', url, id.resourceId, signal);
  return permissions.ok ? { ok: true, value: allows(permissions.value, ASSIGN_ACTION) } : permissions;
}
