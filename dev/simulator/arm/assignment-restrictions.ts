import { isJsonObject, type JsonObject } from '../http.ts';
import { fold, scaleSetType } from '../resource-id.ts';
import type { ScaleSet, UserAssignedIdentity } from '../state.ts';
import { identityReasons } from './errors.ts';

type Restrictions = Pick<UserAssignedIdentity, 'isolationScope' | 'assignableTo'>;

/** What the body of a PUT says of where an identity may be put; what it leaves out stays as it is. */
export function readRestrictions(body: JsonObject): Partial<Restrictions> {
  const properties = isJsonObject(body['properties']) ? body['properties'] : {};
  const { isolationScope, assignmentRestrictions } = properties;
  const providers = isJsonObject(assignmentRestrictions) ? assignmentRestrictions['providers'] : undefined;
  return {
    ...(isolationScope === 'None' || isolationScope === 'Regional' ? { isolationScope } : {}),
    ...(Array.isArray(providers) ? { assignableTo: providers.filter((name) => typeof name === 'string') } : {}),
  };
}

/** Why an identity may not be put on a scale set, in the identity service's words; undefined when it may. */
export function whyNotAssignable(
  identity: Restrictions & Pick<UserAssignedIdentity, 'location'>,
  set: Pick<ScaleSet, 'location'>,
  key: string,
): string | undefined {
  const { assignableTo, isolationScope } = identity;
  if (assignableTo.length > 0 && !assignableTo.some(covers)) return identityReasons.restricted(key, assignableTo);
  const isElsewhere = plain(identity.location) !== plain(set.location);
  return isolationScope === 'Regional' && isElsewhere
    ? identityReasons.elsewhere(key, identity.location, set.location)
    : undefined;
}

/** A whole provider, or this type of resource. */
function covers(name: string): boolean {
  const type = fold(scaleSetType);
  return fold(name) === type || type.startsWith(`${fold(name)}/`);
}

/** `West Europe` is `westeurope`. */
function plain(location: string): string {
  return fold(location).replaceAll(' ', '');
}
