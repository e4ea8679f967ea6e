import { setTimeout as pause } from 'node:timers/promises';
import { Op } from 'sequelize';
import { Link } from '#models/link.js';
import { Tenant } from '#models/tenant.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import type { Context, Services, TenantContext } from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText } from '#server/mail/words.js';
import { adminsOf } from '#server/identity/admins.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { lockUser } from '#server/identity/lock-user.js';
import { isAddressTooNew } from '#server/identity/moved-address.js';
import { asVisitor, asVisitorOf } from '#server/identity/take-link.js';
import { hasPasswordToReset, sendResetLink } from '#server/identity/reset-link.js';

// Time enough for the slow way on a busy machine, and too short for a person to notice.
const ANSWER_AFTER = 300;
const MAILS_AN_HOUR = 5;

/**
 * Mails the link for a new password, or the invitation again, to whom this names; to nobody where there is nobody, or
 * where mails went out a short while ago. Who asks cannot tell these apart: the look-up runs on the side, and this
 * returns after the same time whatever it finds, also when it fails.
 */
export async function requestReset(context: Context, asked: { organization: string; username: string }): Promise<void> {
  const { services, requestId } = context;
  services.aside.run(
    () => mailLink(context, asked),
    (error) => {
      const { name, message } = error as Error;
      services.log.error({ requestId, err: { name, message } }, 'no link mailed for a forgotten password');
    },
  );
  await pause(ANSWER_AFTER);
}

async function mailLink(
  context: Context,
  { organization, username }: { organization: string; username: string },
): Promise<void> {
  const tenant = await Tenant.findOne({ where: { slug: canonicalSlug(organization), status: 'active' } });
  const user = tenant ? await User.bySignInName(tenant.id, username) : null;
  if (!tenant || !user) return;
  const send =
    user.status === 'invited' ? sendInvitation : (await hasPasswordToReset(context, user)) ? sendResetLink : null;
  if (!send || !(await mayBeMailed(context.services, user.id))) return;
  await asVisitor(context, { tenantId: tenant.id, userId: user.id }, async () => {
    // As it is now: an account disavowed a moment ago may have an address that is not its owner's, and an organisation
    // that has just been suspended mails nobody.
    const { resetHeld } = await lockUser(tenant.id, user.id);
    const active = (await Tenant.count({ where: { id: tenant.id, status: 'active' } })) === 1;
    if (!active || resetHeld) return;
    const acting = asVisitorOf(context, tenant);
    if (user.status === 'invited' && !(await isInvited(acting, user))) await tellOfExpired(acting, user);
    // Whoever put the address there could ask for it here as well.
    else if (user.status === 'invited' || !(await isAddressTooNew(acting, user.id, null))) await send(acting, user);
  });
}

// An invitation lives as long as whoever sent it was told: nobody else gives it more time, in a mailbox that may be somebody else's by now.
async function isInvited({ now }: Context, { id, tenantId }: User): Promise<boolean> {
  const live = { tenantId, userId: id, kind: 'invitation', usedAt: null, expiresAt: { [Op.gt]: now } } as const;
  return (await Link.count({ where: live })) > 0;
}

async function tellOfExpired(context: TenantContext, user: User): Promise<void> {
  const variables = {
    account: accountText(user),
    accountLink: `/admin/users/${user.id}`,
  };
  for (const to of await adminsOf(context.tenant.id, user.id))
    await queueMail(context, { event: 'invitation-expired', to, tenant: context.tenant, variables });
}

// One in 5 minutes and 5 an hour: a stranger can neither flood the mailbox, nor void each link before it is opened.
async function mayBeMailed({ clock, database }: Services, userId: string): Promise<boolean> {
  const now = clock.now();
  const { points } = await countThrottle(database, `reset-mail/${userId}/once`, 5 * MINUTE, now);
  if (points > 1) return false;
  const hour = await countThrottle(database, `reset-mail/${userId}/hour`, HOUR, now);
  return hour.points <= MAILS_AN_HOUR;
}
