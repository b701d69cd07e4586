/** What `--check` looks at, made up. */
import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../../../src/api/types.ts';
import type { SignedIn } from '../../../src/check/azure-port.ts';
import {
  type IdentityId,
  type Parsed,
  parseIdentityId,
  parseScaleSetId,
  type ScaleSetId,
} from '../../../src/identity/arm-id.ts';

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
export const NEVER = new AbortController().signal;

export const SIGNED_IN: SignedIn = {
  principalId: '22222222-2222-4222-8222-222222222222',
  tenantId: '33333333-3333-4333-8333-333333333333',
  audience: 'https://management.azure.com',
  issuer: 'https://sts.windows.net/33333333-3333-4333-8333-333333333333/',
  principalType: 'ServicePrincipal',
};

export const groupId = (group: string): string => `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}`;

export const scaleSet = (name: string, group = 'apps'): ScaleSetId =>
  valid(parseScaleSetId(`${groupId(group)}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`));

export const identity = (name: string, group = 'identities'): IdentityId =>
  valid(parseIdentityId(`${groupId(group)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`));

function valid<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.id;
}

export type Bound = Pick<VmssIdentityBinding, 'metadata' | 'spec'>;

/** A binding of the namespace `shop`, unless said otherwise. */
export function bound(
  set: ScaleSetId,
  identities: readonly IdentityId[],
  { namespace = 'shop', ...spec }: Partial<VmssIdentityBinding['spec']> & { readonly namespace?: string } = {},
): Bound {
  return {
    metadata: { name: set.name, namespace } as VmssIdentityBinding['metadata'],
    spec: {
      scaleSet: { resourceId: set.resourceId },
      systemAssigned: 'Unmanaged',
      userAssigned: identities.map(({ resourceId }) => ({ resourceId, adopt: false })),
      mode: 'Additive',
      deletionPolicy: 'Detach',
      managementPolicy: 'Manage',
      staleIdentities: 'Report',
      suspend: false,
      ...spec,
    },
  };
}

/** Allows the namespace `shop` everything, unless said otherwise. */
export function allowing(rules: Partial<VmssIdentityPolicySpec> = {}): VmssIdentityPolicySpec {
  const everything = [`/subscriptions/${SUBSCRIPTION}/**`];
  const common = { systemAssigned: 'Deny', exclusive: 'Deny', adopt: 'Deny', protected: [] } as const;
  return { namespaces: ['shop'], scaleSets: everything, userAssigned: everything, ...common, ...rules };
}
