/** Workload identity, for real: the simulated Entra trusts the API server's tokens of one service account. */
import { join } from 'node:path';

import type { PrincipalSeed } from '../simulator/seed.ts';

export type Kubectl = (
  args: readonly string[],
  options?: { readonly stdin?: string; readonly allowFailure?: boolean },
) => Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;

export const OPERATOR_NAMESPACE = 'vmss-identity-system';
export const OPERATOR_ACCOUNT = 'vmss-identity-operator';
/** What the operator may do in the cluster, as it is installed. */
const ACCOUNT_FILES = ['namespace.yaml', 'service-account.yaml', 'rbac.yaml'];
/** Of the tokens that Entra takes for an assertion. */
export const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

export interface Identity {
  readonly clientId: string;
  readonly tenant: string;
}

export interface Trust {
  readonly principal: PrincipalSeed;
  /** A token of the service account, as the kubelet would project it. */
  readonly token: string;
}

/** Installs the operator's namespace, account and rights, and makes a token of it and the Azure principal that trusts it. */
export async function establishTrust(kubectl: Kubectl, identity: Identity): Promise<Trust> {
  const files = ACCOUNT_FILES.map((file) => `--filename=${join(import.meta.dirname, '../../deploy/base', file)}`);
  await kubectl(['apply', '--server-side', '--force-conflicts', ...files]);
  const [principal, token] = await Promise.all([
    trustedPrincipal(kubectl, identity),
    kubectl([
      'create',
      'token',
      OPERATOR_ACCOUNT,
      `--namespace=${OPERATOR_NAMESPACE}`,
      `--audience=${EXCHANGE_AUDIENCE}`,
    ]),
  ]);
  return { principal, token: token.stdout.trim() };
}

/** The Azure principal that trusts this cluster's tokens of the operator's service account, which need not be there yet. */
export async function trustedPrincipal(kubectl: Kubectl, identity: Identity): Promise<PrincipalSeed> {
  const [discovery, keys] = await Promise.all([
    kubectl(['get', '--raw=/.well-known/openid-configuration']),
    kubectl(['get', '--raw=/openid/v1/jwks']),
  ]);
  const { issuer } = JSON.parse(discovery.stdout) as { readonly issuer: string };
  const jwks = JSON.parse(keys.stdout) as { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  const subject = `system:serviceaccount:${OPERATOR_NAMESPACE}:${OPERATOR_ACCOUNT}`;
  return { ...identity, federated: [{ issuer, subject, audience: EXCHANGE_AUDIENCE, jwks }] };
}
