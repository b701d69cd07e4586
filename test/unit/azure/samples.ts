/** Ids and bodies as Azure writes them. */
import { type IdentityId, parseIdentityId, parseScaleSetId, type ScaleSetId } from '../../../src/identity/arm-id.ts';

export const SUBSCRIPTION = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
export const OTHER_SUBSCRIPTION = '99999999-4b5a-6978-8796-a5b4c3d2e1f0';

export function scaleSetPath(name = 'web'): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop-rg/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
}

export function identityPath(name: string, group = 'identities', subscription = SUBSCRIPTION): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

export function scaleSetId(name = 'web'): ScaleSetId {
  const parsed = parseScaleSetId(scaleSetPath(name));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.id;
}

export function identityId(name: string, group?: string): IdentityId {
  const parsed = parseIdentityId(identityPath(name, group));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.id;
}

/** A scale set as GET answers it. */
export function scaleSetBody(changes: Readonly<Record<string, unknown>> = {}, properties: object = {}): object {
  return {
    id: scaleSetPath(),
    name: 'web',
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    location: 'westeurope',
    etag: '"7"',
    sku: { name: 'Standard_D2s_v5', tier: 'Standard', capacity: 3 },
    properties: {
      provisioningState: 'Succeeded',
      orchestrationMode: 'Uniform',
      uniqueId: 'a7c5e1f2-0000-4000-8000-000000000001',
      ...properties,
    },
    ...changes,
  };
}

export function identityBody(name: string): object {
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourcegroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
    name,
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    location: 'westeurope',
    properties: { tenantId: 'tenant', principalId: `${name}-principal`, clientId: `${name}-client` },
  };
}

export function errorBody(code: string, message: string, more: object = {}): object {
  return { error: { code, message, ...more } };
}
