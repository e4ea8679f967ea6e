import type { Method } from '#policies/authentication.js';
import type { Context } from '#server/context.js';
import { proveCode, type CodeOwner } from './code.js';
import type { FactorName } from './factors.js';
import { provePasskey } from './passkey-proof.js';
import { proveRecoveryCode } from './prove-recovery-code.js';

/** Proves what was given, where it was asked for `about` this; gives how it was shown. Throws `Invalid` or `TooMany`. */
type Proof = (context: Context, owner: CodeOwner, given: string, about: string) => Promise<readonly Method[]>;

/** How each kind of second factor is proven, beside a password that has been. */
export const PROOFS: Readonly<Record<FactorName, Proof>> = {
  async totp(context, owner, code) {
    await proveCode(context, owner, code, 'active');
    return ['otp'];
  },
  async passkey(context, owner, credential, about) {
    return (await provePasskey(context, owner, credential, { about, verified: false })).methods;
  },
  async 'recovery-code'(context, owner, typed) {
    await proveRecoveryCode(context, owner, typed);
    return ['recovery'];
  },
};
