/**
 * The array shape of a scale set (api-version 2017-12-01) as the domain sees it: `identityIds` is the whole list of its
 * user-assigned identities, in reads and in writes alike. Unreadable is what the dictionary shape has unreadable, and a
 * list that is cut short above all: what is left out of the next write is taken off the scale set.
 */
import { createHash } from 'node:crypto';

import { type ArmKey, armKey, asciiLower } from '../identity/arm-id.ts';
import type {
  IdentityPatch,
  IdentityType,
  LiveIdentity,
  LiveScaleSet,
  LiveUserAssigned,
} from '../identity/scale-set.ts';
import { member, textOf } from './json.ts';
import { type Read, readable, readIdentityWith, readModel, type ReadScaleSet, unreadable } from './wire.ts';

export const readScaleSetArray: ReadScaleSet = (body) => {
  const model = readModel(body, readIdentityArray);
  if (!model.readable) return model;
  return readable({ ...model.value, etag: versionOf(model.value), namesOnly: true });
};

/** The `identity` of a scale set. Absent, null and type `None` are all no identity. */
export function readIdentityArray(identity: unknown): Read<LiveIdentity> {
  return readIdentityWith(identity, readIds);
}

function readIds(identity: unknown, expected: boolean): Read<ReadonlyMap<ArmKey, LiveUserAssigned>> {
  const dictionary = member(identity, 'userAssignedIdentities');
  if (dictionary !== undefined && dictionary !== null) {
    return unreadable('its identity is written as another api-version writes it');
  }
  const ids = member(identity, 'identityIds') ?? [];
  if (!Array.isArray(ids)) return unreadable('its identityIds are not a list');
  if (ids.length === 0 && expected) return unreadable('its identity is user-assigned, but names no identities');
  if (ids.length > 0 && !expected) return unreadable('its identity names identities that its type denies');
  const live = new Map<ArmKey, LiveUserAssigned>();
  for (const id of ids as readonly unknown[]) {
    const resourceId = textOf(id);
    if (resourceId === undefined) return unreadable('one of its identityIds is not an id');
    const key = armKey(resourceId);
    if (!live.has(key)) live.set(key, { resourceId });
  }
  return readable(live);
}

/**
 * In place of an etag: another one whenever the identities differ, and the same whenever they are the same again. It
 * guards nothing at Azure's side and is never sent.
 */
function versionOf({ uniqueId, identity }: Omit<LiveScaleSet, 'etag'>): string {
  const system = identity.systemAssigned === undefined ? null : (identity.systemAssigned.principalId ?? '');
  const seen = [asciiLower(uniqueId ?? ''), system, [...identity.userAssigned.keys()].toSorted()];
  return `identities:${createHash('sha256').update(JSON.stringify(seen)).digest('hex')}`;
}

export interface IdentityArray {
  readonly type: IdentityType;
  /** The whole list, each once, as it was read or else as it was asked for. Absent where the type denies it. */
  readonly identityIds?: readonly string[];
}

/**
 * The whole identity that a delta leads to.
 * @param live as it was read last, and as the patch was planned from
 */
export function identityArray(live: LiveIdentity, { type, userAssignedIdentities = {} }: IdentityPatch): IdentityArray {
  if (!type.includes('UserAssigned')) return { type };
  const list = new Map([...live.userAssigned].map(([key, { resourceId }]) => [key, resourceId]));
  for (const [resourceId, value] of Object.entries(userAssignedIdentities)) {
    const key = armKey(resourceId);
    if (value === null) list.delete(key);
    else if (!list.has(key)) list.set(key, resourceId);
  }
  return { type, identityIds: [...list.values()] };
}
