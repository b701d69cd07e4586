/** The SDK's credential of each kind, set up so that it asks once, and where it was told to. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import {
  AzureCliCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';

import type { AzureCredential } from '../config/azure-environment.ts';

export interface CredentialOptions {
  readonly credential: AzureCredential;
  /** Base URL of Entra. */
  readonly authorityHost: string;
  /** True for an authority that Entra's public directory does not know. */
  readonly disableInstanceDiscovery: boolean;
}

/** The Azure CLI takes seconds, not minutes; one that asks a question waits for ever. Below the limit of a token. */
const CLI_TIMEOUT_MS = 15_000;

/** One that has cached nothing yet. */
export function sdkCredential(
  { credential, authorityHost, disableInstanceDiscovery }: CredentialOptions,
  httpClient: HttpClient,
): TokenCredential {
  // The work queue tries again by its own clock; a credential that slept through a Retry-After would hide it.
  const network = { httpClient, retryOptions: { maxRetries: 0 }, redirectOptions: { maxRetries: 0 } };
  const common = { ...network, authorityHost, disableInstanceDiscovery };
  switch (credential.kind) {
    case 'workload-identity':
      return new WorkloadIdentityCredential({
        ...common,
        tenantId: credential.tenantId,
        clientId: credential.clientId,
        tokenFilePath: credential.tokenFile,
      });
    case 'managed-identity':
      return new ManagedIdentityCredential({
        ...network,
        ...(credential.clientId === undefined ? {} : { clientId: credential.clientId }),
      });
    case 'environment':
      return new EnvironmentCredential(common);
    case 'cli':
      return new AzureCliCredential({
        processTimeoutInMs: CLI_TIMEOUT_MS,
        ...(credential.tenantId === undefined ? {} : { tenantId: credential.tenantId }),
      });
  }
}
