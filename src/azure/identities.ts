/** Reads of user-assigned identities. */
import type { IdentityId } from '../identity/arm-id.ts';
import type { UserAssignedIdentity } from '../identity/scale-set.ts';
import type { ListCursor, ListPage, ListScope, Result } from '../reconcile/azure-port.ts';
import { type Arm, ask, read } from './arm.ts';
import { nameOfScope, readEntries, readPage } from './pages.ts';
import type { IdentityApiVersion } from './urls.ts';
import { type Read, readUserAssignedIdentity } from './wire.ts';

export async function getIdentity(
  arm: Arm,
  id: IdentityId,
  signal: AbortSignal,
): Promise<Result<UserAssignedIdentity>> {
  const reply = await inKnownVersion(arm, (apiVersion) => {
    const url = arm.url({ to: 'identity', id, apiVersion });
    const call = { operation: 'get_identity', method: 'GET', url } as const;
    return ask(arm, call, { scope: id.resourceId, requestIds: [] }, signal);
  });
  if (!reply.ok) return reply;
  return read(reply.value, id.resourceId, (body): Read<UserAssignedIdentity> => {
    const identity = readUserAssignedIdentity(body);
    return identity.readable && identity.value.key !== id.key
      ? { readable: false, problem: 'it is about another identity' }
      : identity;
  });
}

/** One page of a list; an entry that cannot be read is left out and logged. */
export async function listIdentities(
  arm: Arm,
  scope: ListScope,
  cursor: ListCursor | undefined,
  signal: AbortSignal,
): Promise<Result<ListPage<UserAssignedIdentity>>> {
  const named = nameOfScope(scope);
  const page = await inKnownVersion(arm, (apiVersion) => {
    const first = arm.url({ to: 'identitiesOf', ...scope, apiVersion });
    return readPage(arm, { operation: 'list_identities', first, scope: named }, cursor, signal);
  });
  return readEntries(arm, page, named, readUserAssignedIdentity);
}

/** For clouds that lag behind. */
const OLDER: IdentityApiVersion = '2024-11-30';

async function inKnownVersion<T>(
  arm: Arm,
  request: (apiVersion: IdentityApiVersion) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { version } = arm.identityApi;
  const result = await request(version);
  if (result.ok || result.failure.code !== 'NoRegisteredProviderFound' || version === OLDER) return result;
  arm.identityApi.version = OLDER;
  arm.log.warn('this cloud has no newer api-version of identities, and does not tell where they may be assigned', {
    apiVersion: OLDER,
  });
  return request(OLDER);
}
