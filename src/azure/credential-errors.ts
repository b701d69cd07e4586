/**
 * Turns what a credential threw into a {@link CredentialFailure} that says what to check. The errors of `@azure/identity`
 * carry Entra's text, trace ids and timestamps; of all that only the code is kept.
 *
 * Codes: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import { CredentialFailure } from './credential-failure.ts';
import { member, textOf } from './json.ts';
import type { FederatedClaims } from './token-claims.ts';

/** How the operator signs in, as far as it helps to say what is wrong. */
export interface SignIn {
  /** What has to be in place for this credential, as a clause that follows "check". */
  readonly check: string;
  /** Where it asks for tokens. */
  readonly authorityHost?: string;
  /** What the service account's token says, for workload identity. */
  readonly federated?: FederatedClaims | undefined;
}

const ANY_SIGN_IN: SignIn = { check: '--credential and its settings' };

export function explainCredentialError(error: unknown, signIn: SignIn = ANY_SIGN_IN): CredentialFailure {
  if (error instanceof CredentialFailure) return error;
  const chain = causes(error);
  const entraCode = chain.map(entraCodeOf).find((code) => code !== undefined);
  if (entraCode !== undefined) return fail(`AADSTS${entraCode}`, entraMessage(entraCode, signIn), error);
  const systemCode = chain.map(systemCodeOf).find((code) => code !== undefined);
  if (systemCode !== undefined) return fail(systemCode, systemMessage(systemCode, signIn), error);
  if (chain.some(({ name }) => name === 'TimeoutError' || name === 'AbortError')) {
    return fail('TimeoutError', `${place(signIn)} gave no token in time; check the network.`, error);
  }
  if (chain.some(({ message }) => message.includes('endpoints_resolution_error'))) {
    return fail(
      'AuthorityUnreachable',
      `${place(signIn)} does not answer, or knows no such tenant; check the network, --cloud, --authority-host and ${signIn.check}.`,
      error,
    );
  }
  return fail('CredentialUnavailable', `There is no token for Azure: check ${signIn.check}.`, error);
}

function fail(code: string, message: string, cause: unknown): CredentialFailure {
  return new CredentialFailure(code, message, { cause });
}

function entraMessage(code: string, signIn: SignIn): string {
  const { check, federated } = signIn;
  switch (code) {
    case '70021':
    case '700211':
    case '700212':
    case '700213':
      return federated === undefined
        ? `Entra finds no federated credential that fits the operator's service account token (AADSTS${code}): check ${check}.`
        : `Entra finds no federated credential that fits the operator's service account token (AADSTS${code}): give its identity one with issuer ${federated.issuer}, subject ${federated.subject} and audience ${federated.audience}.`;
    case '700024':
      return `Entra says that the operator's service account token is not valid now (AADSTS${code}): check the clock of the node and ${check}.`;
    case '50027':
    case '700027':
    case '5000224':
      return `Entra cannot verify the operator's assertion (AADSTS${code}): check ${federated === undefined ? check : `that ${federated.issuer} publishes its signing keys`}.`;
    case '700016':
    case '7000112':
      return `Entra knows no such application in this tenant, or it is disabled (AADSTS${code}): check AZURE_CLIENT_ID and AZURE_TENANT_ID.`;
    case '90002':
    case '900021':
    case '900023':
      return `Entra knows no such tenant (AADSTS${code}): check AZURE_TENANT_ID and --cloud.`;
    case '7000215':
    case '7000222':
      return `Entra does not accept the operator's secret or certificate (AADSTS${code}): renew it.`;
    case '500011':
    case '501051':
      return `Entra knows no such audience in this tenant (AADSTS${code}): check --arm-audience and --cloud.`;
    default:
      return `Entra gives the operator no token (AADSTS${code}): check ${check}.`;
  }
}

function systemMessage(code: string, signIn: SignIn): string {
  if (code === 'ENOENT' || code === 'EACCES') {
    return `A file that signing in to Azure needs cannot be read (${code}): check ${signIn.check}.`;
  }
  return `${place(signIn)} cannot be reached (${code}); check the network, the CA certificates and --authority-host.`;
}

function place({ authorityHost }: SignIn): string {
  return authorityHost ?? 'The issuer of tokens';
}

interface Cause {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
}

/** An error and what caused it, outermost first. */
function causes(error: unknown): readonly Cause[] {
  const found: Cause[] = [];
  let current = error;
  while (current !== undefined && current !== null && found.length < 8) {
    found.push({
      name: textOf(property(current, 'name')) ?? '',
      message: textOf(property(current, 'message')) ?? '',
      code: property(current, 'code'),
    });
    current = property(current, 'cause');
  }
  return found;
}

function entraCodeOf({ message }: Cause): string | undefined {
  return /\bAADSTS(\d{4,9})\b/.exec(message)?.[1];
}

/** Node's own codes stand in `code`, or in the text of an error that MSAL made of one. */
function systemCodeOf({ code, message }: Cause): string | undefined {
  const own = typeof code === 'string' ? code : '';
  return SYSTEM_CODE.exec(own)?.[0] ?? SYSTEM_CODE.exec(message)?.[0];
}

const SYSTEM_CODE =
  /\b(?:ENOENT|EACCES|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|CERT_[A-Z_]+|ERR_TLS_[A-Z_]+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\b/;

/** Members of errors are often inherited or getters, so that `member` would not see them. */
function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return value instanceof Error ? (value as Error & Readonly<Record<string, unknown>>)[name] : member(value, name);
}
