import type { CredentialName } from './flags.ts';
import { type Environment, quote } from './given.ts';
import { httpsUrl } from './values.ts';

/**
 * How to sign in to Azure. Secrets are not part of it: the configuration may be logged, and the Azure SDK reads them
 * from the environment itself.
 */
export type AzureCredential =
  | {
      readonly kind: 'workload-identity';
      /** Directory that issues the tokens: a GUID or a domain name. */
      readonly tenantId: string;
      /** Application or user-assigned identity to sign in as. */
      readonly clientId: string;
      /** File with the service account's projected token; its content changes over time. */
      readonly tokenFile: string;
    }
  | {
      readonly kind: 'managed-identity';
      /** The user-assigned identity of the node to sign in as; absent: the system-assigned one. */
      readonly clientId: string | undefined;
    }
  | {
      readonly kind: 'environment';
      readonly tenantId: string;
      readonly clientId: string;
    }
  | {
      readonly kind: 'cli';
      /** Directory to ask for tokens; absent: the one the Azure CLI is signed in to. */
      readonly tenantId: string | undefined;
    };

/** One of Azure's own variables. */
export interface AzureVariable {
  readonly name: string;
  readonly about: string;
}

/** Azure's own variables that count, with the meaning that the Azure SDKs give them. */
export const azureVariables = {
  tenantId: { name: 'AZURE_TENANT_ID', about: 'directory that issues the tokens: a GUID or a domain name' },
  clientId: { name: 'AZURE_CLIENT_ID', about: 'GUID of the application or the user-assigned identity to sign in as' },
  tokenFile: { name: 'AZURE_FEDERATED_TOKEN_FILE', about: "file with the service account's projected token" },
  clientSecret: { name: 'AZURE_CLIENT_SECRET', about: "the application's secret" },
  certificatePath: {
    name: 'AZURE_CLIENT_CERTIFICATE_PATH',
    about: "file with the application's certificate and key (PEM), in place of a secret",
  },
  authorityHost: {
    name: 'AZURE_AUTHORITY_HOST',
    about: 'where tokens are issued; wins over the cloud, and --authority-host wins over it',
  },
} as const satisfies Readonly<Record<string, AzureVariable>>;

type VariableKey = keyof typeof azureVariables;

/** Which of them each credential needs, and which it takes. The secret and the certificate are one need. */
export const azureVariablesOf: Readonly<
  Record<CredentialName, { readonly needs: readonly VariableKey[]; readonly takes: readonly VariableKey[] }>
> = {
  'workload-identity': { needs: ['tenantId', 'clientId', 'tokenFile'], takes: [] },
  'managed-identity': { needs: [], takes: ['clientId'] },
  environment: { needs: ['tenantId', 'clientId'], takes: ['clientSecret', 'certificatePath'] },
  cli: { needs: [], takes: ['tenantId'] },
};

/** Reads the credential that was chosen; what is missing or malformed is added to `errors`. */
export const readCredential = (kind: CredentialName, env: Environment, errors: string[]): AzureCredential => {
  const { needs, takes } = azureVariablesOf[kind];
  const missing = needs.filter((key) => valueOf(env, key) === undefined).map((key) => azureVariables[key].name);
  if (missing.length > 0)
    errors.push(`${missing.join(', ')}: not set, but --credential ${kind} needs it${hints[kind] ?? ''}`);
  for (const key of [...needs, ...takes]) {
    const value = valueOf(env, key);
    const { name, about } = azureVariables[key];
    if (value !== undefined && patterns[key]?.test(value) === false) {
      errors.push(`${name}: is ${quote(value)}, expected the ${about}`);
    }
  }
  const tenantId = valueOf(env, 'tenantId');
  const clientId = valueOf(env, 'clientId');
  switch (kind) {
    case 'workload-identity':
      return { kind, tenantId: tenantId ?? '', clientId: clientId ?? '', tokenFile: valueOf(env, 'tokenFile') ?? '' };
    case 'managed-identity':
      return { kind, clientId };
    case 'environment':
      if (valueOf(env, 'clientSecret') === undefined && valueOf(env, 'certificatePath') === undefined) {
        const [secret, certificate] = [azureVariables.clientSecret.name, azureVariables.certificatePath.name];
        errors.push(`${secret}: not set, but --credential ${kind} needs it (or ${certificate} in its place)`);
      }
      return { kind, tenantId: tenantId ?? '', clientId: clientId ?? '' };
    case 'cli':
      return { kind, tenantId };
  }
};

/** `AZURE_AUTHORITY_HOST`, if it is set; the workload identity webhook sets it with a slash at the end. */
export const readAuthorityHost = (env: Environment, errors: string[]): string | undefined => {
  const value = valueOf(env, 'authorityHost');
  if (value === undefined) return undefined;
  const url = httpsUrl(value);
  if (url.ok) return url.value;
  errors.push(`${azureVariables.authorityHost.name}: is ${quote(value)}, expected ${url.expected}`);
  return undefined;
};

/** An empty variable counts as none. */
const valueOf = (env: Environment, key: VariableKey): string | undefined => {
  const value = env[azureVariables[key].name];
  return value === '' ? undefined : value;
};

const patterns: Partial<Record<VariableKey, RegExp>> = {
  tenantId: /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/,
  clientId: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
};

const hints: Partial<Record<CredentialName, string>> = {
  'workload-identity':
    ' (the workload identity webhook sets it on pods labelled azure.workload.identity/use: "true"; elsewhere choose another --credential)',
};
