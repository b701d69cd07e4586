/** The actions of Azure RBAC that the operator's requests need, and no others; `deploy/azure/` grants them. */
export const READ_SCALE_SET = 'Microsoft.Compute/virtualMachineScaleSets/read';
export const WRITE_SCALE_SET = 'Microsoft.Compute/virtualMachineScaleSets/write';
export const READ_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/read';
export const ASSIGN_IDENTITY = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
/** To ask what the caller itself may do at a scope. */
export const READ_PERMISSIONS = 'Microsoft.Authorization/permissions/read';

export type AzureAction =
  | typeof READ_SCALE_SET
  | typeof WRITE_SCALE_SET
  | typeof READ_IDENTITY
  | typeof ASSIGN_IDENTITY
  | typeof READ_PERMISSIONS;
