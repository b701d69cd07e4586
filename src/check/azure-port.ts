/** What `--check` needs of Azure: reads, and none of them of anything secret. The contract is that of {@link AzurePort}. */
import type { IdentityId, ScaleSetId } from '../identity/arm-id.ts';
import type { AzureAction } from '../identity/azure-actions.ts';
import type { AzurePort, Failure, ListScope, Result } from '../reconcile/azure-port.ts';

/** As whom Azure knows the operator: what its token says. */
export interface SignedIn {
  readonly principalId: string;
  readonly tenantId: string;
  readonly audience: string;
  readonly issuer: string;
  /** `User` for a person, as with the Azure CLI. */
  readonly principalType: 'ServicePrincipal' | 'User';
}

/** What of a service account's token a federated credential has to have. */
export interface FederatedClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

export type SignIn =
  | { readonly ok: true; readonly value: SignedIn }
  /** `lacking`: Entra has no federated credential for these. */
  | { readonly ok: false; readonly failure: Failure; readonly lacking?: FederatedClaims };

/** Where a role may be assigned: one resource, a resource group, or a subscription. */
export type AzureScope = ScaleSetId | IdentityId | ListScope;

export interface AzureRightsPort extends Pick<
  AzurePort,
  'getScaleSet' | 'getIdentity' | 'listScaleSets' | 'listIdentities'
> {
  signIn(signal: AbortSignal): Promise<SignIn>;
  /** Which of the actions the operator's roles allow at a scope. Locks, policies and deny assignments do not show. */
  allowedAt(
    scope: AzureScope,
    actions: readonly AzureAction[],
    signal: AbortSignal,
  ): Promise<Result<ReadonlySet<AzureAction>>>;
}
