import type { User } from '#models/user.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { isOpen } from './gone.js';
import { issueLink } from './link.js';
import { lockUser } from './lock-user.js';

/**
 * Mails a user the link on which they set a new password, valid for 30 minutes; an older one is void. Inside a
 * transaction. Throws `Conflict` for a user who has no password to set anew.
 */
export async function sendResetLink(context: TenantContext, user: User): Promise<void> {
  const { tenant } = context;
  const owner = await lockUser(tenant.id, user.id);
  if (!(await hasPasswordToReset(context, owner))) {
    throw new Conflict(
      'Only an active account with a password can be sent a link for a new one. Enable the account, or send its invitation again.',
    );
  }
  const { path, validFor } = await issueLink(context, owner, 'password-reset');
  await queueMail(context, { event: 'password-reset', to: owner, tenant, variables: { resetLink: path, validFor } });
  await record(context, { event: 'password.reset-requested', target: { type: 'user', id: owner.id } });
}

/**
 * True for who signs in with a password here: neither service accounts, nor who is invited or disabled. Also for whose
 * password is worth nothing since they disavowed what was done with it.
 */
export async function hasPasswordToReset({ services, now }: Context, user: User): Promise<boolean> {
  return user.kind === 'person' && isOpen(services.database.read, user, now);
}
