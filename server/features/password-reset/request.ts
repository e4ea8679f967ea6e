import { setTimeout as pause } from 'node:timers/promises';
import { Tenant } from '#models/tenant.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import type { Context, Services } from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { lockUser } from '#server/identity/lock-user.js';
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
  const send = user.status === 'invited' ? sendInvitation : hasPasswordToReset(user) ? sendResetLink : null;
  if (!send || !(await mayBeMailed(context.services, user.id))) return;
  await asVisitor(context, { tenantId: tenant.id, userId: user.id }, async () => {
    // As it is now: an account disavowed a moment ago may have an address that is not its owner's.
    const { resetHeld } = await lockUser(tenant.id, user.id);
    if (!resetHeld) await send(asVisitorOf(context, tenant), user);
  });
}

// One in 5 minutes and 5 an hour: a stranger can neither flood the mailbox, nor void each link before it is opened.
async function mayBeMailed({ clock, database }: Services, userId: string): Promise<boolean> {
  const now = clock.now();
  const { points } = await countThrottle(database, `reset-mail/${userId}/once`, 5 * MINUTE, now);
  if (points > 1) return false;
  const hour = await countThrottle(database, `reset-mail/${userId}/hour`, HOUR, now);
  return hour.points <= MAILS_AN_HOUR;
}
