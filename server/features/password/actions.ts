import { Op } from 'sequelize';
import { inTransaction } from '#models/index.js';
import { Link } from '#models/link.js';
import { PasswordHistory } from '#models/password-history.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { clearThrottles } from '#models/throttle.js';
import { User } from '#models/user.js';
import { mayChangeAgainAt } from '#policies/password.js';
import type { Context, SignedInContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { proveOwnPassword } from '../confirm/actions.js';
import { issueDisavowal } from '../disavowal/issue.js';
import { renewSession } from '../sessions/actions.js';
import { checkPassword } from './rules.js';

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

/**
 * Puts a checked password's hash in place, for every way there is to set one: keeps the old one as history, moves the
 * epoch on (which voids links), and ends the sessions (all but `except`). Gives the new epoch. Inside a transaction.
 * Throws `Conflict` when the user was changed meanwhile.
 */
export async function replacePassword(
  context: Context,
  user: User,
  policy: SecurityPolicy,
  hash: string,
  except?: string,
): Promise<number> {
  const { tenantId, id: userId, epoch } = user;
  const [changed] = await User.update(
    {
      passwordHash: hash,
      passwordChangedAt: context.now,
      mustChangePassword: false,
      resetHeld: false,
      lockedUntil: null,
      epoch: epoch + 1,
    },
    { where: { tenantId, id: userId, epoch } },
  );
  if (changed !== 1) throw new Conflict('This account was changed a moment ago. Reload the page and try again.');
  if (user.passwordHash !== null) await keepHistory(user, user.passwordHash, policy.history, context.now);
  await Session.end({ tenantId, userId }, context.now, except);
  await Link.voidAll(tenantId, userId, context.now);
  return epoch + 1;
}

async function keepHistory(
  { tenantId, id: userId }: User,
  passwordHash: string,
  length: number,
  now: number,
): Promise<void> {
  if (length > 0) await PasswordHistory.create({ tenantId, userId, passwordHash, createdAt: now });
  const kept = await PasswordHistory.latest(tenantId, userId, Math.max(length, 0));
  await PasswordHistory.destroy({ where: { tenantId, userId, id: { [Op.notIn]: kept.map(({ id }) => id) } } });
}
