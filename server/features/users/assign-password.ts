import { SecurityPolicy } from '#models/security-policy.js';
import { clearThrottles } from '#models/throttle.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { replacePassword, checkPassword } from '#server/identity/password.js';
import { accountKey } from '#server/identity/counters.js';
import { actOnUser, changeRow, findUser, type UserWithRoles } from '#server/identity/user.js';

/**
 * Gives a user a password that they must change when they sign in with it; every session ends. Only from the command
 * line, for when no mail gets through: elsewhere nobody ever knows the password of another. Throws `Conflict` for an
 * account that nobody can sign in to, `Invalid` for a password that the rules refuse.
 */
export async function assignPassword(context: TenantContext, userId: string, password: string): Promise<void> {
  if (context.actor.kind !== 'command-line') throw new Forbidden();
  const { services, tenant } = context;
  const found = await findUser(context, userId);
  refuseWithoutSignIn(found);
  const policy = await SecurityPolicy.of(tenant.id);
  await checkPassword(services, policy, tenant, found, password, 'password');
  const hash = await services.passwords.hash(password);
  await actOnUser(context, userId, { permission: 'users:write', rule: mayActOn }, async (user, acting) => {
    refuseWithoutSignIn(user);
    user.epoch = await replacePassword(acting, user, policy, hash);
    // Whoever was invited needs the link no more, which has just been voided.
    const joins = user.status === 'invited' ? { status: 'active' as const, joinedAt: acting.now } : {};
    await changeRow(user, { mustChangePassword: true, ...joins });
    await record(acting, { event: 'password.assigned', target: { type: 'user', id: userId } });
    const variables = await issueDisavowal(acting, user, 'password.assigned');
    await queueMail(acting, { event: 'password-changed', to: user, tenant, variables });
  });
  await clearThrottles(services.database, accountKey(userId));
}

function refuseWithoutSignIn({ kind, status }: UserWithRoles): void {
  if (kind === 'service') throw new Conflict('A service account has no password: programs use its API tokens.');
  if (status === 'disabled')
    throw new Conflict('This account is disabled. Enable it first, on its page in the portal.');
}
