import { clearThrottles } from '#models/throttle.js';
import { canonicalUsername } from '#policies/names.js';
import { standingOf } from '#policies/role.js';
import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { accountKey } from '#server/identity/counters.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import { actOnUser, forgetUser } from '#server/identity/user.js';

/**
 * Deletes somebody else's account, once its username has been typed; a program names it by its id and types none. Its
 * sessions, links and former passwords go with it; the security log keeps its id alone. Throws `Invalid` for another
 * name and for the last owner.
 */
export async function removeUser(context: TenantContext, userId: string, typedUsername: string | null): Promise<void> {
  await actOnUser(
    context,
    userId,
    { permission: 'users:delete', rule: mayActOnAnother, organisation: true },
    async (user, acting) => {
      const { tenantId, kind, status, username } = user;
      if (typedUsername !== null && canonicalUsername(typedUsername) !== canonicalUsername(username)) {
        throw Invalid.field('username', 'This is not the username of the account. Type it as it stands above.');
      }
      await forgetUser(acting, tenantId, userId);
      if (standingOf(user.roles).top) await keepAnOwner(acting);
      const roles = user.roles.map(({ name }) => name).sort();
      await record(acting, {
        event: 'user.deleted',
        target: { type: 'user', id: userId },
        details: { kind, status, roles },
      });
    },
  );
  await clearThrottles(context.services.database, accountKey(userId));
}
