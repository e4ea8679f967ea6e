import { Op, UniqueConstraintError } from 'sequelize';
import { Link } from '#models/link.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import type { Context, SignedInContext, TenantInContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { HOUR } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { actingNow } from '#server/identity/acting.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { issueLink } from '#server/identity/link.js';
import { lockUser } from '#server/identity/lock-user.js';
import { findLink, takingLink } from '#server/identity/take-link.js';
import { refuseTaken } from '#server/identity/add-user.js';

const REQUESTS_AN_HOUR = 5;

/** Throws `Invalid` past five new addresses an hour: whoever the links are mailed to has not asked for them. Outside transactions. */
export async function countEmailChange({ services, user, now }: SignedInContext): Promise<void> {
  const { points } = await countThrottle(services.database, `email-change/${user.id}`, HOUR, now);
  if (points > REQUESTS_AN_HOUR)
    throw Invalid.field('email', 'You have entered five new addresses within an hour. Try again later.');
}

/**
 * Asks for a new address for the caller, which counts once the link mailed to it has been opened; the old address is
 * told. An address asked for earlier is dropped. `Invalid` when another user has it. Inside a write.
 */
export async function requestEmailChange(context: SignedInContext, email: string): Promise<void> {
  const { tenant } = context;
  const user = await lockUser(tenant.id, context.user.id);
  const moved = User.build({ ...user.get(), email }, { isNewRecord: false });
  await refuseTaken(context, moved);
  const { path, validFor } = await issueLink(context, user, 'email-change', email);
  await queueMail(context, {
    event: 'email-change-confirm',
    to: moved,
    tenant,
    variables: { confirmLink: path, validFor },
  });
  const variables = { ...(await issueDisavowal(context, user, 'email.change-requested')), newEmail: email };
  await queueMail(context, { event: 'email-change-notice', to: user, tenant, variables });
  await record(context, {
    event: 'email.change-requested',
    target: { type: 'user', id: user.id },
    details: { email: { from: user.email, to: email } },
  });
}

/** The address that waits for its confirmation; null when there is none. */
export async function pendingEmail({ user, now }: SignedInContext): Promise<string | null> {
  const { tenantId, id: userId, epoch } = user;
  const link = await Link.findOne({
    where: { tenantId, userId, kind: 'email-change', epoch, usedAt: null, expiresAt: { [Op.gt]: now } },
  });
  return link?.email ?? null;
}

/** Drops the address that waits for its confirmation: the mailed link is void. */
export async function cancelEmailChange(context: SignedInContext): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const { tenant, user, now } = acting;
    if ((await pendingEmail(acting)) === null) return;
    await Link.voidAll(tenant.id, user.id, now, 'email-change');
    await record(acting, { event: 'email.change-cancelled', target: { type: 'user', id: user.id } });
  });
}

/**
 * Makes the address that the link was mailed to the user's own. All sessions end, all links are void, and the old
 * address is told. Gives whose it is. Throws `DeadLink`, or `Conflict` when another user has the address by now.
 */
export async function confirmEmail(context: Context, token: string): Promise<{ owner: User; tenant: TenantInContext }> {
  const found = await findLink(context, 'email-change', token);
  const { tenant } = found.context;
  await takingLink(context, found, async ({ link, user, context: inside }) => {
    const old = User.build(user.get(), { isNewRecord: false });
    user.set({ email: link.email, epoch: user.epoch + 1 });
    user.setKeys();
    await user.save().catch((error: unknown) => {
      throw error instanceof UniqueConstraintError ? new Conflict(TAKEN) : error;
    });
    await endAccess(inside, ownerOf(user), 'sessions end');
    const variables = { ...(await issueDisavowal(inside, old, 'email.changed')), newEmail: user.email };
    await queueMail(inside, { event: 'email-changed', to: old, tenant, variables });
    await record(inside, {
      event: 'email.changed',
      actorId: user.id,
      target: { type: 'user', id: user.id },
      details: { email: { from: old.email, to: user.email } },
    });
  });
  return { owner: found.user, tenant };
}

const TAKEN =
  'Another user of this organisation has this e-mail address by now, so yours stays as it is. Sign in and enter another in your profile.';
