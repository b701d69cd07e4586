/** Who is who in the world of the sweeps. */
export const SUBSCRIPTION = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
export const TENANT = '7e4a11d0-0000-4000-8000-000000000001';
export const CLIENT = 'c11e0000-0000-4000-8000-000000000001';
export const GROUP = 'shop';
export const LOCATION = 'westeurope';
/** Where bindings are, unless said. */
export const NAMESPACE = 'shop';

const GROUP_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;

export const scaleSetIdOf = (name: string): string =>
  `${GROUP_ID}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;

export const identityIdOf = (name: string): string =>
  `${GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
