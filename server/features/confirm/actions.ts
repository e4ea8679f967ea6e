import { hasSecondFactor, passkeysAsked, type Method } from '#policies/authentication.js';
import type { SignedInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { signedInCodeKey } from '#server/identity/counters.js';
import { awakePasskeys } from '#server/identity/passkey.js';
import { requestOptions, type RequestOptions } from '#server/identity/passkey-options.js';
import { provePasskey } from '#server/identity/passkey-proof.js';
import { lookUpOwn, proveOwnCode, proveOwnPassword, provesByPassword } from '#server/identity/prove.js';
import { proveRecoveryCode } from '#server/identity/prove-recovery-code.js';
import { renewSession } from '#server/identity/session.js';

export interface Confirmation {
  password: string;
  code: string;
  /** Sent in the place of a code by who does not have their app. */
  recoveryCode?: string | undefined;
}

/** Confirms that it is still the same person; the session counts as authenticated now. Gives its new id. */
export async function confirm(context: SignedInContext, confirmation: Confirmation): Promise<string> {
  const { password, code, recoveryCode } = confirmation;
  const user = await proveOwnPassword(context, password, 'password');
  let shown: readonly Method[] = ['pwd'];
  if (hasSecondFactor(context.policy, context.user)) {
    shown = ['pwd', recoveryCode === undefined ? 'otp' : 'recovery', 'mfa'];
    if (recoveryCode === '') throw Invalid.field('recoveryCode', 'Enter one of your recovery codes.');
    if (recoveryCode !== undefined) {
      const owner = { user, tenant: context.tenant, counter: signedInCodeKey(user.id) };
      await proveRecoveryCode(context, owner, recoveryCode);
    } else if (user.twoFactor === 'active') await proveOwnCode(context, code);
    else throw Invalid.field('', 'Confirm with your passkey, or with one of your recovery codes.');
  }
  return actingNow(context, 'duty', (acting) => renewSession(acting, { authenticated: shown }));
}

/** How a passkey of the caller confirms: alone where it asks for PIN, finger or face, else beside the password. */
export interface PasskeyConfirmation {
  options: RequestOptions;
  /** True where the password is asked for as well. */
  withPassword: boolean;
}

/** How the caller can confirm with a passkey; null where they have none that could be asked for. */
export async function passkeyConfirmation(context: SignedInContext): Promise<PasskeyConfirmation | null> {
  if (!passkeysAsked(context.policy, context.user)) return null;
  const passkeys = await awakePasskeys(context, context.tenant, context.user);
  const verifying = passkeys.filter(({ verified }) => verified);
  const withPassword = verifying.length === 0;
  if (withPassword && !provesByPassword(context)) return null;
  const ceremony = { about: aboutConfirmation(context), verified: !withPassword };
  const asked = withPassword ? passkeys : verifying;
  const options = asked.length === 0 ? null : requestOptions(context, context.tenant, ceremony, asked);
  return options && { options, withPassword };
}

/** Confirms with a passkey: one that was used with PIN, finger or face stands for password and code, any other for the code. */
export async function confirmByPasskey(
  context: SignedInContext,
  { credential, password }: { credential: string; password: string },
): Promise<string> {
  if (!passkeysAsked(context.policy, context.user)) throw Invalid.field('', 'You have no passkey. Use your password.');
  const typed = password !== '';
  const user = typed ? await proveOwnPassword(context, password, 'password') : await lookUpOwn(context);
  const owner = { user, tenant: context.tenant, counter: signedInCodeKey(user.id) };
  const ceremony = { about: aboutConfirmation(context), verified: !typed };
  const { methods } = await provePasskey(context, owner, credential, ceremony);
  const shown: readonly Method[] = typed ? [...methods, 'pwd', 'mfa'] : methods;
  return actingNow(context, 'duty', (acting) => renewSession(acting, { authenticated: shown }));
}

function aboutConfirmation({ session }: SignedInContext): string {
  return `confirmation in ${session.id}`;
}
