import { Op } from 'sequelize';
import { User } from '#models/user.js';
import type { SignedInContext } from '#server/context.js';
import { ChangedMeanwhile, Conflict } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { endAccess } from '#server/identity/walk-access.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { timeText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';

/**
 * Puts the caller's account on its way out: every session ends, its credentials and SSH keys rest, and in so many days it
 * goes. Gives when. Inside a write that has asked for the proofs, and asks afterwards whether an owner stays.
 */
export async function beginLeaving(acting: SignedInContext, days: number): Promise<number> {
  const { tenant, now } = acting;
  const { id, epoch } = acting.user;
  const removalAt = now + days * DAY;
  // Of a single day the mail of now is that of the day before as well.
  const [begun] = await User.update(
    { removalAt, removalNoticed: days <= 1, epoch: epoch + 1 },
    { where: { tenantId: tenant.id, id, epoch, removalAt: null } },
  );
  if (begun !== 1) throw new ChangedMeanwhile('Sign in again.');
  const ended = await endAccess(acting, { tenantId: tenant.id, userId: id }, 'leaving');
  const user = await User.findByPk(id, { rejectOnEmpty: true });
  const variables = {
    removedOn: timeText(removalAt, user.locale, user.timeZone),
    signInLink: '/login',
    ...(await issueDisavowal(acting, user, 'account.removal-asked')),
  };
  await queueMail(acting, { event: 'account-removal-asked', to: user, tenant, variables });
  const sessionsEnded = ended.find(({ kind }) => kind.name === 'sessions')?.count ?? 0;
  await record(acting, {
    event: 'account.removal-asked',
    target: { type: 'user', id },
    details: { goesAt: new Date(removalAt).toISOString(), days, sessionsEnded },
  });
  return removalAt;
}

/** The caller stays after all: everything of the account works again, but for the sessions that have ended. */
export async function withdrawRemoval(context: SignedInContext): Promise<void> {
  await actingNow(context, 'withdrawal', async (acting) => {
    const { tenant } = acting;
    const { id } = acting.user;
    const [stays] = await User.update(
      { removalAt: null, removalNoticed: false },
      { where: { tenantId: tenant.id, id, removalAt: { [Op.ne]: null } } },
    );
    if (stays !== 1) throw new Conflict('Your account is not about to be deleted.');
    const user = await User.findByPk(id, { rejectOnEmpty: true });
    const variables = await issueDisavowal(acting, user, 'account.removal-withdrawn');
    await queueMail(acting, { event: 'account-removal-withdrawn', to: user, tenant, variables });
    await record(acting, { event: 'account.removal-withdrawn', target: { type: 'user', id } });
  });
}
