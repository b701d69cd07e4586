/** What a role allows: `actions` less `notActions`. */
export interface Role {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

const everyContributor = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Support/*',
];
const identities = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** Azure's built-in roles that concern scale sets and their identities (built-in roles of Azure RBAC, 2026-07). */
export const builtInRoles = {
  Owner: { actions: ['*'], notActions: [] },
  Contributor: {
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
      'Microsoft.Purview/consents/write',
      'Microsoft.Purview/consents/delete',
    ],
  },
  Reader: { actions: ['*/read'], notActions: [] },
  /** Without its actions on networks, disks, backups and storage, of which there is nothing here. */
  'Virtual Machine Contributor': {
    actions: [
      ...everyContributor,
      'Microsoft.Compute/availabilitySets/*',
      'Microsoft.Compute/locations/*',
      'Microsoft.Compute/virtualMachines/*',
      'Microsoft.Compute/virtualMachineScaleSets/*',
    ],
    notActions: [],
  },
  'Managed Identity Operator': {
    actions: [`${identities}/*/read`, `${identities}/*/assign/action`, ...everyContributor],
    notActions: [],
  },
  /** Makes and deletes identities, and may assign none of them. */
  'Managed Identity Contributor': {
    actions: [
      `${identities}/read`,
      `${identities}/write`,
      `${identities}/delete`,
      `${identities}/federatedIdentityCredentials/read`,
      `${identities}/federatedIdentityCredentials/write`,
      `${identities}/federatedIdentityCredentials/delete`,
      `${identities}/revokeTokens/action`,
      ...everyContributor,
    ],
    notActions: [],
  },
} as const satisfies Readonly<Record<string, Role>>;

export type RoleName = keyof typeof builtInRoles;

export const roleNames = Object.keys(builtInRoles) as readonly RoleName[];
