import { inTransaction } from '#models/index.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import type { Context, TenantContext, TenantInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueLink, lockUser } from '../links/issue.js';
import { findLink, takeLink } from '../links/take.js';
import { replacePassword } from '../password/actions.js';
import { checkPassword } from '../password/rules.js';

/**
 * Mails a user the link on which they set their first password, valid for 7 days; an older one is void. Inside a
 * transaction. Throws `Conflict` for a user who is not waiting for an invitation.
 */
export async function sendInvitation(context: TenantContext, user: User): Promise<void> {
  const { tenant } = context;
  const invited = await lockUser(tenant.id, user.id);
  if (invited.status !== 'invited')
    throw new Conflict('This account is not waiting for an invitation. Send a link for a new password instead.');
  const { url, validFor } = await issueLink(context, invited, 'invitation');
  await queueMail(context, { event: 'invitation', to: invited, tenant, variables: { invitationLink: url, validFor } });
  await record(context, { event: 'invitation.sent', target: { type: 'user', id: invited.id } });
}

/**
 * Sets the first password of the user whom the link was mailed to, who can sign in from now on. Gives the organisation
 * to sign in to. Throws `DeadLink`, or `Invalid` for a password that may not be; the link then still works.
 */
export async function acceptInvitation(context: Context, token: string, newPassword: string): Promise<TenantInContext> {
  const found = await findLink(context, 'invitation', token);
  const { services } = context;
  const { tenant } = found.context;
  const policy = await SecurityPolicy.of(tenant.id);
  await checkPassword(services, policy, tenant, found.user, newPassword);
  const hash = await services.passwords.hash(newPassword);
  await inTransaction(async () => {
    const { user, context: inside } = await takeLink(context, found);
    const epoch = await replacePassword(inside, user, policy, hash);
    const [activated] = await User.update(
      { status: 'active' },
      { where: { tenantId: tenant.id, id: user.id, status: 'invited', epoch } },
    );
    if (activated !== 1) throw new Conflict('This account was changed a moment ago. Open the link again.');
    await record(inside, { event: 'invitation.accepted', actorId: user.id, target: { type: 'user', id: user.id } });
  });
  return tenant;
}
