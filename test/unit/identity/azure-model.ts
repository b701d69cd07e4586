/** What Azure's documentation says a PATCH of `identity` does from api-version 2018-06-01 on; throws where it refuses. */
import { armKey } from '../../../src/identity/arm-id.ts';
import { MAX_IDENTITIES_PER_REQUEST } from '../../../src/identity/patch.ts';
import type { IdentityPatch, LiveIdentity } from '../../../src/identity/scale-set.ts';

const TYPES = ['None', 'SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned'];

/** Merges the dictionary, and takes away whatever `type` does not include: that is why every PATCH states it whole. */
export function applyPatch(live: LiveIdentity, { type, userAssignedIdentities }: IdentityPatch): LiveIdentity {
  if (!TYPES.includes(type)) throw new Error(`unknown type ${type}`);
  const withSystem = type.includes('SystemAssigned');
  const withUser = type.includes('UserAssigned');
  const changes = Object.entries(userAssignedIdentities ?? {});
  if (!withUser && userAssignedIdentities !== undefined) throw new Error('identities although the type has none');
  if (changes.length > MAX_IDENTITIES_PER_REQUEST) throw new Error('more than 150 identities in one request');

  const userAssigned = new Map(withUser ? live.userAssigned : []);
  for (const [resourceId, value] of changes) {
    const key = armKey(resourceId);
    const known = userAssigned.get(key);
    if (known !== undefined && known.resourceId !== resourceId) throw new Error(`${resourceId} is spelled otherwise`);
    if (value === null) {
      if (!userAssigned.delete(key)) throw new Error(`${resourceId} is not assigned`);
    } else {
      if (Object.keys(value).length > 0) throw new Error('InvalidIdentityValues');
      userAssigned.set(key, known ?? { resourceId, clientId: `client of ${key}` });
    }
  }
  if (withUser && userAssigned.size === 0) throw new Error('UserAssigned without any');
  return {
    ...(withSystem ? { systemAssigned: live.systemAssigned ?? { principalId: 'a new principal' } } : {}),
    userAssigned,
  };
}
