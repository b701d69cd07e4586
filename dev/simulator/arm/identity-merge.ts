import { nextGuid } from '../guids.ts';
import { Refusal } from '../http.ts';
import { scaleSetId } from '../resource-id.ts';
import type { AssignedIdentity, ScaleSet, ScaleSetIdentity, State } from '../state.ts';
import * as errors from './errors.ts';
import type { IdentityChange } from './identity-request.ts';

/** Names that one request may carry, attached and detached together (Azure/bicep#16559). */
const namesPerRequest = 150;

/** The scale set's identity before, and what the rules depend on; a scale set that is being created has none yet. */
type Before = Pick<ScaleSet, 'subscriptionId' | 'resourceGroup' | 'name' | 'orchestrationMode' | 'identity'>;

/**
 * The rules that Compute itself has on a change of identity.
 * @throws Refusal 400 for a combination that it turns down
 */
export function checkIdentityChange(before: Before, change: IdentityChange): void {
  const { type, named, member } = change;
  if (before.orchestrationMode === 'Flexible' && type.includes('SystemAssigned')) {
    throw new Refusal(errors.identityTypeNotAllowed(type));
  }
  if (named !== undefined && !type.includes('UserAssigned')) {
    throw new Refusal(errors.identitiesNotExpected(member, type));
  }
  const seen = new Set<string>();
  for (const { key, id } of named ?? []) {
    if (seen.has(id.folded)) throw new Refusal(errors.duplicateIdentity(key));
    seen.add(id.folded);
  }
}

/**
 * The identity after the change. A dictionary in a PATCH is merged into what is there; one in a PUT, and an array in
 * either, is the whole list. System-assigned is on exactly when `type` says so, and is another principal each time.
 * @throws Refusal 400 FailedIdentityOperation, InvalidIdentityValues
 */
export function applyIdentityChange(
  state: State,
  before: Before,
  change: IdentityChange,
  method: 'PATCH' | 'PUT',
): ScaleSetIdentity {
  const fail = (reason: string): Refusal => new Refusal(errors.failedIdentityOperation(scaleSetId(before), reason));
  const named = change.named ?? [];
  if (named.length > namesPerRequest) throw fail(errors.identityReasons.tooMany(named.length, namesPerRequest));

  const current = before.identity.userAssigned;
  const unassigned = named.find(({ id, value }) => value === null && !current.has(id.folded));
  if (unassigned !== undefined && state.settings.nullForUnassigned === 'Refused') {
    throw fail(errors.identityReasons.notAssigned(unassigned.key));
  }
  const nulls = named.filter(({ value }) => value === null).map(({ key }) => key);
  if (method === 'PUT' && nulls.length > 0 && state.settings.nullInPut === 'Refused') {
    throw new Refusal(errors.nullOutsidePatch(nulls));
  }
  const userAssigned = userAssignedAfter(current, change, method);
  if (change.type.includes('UserAssigned') && userAssigned.size === 0) throw fail(errors.identityReasons.none);
  return { systemAssigned: nextSystemAssigned(state, before, change), userAssigned };
}

/** By folded resource id; none when the type is without them. */
export function userAssignedAfter(
  current: ReadonlyMap<string, AssignedIdentity>,
  change: IdentityChange,
  method: 'PATCH' | 'PUT',
): Map<string, AssignedIdentity> {
  if (!change.type.includes('UserAssigned')) return new Map();
  const replaces = change.named !== undefined && (method === 'PUT' || change.member === 'identityIds');
  const next = new Map(replaces ? [] : current);
  for (const { key, id, value } of change.named ?? []) {
    if (value === null) next.delete(id.folded);
    else next.set(id.folded, current.get(id.folded) ?? { key, ids: undefined, orphaned: false });
  }
  return next;
}

function nextSystemAssigned(state: State, before: Before, change: IdentityChange): ScaleSetIdentity['systemAssigned'] {
  if (!change.type.includes('SystemAssigned')) return undefined;
  return before.identity.systemAssigned ?? { principalId: nextGuid(state.guids) };
}
