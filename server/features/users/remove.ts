import { clearThrottles } from '#models/throttle.js';
import { canonicalUsername } from '#policies/names.js';
import { standingOf } from '#policies/role.js';
import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import type { EventName } from '#server/trace/events.js';
import { accountKey } from '#server/identity/counters.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import { actOnUser, forgetUser, type Deed, type UserWithRoles } from '#server/identity/user.js';

const REMOVING: Deed = { permission: 'users:delete', rule: mayActOnAnother, organisation: true };

/**
 * Deletes somebody else's account, once its username has been typed; a program names it by its id and types none. Its
 * sessions, links and former passwords go with it; the security log keeps its id alone. Throws `Invalid` for another
 * name and for the last owner.
 */
export async function removeUser(context: TenantContext, userId: string, typedUsername: string | null): Promise<void> {
  await actOnUser(context, userId, REMOVING, async (user, acting) => {
    if (typedUsername !== null && canonicalUsername(typedUsername) !== canonicalUsername(user.username)) {
      throw Invalid.field('username', 'This is not the username of the account. Type it as it stands above.');
    }
    await remove(acting, user, 'user.deleted');
  });
  await clearThrottles(context.services.database, accountKey(userId));
}

/**
 * Deletes the account of somebody who has asked for that, and whose days of grace are over; `tell` is part of it. False
 * where they have taken it back meanwhile. Throws `Invalid` for the last owner.
 */
export async function removeLeaver(
  context: TenantContext,
  userId: string,
  tell: (acting: TenantContext, user: UserWithRoles) => Promise<void>,
): Promise<boolean> {
  const gone = await actOnUser(context, userId, REMOVING, async (user, acting) => {
    if (user.removalAt === null || user.removalAt > acting.now) return false;
    await remove(acting, user, 'account.deleted');
    await tell(acting, user);
    return true;
  });
  if (gone) await clearThrottles(context.services.database, accountKey(userId));
  return gone;
}

async function remove(acting: TenantContext, user: UserWithRoles, event: EventName): Promise<void> {
  const { id, tenantId, kind, status } = user;
  await forgetUser(acting, tenantId, id);
  if (standingOf(user.roles).top) await keepAnOwner(acting);
  const roles = user.roles.map(({ name }) => name).sort();
  await record(acting, { event, target: { type: 'user', id }, details: { kind, status, roles } });
}
