/** Why there is no token, in words that can be shown. Made in one place, so that no SDK text or assertion slips through. */
export class CredentialFailure extends Error {
  override readonly name = 'CredentialFailure';
  /** Entra's `AADSTS…` code, or the name of what went wrong. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
