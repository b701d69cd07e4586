/**
 * Turns what a credential threw into a {@link CredentialFailure} that says what to check. The errors of `@azure/identity`
 * carry Entra's text, trace ids and timestamps; of all that only the code is kept.
 *
 * Codes: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import type { FederatedClaims } from '../check/azure-port.ts';
import { CredentialFailure } from './credential-failure.ts';
import { member, textOf } from './json.ts';

/** How the operator signs in, as far as it helps to say what is wrong. */
export interface SignIn {
  /** What has to be in place for this credential, as a clause that follows "check". */
  readonly check: string;
  /** Where it asks for tokens, as the beginning of a sentence. */
  readonly place?: string;
  /** What has to be in place to get there, as a clause that follows "check". */
  readonly way?: string;
  /** What the service account's token says, for workload identity. */
  readonly federated?: FederatedClaims | undefined;
}

const ANY_SIGN_IN: SignIn = { check: '--credential and its settings' };
const ANY_WAY = 'the network, the CA certificates and --authority-host';

export function explainCredentialError(error: unknown, signIn: SignIn = ANY_SIGN_IN): CredentialFailure {
  if (error instanceof CredentialFailure) return error;
  const { check, place = 'The issuer of tokens', way = ANY_WAY } = signIn;
  const chain = causes(error);
  const entraCode = chain.map(entraCodeOf).find((code) => code !== undefined);
  if (entraCode !== undefined) return entraFailure(entraCode, signIn);
  const fileCode = chain
    .map(({ code, message }) => codeIn(FILE_CODE, code, message))
    .find((code) => code !== undefined);
  if (fileCode !== undefined) {
    return new CredentialFailure(
      fileCode,
      `A file that signing in to Azure needs cannot be read (${fileCode}): check ${check}.`,
    );
  }
  const wayCode = chain.map(({ code, message }) => codeIn(WAY_CODE, code, message)).find((code) => code !== undefined);
  if (wayCode !== undefined) {
    return new CredentialFailure(wayCode, `${place} cannot be reached (${wayCode}); check ${way}.`);
  }
  if (chain.some(({ name }) => name === 'TimeoutError' || name === 'AbortError')) {
    return new CredentialFailure('TimeoutError', `${place} gave no token in time; check ${way}.`);
  }
  if (chain.some(({ message }) => message.includes('endpoints_resolution_error'))) {
    return new CredentialFailure(
      'AuthorityUnreachable',
      `${place} does not answer, or knows no such tenant; check the network, --cloud, --authority-host and ${check}.`,
    );
  }
  return new CredentialFailure('CredentialUnavailable', `There is no token for Azure: check ${check}.`);
}

type Advice = (code: string, signIn: SignIn) => string;

const FITS_NO_CREDENTIAL: Advice = (code, { check, federated }) =>
  federated === undefined
    ? `Entra finds no federated credential that fits the operator's service account token (${code}): check ${check}.`
    : `Entra finds no federated credential that fits the operator's service account token (${code}): give its identity one with issuer ${federated.issuer}, subject ${federated.subject} and audience ${federated.audience}.`;
const OUT_OF_TIME: Advice = (code, { check }) =>
  `Entra says that the operator's service account token is not valid now (${code}): check the clock of the node and ${check}.`;
const NOT_VERIFIED: Advice = (code, { check, federated }) =>
  `Entra cannot verify the operator's assertion (${code}): check ${federated === undefined ? check : `that ${federated.issuer} publishes its signing keys, and ${check}`}.`;
const NO_APPLICATION: Advice = (code) =>
  `Entra knows no such application in this tenant, or it is disabled (${code}): check AZURE_CLIENT_ID and AZURE_TENANT_ID.`;
const NO_TENANT: Advice = (code) => `Entra knows no such tenant (${code}): check AZURE_TENANT_ID and --cloud.`;
const BAD_SECRET: Advice = (code) => `Entra does not accept the operator's secret or certificate (${code}): renew it.`;
const NO_AUDIENCE: Advice = (code) =>
  `Entra knows no such audience in this tenant (${code}): check --arm-audience and --cloud.`;
const OTHER_CLOUD: Advice = (code) =>
  `Entra serves another cloud than that of the operator's identity (${code}): check --cloud and --authority-host.`;
const FORBIDDEN: Advice = (code) =>
  `A Conditional Access policy keeps the operator from signing in (${code}): exempt its identity, or allow the addresses that it calls from.`;
const OVERLOADED: Advice = (code) => `Entra has no time for the operator just now (${code}); it is tried again.`;
const NO_TOKEN: Advice = (code, { check }) => `Entra gives the operator no token (${code}): check ${check}.`;

/** By the number of AADSTS; those not named get {@link NO_TOKEN}. */
const ADVICE: ReadonlyMap<string, Advice> = new Map([
  ['70021', FITS_NO_CREDENTIAL],
  ['70025', FITS_NO_CREDENTIAL],
  ['700211', FITS_NO_CREDENTIAL],
  ['700212', FITS_NO_CREDENTIAL],
  ['700213', FITS_NO_CREDENTIAL],
  ['700024', OUT_OF_TIME],
  ['50013', NOT_VERIFIED],
  ['50027', NOT_VERIFIED],
  ['700027', NOT_VERIFIED],
  ['5000224', NOT_VERIFIED],
  ['700016', NO_APPLICATION],
  ['7000112', NO_APPLICATION],
  ['7000229', NO_APPLICATION],
  ['90002', NO_TENANT],
  ['900021', NO_TENANT],
  ['900023', NO_TENANT],
  ['7000215', BAD_SECRET],
  ['7000222', BAD_SECRET],
  ['500011', NO_AUDIENCE],
  ['501051', NO_AUDIENCE],
  ['50049', OTHER_CLOUD],
  ['900382', OTHER_CLOUD],
  ['900439', OTHER_CLOUD],
  ['53003', FORBIDDEN],
  ['50196', OVERLOADED],
  ['90024', OVERLOADED],
  ['90033', OVERLOADED],
  ['90055', OVERLOADED],
]);

function entraFailure(number: string, signIn: SignIn): CredentialFailure {
  const advice = ADVICE.get(number) ?? NO_TOKEN;
  const code = `AADSTS${number}`;
  return new CredentialFailure(
    code,
    advice(code, signIn),
    advice === FITS_NO_CREDENTIAL ? signIn.federated : undefined,
  );
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
function codeIn(codes: RegExp, code: unknown, message: string): string | undefined {
  return (typeof code === 'string' ? codes.exec(code)?.[0] : undefined) ?? codes.exec(message)?.[0];
}

const FILE_CODE = /\b(?:ENOENT|EACCES|EISDIR|ELOOP|EMFILE|ENOTDIR|EPERM)\b/;
const WAY_CODE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|EPROTO|CERT_[A-Z_]+|ERR_TLS_[A-Z_]+|ERR_SSL_[A-Z_]+|HPE_[A-Z_]+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\b/;

/** Members of errors are often inherited or getters, so that `member` would not see them. */
function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return value instanceof Error ? (value as Error & Readonly<Record<string, unknown>>)[name] : member(value, name);
}
