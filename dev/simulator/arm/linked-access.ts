import type { AccessTokenClaims } from '../entra/access-token.ts';
import { isJsonObject, type JsonObject, Refusal } from '../http.ts';
import { findIdentity, fold, identityId, scaleSetId } from '../resource-id.ts';
import type { AssignedIdentity, ScaleSet, State, Subscription } from '../state.ts';
import { isPermitted } from './authorization.ts';
import * as errors from './errors.ts';
import type { IdentityChange, NamedIdentity } from './identity-request.ts';
import { linkedDenyAssignmentFailed } from './restriction-errors.ts';
import { denyAssignmentOver } from './restrictions.ts';
import { shownIds } from './scale-set-view.ts';

const assignAction = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

type Target = Pick<ScaleSet, 'subscriptionId' | 'resourceGroup' | 'name' | 'identity'>;

/**
 * What ARM checks before the request reaches Compute: that values in the dictionary are empty or as they stand, and that
 * every identity the body attaches exists and may be assigned. Those already assigned are checked only if the body
 * names them again; those it leaves out, or takes off, are not looked at.
 * @throws Refusal 400 InvalidIdentityValues, 403 LinkedAuthorizationFailed
 */
export function checkLinkedAccess(
  state: State,
  caller: AccessTokenClaims,
  subscription: Subscription,
  target: Target,
  change: IdentityChange,
): void {
  const attached = (change.named ?? []).filter(({ value }) => value !== null);
  const echoes = attached.filter(
    ({ id, value }) => !isEmptyOrEqual(state, value, target.identity.userAssigned.get(id.folded)),
  );
  if (echoes.length > 0) throw new Refusal(errors.invalidIdentityValues(echoes.map(({ key }) => key)));

  const scaleSet = scaleSetId(target);
  for (const { id } of attached) {
    const owner = state.subscriptions.get(fold(id.subscriptionId));
    if (owner !== undefined && fold(owner.tenantId) === fold(subscription.tenantId)) continue;
    throw new Refusal(errors.linkedSubscriptionRefused(scaleSet, subscription.tenantId, id.subscriptionId));
  }
  const refused = attached.filter((identity) => !mayAssign(state, caller, identity)).map(({ key }) => key);
  const denied = attached
    .filter(({ id, key }) => !refused.includes(key) && denyAssignmentOver(state, caller, assignAction, identityId(id)))
    .map(({ key }) => key);
  if (denied.length > 0) throw new Refusal(linkedDenyAssignmentFailed(caller, scaleSet, refused, denied));
  if (refused.length > 0) throw new Refusal(errors.linkedAuthorizationFailed(caller, scaleSet, refused));
}

function mayAssign(state: State, caller: AccessTokenClaims, { id }: NamedIdentity): boolean {
  const identity = findIdentity(state, id);
  if (identity === undefined && state.settings.missingIdentity === 'LinkedAuthorizationFailed') return false;
  return isPermitted(state, caller, assignAction, identityId(id));
}

/**
 * The identity service's own look, when missing identities are its business: it names one at a time.
 * @throws Refusal 400 FailedIdentityOperation
 */
export function checkIdentitiesExist(state: State, target: Target, change: IdentityChange): void {
  const missing = change.named?.find(({ id, value }) => value !== null && findIdentity(state, id) === undefined);
  if (missing === undefined) return;
  const reason = errors.identityReasons.notFound(missing.key);
  throw new Refusal(errors.failedIdentityOperation(scaleSetId(target), reason));
}

function isEmptyOrEqual(state: State, value: JsonObject | null, current: AssignedIdentity | undefined): boolean {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return true;
  if (current === undefined) return false;
  const shown: JsonObject = shownIds(state, current);
  const names = Object.keys(value);
  return names.length === Object.keys(shown).length && names.every((name) => value[name] === shown[name]);
}
