/** Which rights the bindings need in Azure, and on what. */
import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../api/types.ts';
import { type ArmKey, type IdentityId, parseIdentityId, parseScaleSetId, type ScaleSetId } from '../identity/arm-id.ts';
import {
  ASSIGN_IDENTITY,
  type AzureAction,
  READ_IDENTITY,
  READ_SCALE_SET,
  WRITE_SCALE_SET,
} from '../identity/azure-actions.ts';
import { grantsFor } from '../identity/permit.ts';

/** One resource, and what has to be allowed on it. */
export interface AzureNeed {
  readonly id: ScaleSetId | IdentityId;
  readonly actions: readonly AzureAction[];
}

export interface AzureNeeds {
  /** Each resource once, in the order of their ids. */
  readonly needs: readonly AzureNeed[];
  /** Bindings of scale sets that no policy allows them: Azure is not asked about what they name. */
  readonly notPermitted: number;
}

/** What is only observed has to be read, and nothing more. */
export function azureNeeds(
  bindings: readonly Pick<VmssIdentityBinding, 'metadata' | 'spec'>[],
  policies: readonly VmssIdentityPolicySpec[],
): AzureNeeds {
  const needs = new Map<ArmKey, { readonly id: AzureNeed['id']; readonly actions: Set<AzureAction> }>();
  const need = (id: AzureNeed['id'], action: AzureAction): void => {
    const known = needs.get(id.key) ?? { id, actions: new Set<AzureAction>() };
    known.actions.add(action);
    needs.set(id.key, known);
  };
  let notPermitted = 0;
  for (const { metadata, spec } of bindings) {
    const scaleSet = parseScaleSetId(spec.scaleSet.resourceId);
    const grants = scaleSet.ok ? grantsFor(policies, metadata.namespace, scaleSet.id.key) : undefined;
    if (!scaleSet.ok || grants?.scaleSet !== true) {
      notPermitted += 1;
      continue;
    }
    const writes = spec.managementPolicy !== 'Observe';
    need(scaleSet.id, READ_SCALE_SET);
    if (writes) need(scaleSet.id, WRITE_SCALE_SET);
    for (const { resourceId } of spec.userAssigned) {
      const identity = parseIdentityId(resourceId);
      if (!identity.ok || !grants.identity(identity.id.key)) continue;
      need(identity.id, READ_IDENTITY);
      if (writes) need(identity.id, ASSIGN_IDENTITY);
    }
  }
  const sorted = [...needs.values()].toSorted((a, b) => (a.id.key < b.id.key ? -1 : 1));
  return { needs: sorted.map(({ id, actions }) => ({ id, actions: [...actions] })), notPermitted };
}
