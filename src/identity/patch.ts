/** The body of one identity PATCH: the whole `type`, and of the dictionary only what changes. */
import type { ArmKey } from './arm-id.ts';
import type { IdentityPatch, IdentityType, LiveIdentity } from './scale-set.ts';

/** Azure refuses more user-assigned identities than this in one request. */
export const MAX_IDENTITIES_PER_REQUEST = 150;

export interface IdentityRef {
  readonly key: ArmKey;
  readonly resourceId: string;
}

/** What one scale set is to be changed by. */
export interface Delta {
  readonly attach: readonly IdentityRef[];
  readonly detach: readonly IdentityRef[];
  readonly systemAssigned: 'on' | 'off' | 'asLive';
}

export interface PlannedPatch {
  readonly body: IdentityPatch;
  /** The part of the delta that this request carries. */
  readonly delta: Delta;
  /** More requests must follow. */
  readonly partial: boolean;
  /** It takes something away: an identity, or the system-assigned one. */
  readonly narrows: boolean;
}

/**
 * The next request that brings `live` closer to the delta, or nothing when nothing differs. What does not fit into one
 * request is left for the next, what takes away last.
 * @param limit how many user-assigned identities the request may carry
 */
export function planPatch(
  live: LiveIdentity,
  delta: Delta,
  limit: number = MAX_IDENTITIES_PER_REQUEST,
): PlannedPatch | undefined {
  const isOn = live.systemAssigned !== undefined;
  const turnsOn = delta.systemAssigned === 'on' && !isOn;
  const turnsOff = delta.systemAssigned === 'off' && isOn;
  if (delta.attach.length + delta.detach.length === 0 && !turnsOn && !turnsOff) return undefined;

  const attach = delta.attach.slice(0, limit);
  const detach = delta.detach.slice(0, limit - attach.length);
  const partial = attach.length + detach.length < delta.attach.length + delta.detach.length;
  const off = turnsOff && !partial;

  const remaining = remainingAfter(live, { attach, detach });
  const type = identityType(off ? false : isOn || turnsOn, remaining.size > 0);
  const changes = [
    ...attach.map((ref) => [spelling(live, ref), {}] as const),
    ...detach.map((ref) => [spelling(live, ref), null] as const),
  ];
  const hasDictionary = remaining.size > 0 && changes.length > 0;
  return {
    body: { type, ...(hasDictionary ? { userAssignedIdentities: Object.fromEntries(changes) } : {}) },
    delta: { attach, detach, systemAssigned: off ? 'off' : turnsOn ? 'on' : 'asLive' },
    partial,
    narrows: detach.length > 0 || off,
  };
}

/** The user-assigned identities that there will be. */
export function remainingAfter(live: LiveIdentity, { attach, detach }: Omit<Delta, 'systemAssigned'>): Set<ArmKey> {
  const remaining = new Set([...live.userAssigned.keys(), ...attach.map(({ key }) => key)]);
  for (const { key } of detach) remaining.delete(key);
  return remaining;
}

/** The kinds of identities that there are. */
export function typeOf({ systemAssigned, userAssigned }: LiveIdentity): IdentityType {
  return identityType(systemAssigned !== undefined, userAssigned.size > 0);
}

/** As Azure spells it, where it knows it. */
function spelling(live: LiveIdentity, { key, resourceId }: IdentityRef): string {
  return live.userAssigned.get(key)?.resourceId ?? resourceId;
}

function identityType(systemAssigned: boolean, userAssigned: boolean): IdentityType {
  if (systemAssigned) return userAssigned ? 'SystemAssigned, UserAssigned' : 'SystemAssigned';
  return userAssigned ? 'UserAssigned' : 'None';
}
