/**
 * Why there is no token, in words that can be shown. Made in one place, so that no SDK text or assertion slips through; and
 * without a cause, for an error of the SDK's may hold the whole request.
 */
export class CredentialFailure extends Error {
  override readonly name = 'CredentialFailure';
  /** Entra's `AADSTS…` code, or the name of what went wrong. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
