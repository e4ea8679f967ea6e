import { SecurityPolicy } from '#models/security-policy.js';
import { clearThrottles } from '#models/throttle.js';
import { User } from '#models/user.js';
import { mayChangeAgainAt } from '#policies/password-age.js';
import type { SignedInContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { lookUpOwn, proveOwnPassword, provesByPassword } from '#server/identity/prove.js';
import { actingNow } from '#server/identity/acting.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { renewSession } from '#server/identity/session.js';
import {
  checkTypedTwice,
  countNewPassword,
  errorsOf,
  replacePassword,
  type TypedTwice,
} from '#server/identity/password.js';

const IDLE =
  'Your organisation lets passwords open nothing, so there is nothing to change: you sign in with a passkey.';

export interface PasswordChange extends TypedTwice {
  currentPassword: string;
}

/** Changes the caller's own password; other sessions end. Gives the new id of this one. */
export async function changePassword(context: SignedInContext, change: PasswordChange): Promise<string> {
  if (!provesByPassword(context)) throw new Conflict(IDLE);
  const wrong = await errorsOf(() => proveOwnPassword(context, change.currentPassword, 'currentPassword'));
  const user = await lookUpOwn(context);
  const policy = await SecurityPolicy.of(context.tenant.id);
  const again = user.passwordChangedAt === null ? null : mayChangeAgainAt(user.passwordChangedAt, policy);
  if (wrong.length === 0 && again !== null && context.now < again) {
    throw Invalid.field(
      'newPassword',
      'Your password was changed a short while ago, and your organisation asks to keep one for some time. Try again later.',
    );
  }
  await countNewPassword(context, user.id);
  await checkTypedTwice(context.services, policy, context.tenant, user, change, wrong);
  return setOwnPassword(context, 'own', user, policy, change.newPassword);
}

/** Sets the new password that limited mode asks for. The route has made sure that they proved the old one a moment ago. */
export async function changeRequiredPassword(context: SignedInContext, typed: TypedTwice): Promise<string> {
  const user = await User.findOne({ where: { tenantId: context.tenant.id, id: context.user.id }, rejectOnEmpty: true });
  const policy = await SecurityPolicy.of(context.tenant.id);
  await countNewPassword(context, user.id);
  await checkTypedTwice(context.services, policy, context.tenant, user, typed);
  // Last, for who has as good as set it: a pass leads here as well, and its holder is not to guess.
  if (await context.services.passwords.verify(user.passwordHash, typed.newPassword)) {
    throw Invalid.field('newPassword', 'This is your present password. Choose one that you have not used before.');
  }
  return setOwnPassword(context, 'duty', user, policy, typed.newPassword);
}

async function setOwnPassword(
  context: SignedInContext,
  demand: 'own' | 'duty',
  user: User,
  policy: SecurityPolicy,
  newPassword: string,
): Promise<string> {
  const hash = await context.services.passwords.hash(newPassword);
  const sid = await actingNow(context, demand, async (acting) => {
    const epoch = await replacePassword(acting, user, policy, hash, acting.session.id);
    await record(acting, { event: 'password.changed', target: { type: 'user', id: user.id } });
    const variables = await issueDisavowal(acting, user, 'password.changed');
    await queueMail(acting, { event: 'password-changed', to: user, tenant: acting.tenant, variables });
    return renewSession(acting, { authenticated: [], epoch });
  });
  await clearThrottles(context.services.database, `account/${user.id}`);
  return sid;
}
