import { ClientSecretCredential } from '@azure/identity';

import type { ScaleSetSeed, Seed } from '../../../dev/simulator/seed.ts';
import type { Simulator } from '../../../dev/simulator/simulator.ts';

export const subscriptionId = '11111111-1111-4111-8111-111111111111';
export const tenantId = '22222222-2222-4222-8222-222222222222';
export const clientId = '33333333-3333-4333-8333-333333333333';
export const secret = 's3cret';
export const resourceGroup = 'myResourceGroup';
export const armScope = 'https://management.azure.com/.default';

export const federated = {
  issuer: 'https://kubernetes.default.svc',
  subject: 'system:serviceaccount:vmss-identity-system:operator',
  audience: 'api://AzureADTokenExchange',
};

/** As the how-to writes ids of identities: with a lower-case g. */
export function identity(name: string): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

export function scaleSetPath(name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
}

export function seedWith(scaleSets: readonly ScaleSetSeed[]): Seed {
  return {
    settings: { pageSize: 2 },
    subscriptions: [
      {
        id: subscriptionId,
        tenant: tenantId,
        resourceGroups: [
          {
            name: resourceGroup,
            location: 'eastus',
            identities: [{ name: 'ID1' }, { name: 'ID2' }],
            scaleSets,
          },
        ],
      },
    ],
    principals: [{ clientId, tenant: tenantId, secret, federated: [federated], managedIdentity: true }],
  };
}

/** What points a credential of @azure/identity at the simulated Entra. */
export function authorityOf(simulator: Simulator) {
  return {
    authorityHost: simulator.httpsUrl,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  };
}

export function credentialFor(simulator: Simulator, clientSecret = secret): ClientSecretCredential {
  return new ClientSecretCredential(tenantId, clientId, clientSecret, authorityOf(simulator));
}
