import { inTransaction } from '#models/transaction.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { clearThrottles } from '#models/throttle.js';
import { User } from '#models/user.js';
import { mayChangeAgainAt } from '#policies/password.js';
import type { SignedInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { proveOwnPassword } from '#server/identity/prove.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { renewSession } from '#server/identity/session.js';
import { checkPassword, replacePassword } from '#server/identity/password.js';

export interface PasswordChange {
  currentPassword: string;
  newPassword: string;
}

/** Changes the caller's own password; other sessions end, this one gets the new id `sid`. */
export async function changePassword(context: SignedInContext, change: PasswordChange, sid: string): Promise<void> {
  const user = await proveOwnPassword(context, change.currentPassword, 'currentPassword');
  const policy = await SecurityPolicy.of(context.tenant.id);
  const again = user.passwordChangedAt === null ? null : mayChangeAgainAt(user.passwordChangedAt, policy);
  if (again !== null && context.now < again) {
    throw Invalid.field(
      'newPassword',
      'Your password was changed a short while ago, and your organisation asks to keep one for some time. Try again later.',
    );
  }
  await setOwnPassword(context, user, policy, change.newPassword, sid);
}

/** Sets the new password that limited mode asks for. The route has made sure that they proved the old one a moment ago. */
export async function changeRequiredPassword(
  context: SignedInContext,
  newPassword: string,
  sid: string,
): Promise<void> {
  const user = await User.findOne({ where: { tenantId: context.tenant.id, id: context.user.id }, rejectOnEmpty: true });
  const policy = await SecurityPolicy.of(context.tenant.id);
  if (await context.services.passwords.verify(user.passwordHash, newPassword)) {
    throw Invalid.field('newPassword', 'This is your present password. Choose one that you have not used before.');
  }
  await setOwnPassword(context, user, policy, newPassword, sid);
}

async function setOwnPassword(
  context: SignedInContext,
  user: User,
  policy: SecurityPolicy,
  newPassword: string,
  sid: string,
): Promise<void> {
  await checkPassword(context.services, policy, context.tenant, user, newPassword);
  const hash = await context.services.passwords.hash(newPassword);
  await inTransaction(async () => {
    const epoch = await replacePassword(context, user, policy, hash, context.session.id);
    await renewSession(context, sid, { authenticated: true, epoch });
    await record(context, { event: 'password.changed', target: { type: 'user', id: user.id } });
    const variables = await issueDisavowal(context, user, 'password.changed');
    await queueMail(context, { event: 'password-changed', to: user, tenant: context.tenant, variables });
  });
  await clearThrottles(context.services.database, `account/${user.id}`);
}
