import { Op } from 'sequelize';
import { Link } from '#models/link.js';
import type { User } from '#models/user.js';
import { STEADY_MS } from '#policies/approval.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import type { EventName } from '#server/trace/events.js';
import { issueDisavowal } from './disavowal-link.js';

/**
 * Tells the addresses that an account had within the last three days what an administrator has done to its factors: alone
 * they could have put another there first, and would read of it themselves. What puts a factor back does not go there: the
 * address may have been changed because the mailbox is somebody else's. Inside that write.
 */
export async function tellFormerAddresses(
  acting: TenantContext,
  user: User,
  { about, what, by }: { about: EventName; what: string; by: string },
): Promise<void> {
  const { tenant, now } = acting;
  const { id, name, username, locale, timeZone } = user;
  // Each change has told the address of before, and where it told is kept.
  const told = await Link.findAll({
    where: {
      ...{ tenantId: user.tenantId, userId: id, kind: 'disavowal', about: 'email.changed' },
      createdAt: { [Op.gt]: now - STEADY_MS },
    },
    attributes: ['email'],
    group: ['email'],
  });
  for (const { email } of told) {
    if (email === user.email || email === '') continue;
    const variables = { ...(await issueDisavowal(acting, user, about, email)), what, by };
    const to = { id, name, username, locale, timeZone, email };
    await queueMail(acting, { event: 'factors-taken-notice', to, tenant, variables });
  }
}
