/**
 * The operator's credential: exactly the one that was configured. The SDK's default chain is not used, for in a pod it
 * would try one source after another and report the last one's trouble instead of the intended one's.
 */
import { readFile } from 'node:fs/promises';

import type { TokenCredential } from '@azure/identity';

import { explainCredentialError, type SignIn } from './credential-errors.ts';
import type { CredentialOptions } from './sdk-credential.ts';
import { federatedClaimsOf } from './token-claims.ts';
import { authorityCheck, createTokenHttp, signIn } from './token-http.ts';

/**
 * The credential. Its `getToken` gives a new token each time, from what the files and variables hold by then: the SDK's own
 * caches would go on with a token that Azure does not accept any more, and with a token file for five minutes after it was
 * read. Only of a managed identity the SDK keeps one cache for the whole process, which nothing clears. It rejects with a
 * `CredentialFailure` that says what to check.
 */
export function createCredential(options: CredentialOptions): TokenCredential {
  const httpClient = createTokenHttp();
  // The metadata service and its like are asked without any proof.
  const isManaged = options.credential.kind === 'managed-identity';
  const mayProve = isManaged ? () => true : authorityCheck(options.authorityHost);
  return {
    getToken: async (scopes, tokenOptions) => {
      const { abortSignal } = tokenOptions ?? {};
      const signal = abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal;
      try {
        return await signIn({ signal, mayProve }, async () => {
          // With the first token and not before: a process that stands by needs none, and MSAL takes 8 MB.
          const { sdkCredential } = await import('./sdk-credential.ts');
          return await sdkCredential(options, httpClient).getToken(scopes, tokenOptions);
        });
      } catch (error) {
        throw explainCredentialError(error, await signInOf(options));
      }
    },
  };
}

async function signInOf({ credential, authorityHost }: CredentialOptions): Promise<SignIn> {
  switch (credential.kind) {
    case 'workload-identity':
      return {
        check: `AZURE_TENANT_ID, AZURE_CLIENT_ID and the token file ${credential.tokenFile}`,
        place: authorityHost,
        federated: await readFile(credential.tokenFile, 'utf8').then(federatedClaimsOf, () => undefined),
      };
    case 'managed-identity':
      return {
        check:
          credential.clientId === undefined
            ? 'that the node has a system-assigned identity and that the pod reaches the metadata service'
            : `that the identity with client id ${credential.clientId} is assigned to the node and that the pod reaches the metadata service`,
        place: 'The metadata service of the node',
        way: 'that the operator runs on a node in Azure and that no network policy keeps it from 169.254.169.254',
      };
    case 'environment':
      return {
        check: 'AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH',
        place: authorityHost,
      };
    case 'cli':
      return {
        check: 'that the Azure CLI is installed and signed in to the right cloud (az cloud set, az login)',
        place: 'The Azure CLI',
      };
  }
}
