import type { SignedInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { proveRecoveryCode } from '#server/identity/prove-recovery-code.js';
import { actingNow } from '#server/identity/acting.js';
import { renewSession } from '#server/identity/session.js';
import { signedInCodeKey } from '#server/identity/counters.js';
import { proveOwnPassword, proveOwnCode } from '#server/identity/prove.js';

export interface Confirmation {
  password: string;
  code: string;
  /** Sent in the place of a code by who does not have their app. */
  recoveryCode?: string | undefined;
}

/** Confirms that it is still the same person; the session counts as authenticated now. Gives its new id. */
export async function confirm(
  context: SignedInContext,
  { password, code, recoveryCode }: Confirmation,
): Promise<string> {
  const user = await proveOwnPassword(context, password, 'password');
  if (user.twoFactor !== 'active' || recoveryCode === undefined) await proveOwnCode(context, code);
  else if (recoveryCode === '') throw Invalid.field('recoveryCode', 'Enter one of your recovery codes.');
  else {
    const owner = { user, tenant: context.tenant, counter: signedInCodeKey(user.id) };
    await proveRecoveryCode(context, owner, recoveryCode);
  }
  return actingNow(context, 'duty', (acting) => renewSession(acting, { authenticated: true }));
}
