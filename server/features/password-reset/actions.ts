import { PasswordHistory } from '#models/password-history.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { clearThrottles } from '#models/throttle.js';
import type { User } from '#models/user.js';
import { passwordHasExpired } from '#policies/password-age.js';
import type { Context, TenantInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { endAccess, endedText, ownerOf } from '#server/identity/walk-access.js';
import { recordRevoked } from '#server/identity/credential.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { findLink, takingLink } from '#server/identity/take-link.js';
import { checkTypedTwice, countNewPassword, replacePassword, type TypedTwice } from '#server/identity/password.js';

/**
 * Sets the new password of the user whom the link was mailed to: all sessions end, and the lock after failed sign-ins
 * is lifted. Nobody is signed in by it. Gives the organisation to sign in to. Throws `DeadLink`, or `Invalid` for a
 * password that may not be; the link then still works.
 */
export async function resetPassword(
  context: Context,
  token: string,
  typed: TypedTwice,
): Promise<{ owner: User; tenant: TenantInContext }> {
  const found = await findLink(context, 'password-reset', token);
  const { services } = context;
  const { tenant } = found.context;
  const policy = await SecurityPolicy.of(tenant.id);
  await countNewPassword(context, found.link.id);
  await checkTypedTwice(services, policy, tenant, found.user, typed);
  await refuseOutdated(context, found.user, policy, typed.newPassword);
  const hash = await services.passwords.hash(typed.newPassword);
  await takingLink(context, found, async ({ user, context: inside }) => {
    // Whoever was in the account may have left something behind: what has been made since its password was set before.
    const since = user.passwordChangedAt ?? user.createdAt;
    await replacePassword(inside, user, policy, hash);
    const evicted = await endAccess(inside, ownerOf(user), 'reset by mail', { since });
    const counts = Object.fromEntries(evicted.map(({ kind, count }) => [kind.name, count]));
    await record(inside, {
      event: 'password.reset',
      actorId: user.id,
      target: { type: 'user', id: user.id },
      details: counts,
    });
    await recordRevoked(inside, { id: user.id, tenantId: user.tenantId }, evicted);
    const variables = { ...(await issueDisavowal(inside, user, 'password.reset')), evicted: endedText(evicted) };
    await queueMail(inside, { event: 'password-reset-done', to: user, tenant, variables });
  });
  await clearThrottles(services.database, `account/${found.user.id}`);
  return { owner: found.user, tenant };
}

// Who was told to choose another password, because it may be known to others or is too old, does not keep it this way.
async function refuseOutdated(
  context: Context,
  user: User,
  policy: SecurityPolicy,
  newPassword: string,
): Promise<void> {
  if (!user.mustChangePassword && !passwordHasExpired(user.passwordChangedAt, policy, context.now)) return;
  // A disavowed password stands in the history, whatever length that is to have.
  const [former] = user.passwordHash === null ? await PasswordHistory.latest(user.tenantId, user.id, 1) : [];
  if (await context.services.passwords.verify(user.passwordHash ?? former?.passwordHash ?? null, newPassword)) {
    throw Invalid.field('newPassword', 'This is your present password, and it has to be changed. Choose another.');
  }
}
