import { type Json, type JsonObject, present } from '../http.ts';
import { fold, scaleSetId, scaleSetType } from '../resource-id.ts';
import type { AssignedIdentity, ScaleSet, State } from '../state.ts';
import { hasEtags, hasOrchestrationMode, hasTimeCreated, identityShape } from './api-versions.ts';
import { respell } from './id-casing.ts';
import { canonicalType } from './identity-request.ts';
import { realModel } from './real-model.ts';

/** A scale set as an api-version shows it: the target model, whether or not the operation that leads there is done. */
export function viewScaleSet(state: State, set: ScaleSet, version: string): JsonObject {
  return present<Json>({
    name: set.name,
    id: respell(scaleSetId(set), state.settings.idCasing),
    type: scaleSetType,
    location: set.location,
    tags: set.tags,
    sku: set.sku,
    etag: hasEtags(version) ? etagOf(set) : undefined,
    identity: viewIdentity(state, set, version),
    properties: present<Json>({
      ...(state.settings.bodySize === 'Real' ? realModel(set) : {}),
      ...set.properties,
      orchestrationMode: hasOrchestrationMode(version) ? set.orchestrationMode : undefined,
      provisioningState: set.provisioningState,
      uniqueId: set.uniqueId,
      timeCreated: hasTimeCreated(version) ? set.timeCreated : undefined,
    }),
  });
}

/** A quoted integer, in the header and in the body. */
export function etagOf(set: ScaleSet): string {
  return `"${String(set.etag)}"`;
}

/** Undefined where the member is left out, as it mostly is when there is no identity. */
function viewIdentity(state: State, set: ScaleSet, version: string): JsonObject | undefined {
  const shape = identityShape(version);
  const { systemAssigned, userAssigned } = set.identity;
  const type = canonicalType(systemAssigned !== undefined, userAssigned.size > 0);
  if (shape === 'None') return undefined;
  if (type === 'None') return state.settings.noneIdentity === 'TypeNone' ? { type } : undefined;
  const assigned = [...userAssigned.values()];
  const spelled = (entry: AssignedIdentity): string => respell(entry.key, state.settings.idCasing);
  return present<Json>({
    type,
    principalId: systemAssigned?.principalId,
    tenantId: systemAssigned === undefined ? undefined : tenantOf(state, set),
    identityIds: shape === 'Array' && assigned.length > 0 ? assigned.map(spelled) : undefined,
    userAssignedIdentities:
      shape === 'Dictionary' && assigned.length > 0
        ? Object.fromEntries(assigned.map((entry) => [spelled(entry), shownIds(state, entry)]))
        : undefined,
  });
}

/** `{}` until the operation that attached it has succeeded. */
export function shownIds(state: State, assigned: AssignedIdentity): JsonObject {
  const dead = assigned.orphaned ? state.settings.deletedIdentity : 'OldIds';
  if (dead === 'NullIds') return { principalId: null, clientId: null };
  if (dead === 'AbsentIds') return {};
  return assigned.ids === undefined ? {} : { ...assigned.ids };
}

function tenantOf(state: State, set: ScaleSet): string | undefined {
  return state.subscriptions.get(fold(set.subscriptionId))?.tenantId;
}
