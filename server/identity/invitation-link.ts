import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueLink } from './link.js';
import { lockUser } from './lock-user.js';

/**
 * Mails a user the link on which they set their first password, valid for 7 days; an older one is void. Inside a
 * transaction. Throws `Conflict` for a user who is not waiting for an invitation.
 */
export async function sendInvitation(context: TenantContext, user: User): Promise<void> {
  const { tenant } = context;
  const invited = await lockUser(tenant.id, user.id);
  if (invited.status !== 'invited')
    throw new Conflict('This account is not waiting for an invitation. Send a link for a new password instead.');
  const { path, validFor } = await issueLink(context, invited, 'invitation');
  const by = context.user?.name ?? 'An administrator';
  const variables = { invitationLink: path, validFor, by, shortName: tenant.slug };
  await queueMail(context, { event: 'invitation', to: invited, tenant, variables });
  await record(context, { event: 'invitation.sent', target: { type: 'user', id: invited.id } });
}
