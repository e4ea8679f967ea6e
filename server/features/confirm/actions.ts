import type { User } from '#models/user.js';
import { together, type Method } from '#policies/authentication.js';
import type { SignedInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { signedInCodeKey } from '#server/identity/counters.js';
import { askedOf, kindNamed, typedOf } from '#server/identity/factor-kind.js';
import { awakePasskeys } from '#server/identity/passkey.js';
import { requestOptions, type RequestOptions } from '#server/identity/passkey-options.js';
import { provePasskey } from '#server/identity/passkey-proof.js';
import { lookUpOwn, proveOwnPassword, provesByPassword } from '#server/identity/prove.js';
import { renewSession } from '#server/identity/session.js';

export interface Confirmation {
  password: string;
  code: string;
  /** Sent in the place of a code by who does not have their app. */
  recoveryCode?: string | undefined;
  /** Of which kind the code is, where there is more than one; '' for the first. */
  factor: string;
}

/** Confirms that it is still the same person; the session counts as authenticated now. Gives its new id. */
export async function confirm(context: SignedInContext, confirmation: Confirmation): Promise<string> {
  const user = await proveOwnPassword(context, confirmation.password, 'password');
  const asked = askedOf(context.policy, context.user);
  const factor = asked.length === 0 ? [] : await proveAnyOf(asked, context, { ...confirmation, user });
  const shown: Method[] = asked.length === 0 ? ['pwd'] : together(['pwd', 'mfa'], factor);
  return actingNow(context, 'duty', (acting) => renewSession(acting, { authenticated: shown }));
}

// A recovery code in the place of any, or six digits of the kind that was chosen.
async function proveAnyOf(
  asked: readonly string[],
  context: SignedInContext,
  { code, recoveryCode, factor, user }: Confirmation & { user: User },
): Promise<readonly Method[]> {
  const owner = { user, tenant: context.tenant, counter: signedInCodeKey(user.id) };
  const about = aboutConfirmation(context);
  if (recoveryCode === '') throw Invalid.field('recoveryCode', 'Enter one of your recovery codes.');
  if (recoveryCode !== undefined) return kindNamed('recovery-code').prove(context, owner, recoveryCode, about);
  const { first } = typedOf(asked, factor);
  if (!first) throw Invalid.field('', 'Confirm with your passkey, or with one of your recovery codes.');
  if (code === '') throw Invalid.field('code', 'Enter the six digits that your app shows.');
  return first.prove(context, owner, code, about);
}

/** How a passkey of the caller confirms: alone where it asks for PIN, finger or face, else beside the password. */
export interface PasskeyConfirmation {
  options: RequestOptions;
  /** True where the password is asked for as well. */
  withPassword: boolean;
}

/** How the caller can confirm with a passkey; null where they have none that could be asked for. */
export async function passkeyConfirmation(context: SignedInContext): Promise<PasskeyConfirmation | null> {
  if (!askedOf(context.policy, context.user).includes('passkey')) return null;
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
  if (!askedOf(context.policy, context.user).includes('passkey'))
    throw Invalid.field('', 'You have no passkey. Use your password.');
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
