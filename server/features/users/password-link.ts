import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { isAddressTooNew } from '#server/identity/moved-address.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { actOnUser } from '#server/identity/user.js';
import { countLink } from './count-link.js';

/**
 * Mails the link with which the user gets to a password: a new one, or for who is still invited the first. Gives which.
 * Throws `Conflict` where there is no password to set: a service account, a disabled one.
 */
export async function sendPasswordLink(context: TenantContext, userId: string): Promise<'reset' | 'invitation'> {
  await countLink(context, userId);
  return actOnUser(context, userId, { permission: 'users:write', rule: mayActOn }, async (user, acting) => {
    if (user.status === 'invited') {
      await sendInvitation(acting, user);
      return 'invitation';
    }
    const { kind, id } = acting.actor;
    if (kind === 'user' && (await isAddressTooNew(acting, userId, id)))
      throw new Conflict(
        'The address of this account was changed less than three days ago, so no one administrator alone can have a link for a new password mailed there. Ask another, who did not change it and may reset its second factor, to send it.',
      );
    await sendResetLink(acting, user);
    return 'reset';
  });
}
