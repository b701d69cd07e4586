import type { AccessTokenClaims } from '../../entra/access-token.ts';
import { isJsonObject, type JsonObject, Refusal } from '../../http.ts';
import { findIdentity, fold, identityId, scaleSetId } from '../../resource-id.ts';
import type { AssignedIdentity, ScaleSet, State, Subscription } from '../../state.ts';
import * as errors from '../errors.ts';
import { respell } from '../id-casing.ts';
import type { IdentityChange, NamedIdentity } from '../identity-request.ts';
import { shownIds } from '../scale-set-view.ts';
import { isPermitted } from './authorization.ts';
import { linkedDenyAssignmentFailed } from './restriction-errors.ts';
import { denyAssignmentOver } from './restrictions.ts';

const assignAction = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

type Target = Pick<ScaleSet, 'subscriptionId' | 'resourceGroup' | 'name' | 'identity'>;

/**
 * What ARM checks before the request reaches Compute: that values in the dictionary are empty or as they stand, and that
 * every identity the body attaches exists and may be assigned. Those already assigned are checked only if the body
 * names them again; those it leaves out, or takes off, are not looked at.
 * @param dead ids that it refuses beside these, though the body does not name them
 * @throws Refusal 400 InvalidIdentityValues, 403 LinkedAuthorizationFailed
 */
export function checkLinkedAccess(
  state: State,
  caller: AccessTokenClaims,
  subscription: Subscription,
  target: Target,
  change: IdentityChange,
  dead: readonly string[] = [],
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
  const others = dead.filter((id) => !refused.some((key) => fold(key) === fold(id)));
  const all = [...refused, ...others].map((id) => respell(id, state.settings.idCasing));
  const denied = attached
    .filter(({ id, key }) => !refused.includes(key) && denyAssignmentOver(state, caller, assignAction, identityId(id)))
    .map(({ key }) => key);
  if (denied.length > 0) throw new Refusal(linkedDenyAssignmentFailed(caller, scaleSet, all, denied));
  if (all.length > 0) throw new Refusal(errors.linkedAuthorizationFailed(caller, scaleSet, all));
}

function mayAssign(state: State, caller: AccessTokenClaims, { id }: NamedIdentity): boolean {
  const identity = findIdentity(state, id);
  if (identity === undefined && state.settings.missingIdentity === 'LinkedAuthorizationFailed') return false;
  return isPermitted(state, caller, assignAction, identityId(id));
}

function isEmptyOrEqual(state: State, value: JsonObject | null, current: AssignedIdentity | undefined): boolean {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return true;
  if (current === undefined) return false;
  const shown: JsonObject = shownIds(state, current);
  const names = Object.keys(value);
  return names.length === Object.keys(shown).length && names.every((name) => value[name] === shown[name]);
}
