import type { FederatedClaims } from '../check/azure-port.ts';

/**
 * Why there is no token, in words that can be shown. Made in one place, so that no SDK text or assertion slips through; and
 * without a cause, for an error of the SDK's may hold the whole request.
 */
export class CredentialFailure extends Error {
  override readonly name = 'CredentialFailure';
  /** Entra's `AADSTS…` code, or the name of what went wrong. */
  readonly code: string;
  /** What Entra finds no federated credential for, where that is why. */
  readonly lacking: FederatedClaims | undefined;

  constructor(code: string, message: string, lacking?: FederatedClaims) {
    super(message);
    this.code = code;
    this.lacking = lacking;
  }
}
