import { Refusal } from '#server/errors.js';

/** 401, and which kind: the credential is unknown or wrong, has expired, or was revoked. */
export class Unauthenticated extends Refusal {
  /** False where a browser asks, which would take the challenge for an order to open its own sign-in window. */
  readonly offerBasic: boolean;
  constructor(code: 'invalid_credentials' | 'token_expired' | 'token_revoked', message: string, offerBasic = true) {
    super(401, code, message);
    this.offerBasic = offerBasic;
  }
}
