/**
 * The operator's credential: exactly the one that was configured. The SDK's default chain is not used, for in a pod it
 * would try one source after another and report the last one's trouble instead of the intended one's.
 */
import { readFile } from 'node:fs/promises';

import {
  AzureCliCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';

import type { AzureCredential } from '../config/azure-environment.ts';
import { explainCredentialError, type SignIn } from './credential-errors.ts';
import { federatedClaimsOf } from './token-claims.ts';
import type { RenewableCredential } from './tokens.ts';

export interface CredentialOptions {
  readonly credential: AzureCredential;
  /** Base URL of Entra. */
  readonly authorityHost: string;
  /** True for an authority that Entra's public directory does not know. */
  readonly disableInstanceDiscovery: boolean;
}

/**
 * The credential, made when the first token is asked for. Its `getToken` rejects with a `CredentialFailure` that says
 * what to check. `renew` makes the next token a new one; only of a managed identity the SDK keeps one cache for the whole
 * process, which nothing clears.
 */
export function createCredential(options: CredentialOptions): RenewableCredential {
  let current: TokenCredential | undefined;
  return {
    getToken: async (scopes, tokenOptions) => {
      try {
        current ??= build(options);
        return await current.getToken(scopes, tokenOptions);
      } catch (error) {
        // The SDK believes a token file for five minutes after it has read it, also one that was not accepted.
        current = undefined;
        throw explainCredentialError(error, await signInOf(options));
      }
    },
    renew: () => {
      current = undefined;
    },
  };
}

function build({ credential, authorityHost, disableInstanceDiscovery }: CredentialOptions): TokenCredential {
  // The work queue tries again by its own clock; a credential that slept through a Retry-After would hide it.
  const common = { authorityHost, disableInstanceDiscovery, retryOptions: { maxRetries: 0 } };
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
        retryOptions: { maxRetries: 0 },
        ...(credential.clientId === undefined ? {} : { clientId: credential.clientId }),
      });
    case 'environment':
      return new EnvironmentCredential(common);
    case 'cli':
      return new AzureCliCredential(credential.tenantId === undefined ? {} : { tenantId: credential.tenantId });
  }
}

async function signInOf({ credential, authorityHost }: CredentialOptions): Promise<SignIn> {
  switch (credential.kind) {
    case 'workload-identity':
      return {
        check: `AZURE_TENANT_ID, AZURE_CLIENT_ID and the token file ${credential.tokenFile}`,
        authorityHost,
        federated: await readFile(credential.tokenFile, 'utf8').then(federatedClaimsOf, () => undefined),
      };
    case 'managed-identity':
      return {
        check:
          credential.clientId === undefined
            ? 'that the node has a system-assigned identity and that the pod reaches the metadata service'
            : `that the identity with client id ${credential.clientId} is assigned to the node and that the pod reaches the metadata service`,
        authorityHost: 'The metadata service of the node',
      };
    case 'environment':
      return {
        check: 'AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH',
        authorityHost,
      };
    case 'cli':
      return { check: 'that the Azure CLI is installed and signed in (az login)', authorityHost };
  }
}
