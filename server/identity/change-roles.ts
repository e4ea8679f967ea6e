import { UserRole } from '#models/user-role.js';
import type { Role } from '#models/role.js';
import { reachedAt } from '#policies/second-factor.js';
import type { TenantContext } from '#server/context.js';
import { record } from '#server/trace/record.js';
import { changeRow, type UserWithRoles } from './user.js';
import { endAccess, ownerOf } from './walk-access.js';

/** Makes these the roles of a user, who signs in again with them. Inside a write that holds the organisation, after the rule was asked. */
export async function changeRoles(acting: TenantContext, user: UserWithRoles, roles: readonly Role[]): Promise<void> {
  const { now, actor } = acting;
  const { mustSetUpTwoFactor } = user;
  const before = { mustSetUpTwoFactor, roles: user.roles };
  await changeRow(user, {
    epoch: user.epoch + (user.status === 'invited' ? 0 : 1),
    twoFactorSince: reachedAt(user.twoFactorSince, before, { mustSetUpTwoFactor, roles }, now),
  });
  const ids = roles.map(({ id }) => id);
  await UserRole.replace(user.tenantId, user.id, ids, { at: now, by: actor.id });
  if (user.status !== 'invited') await endAccess(acting, ownerOf(user), 'sessions end');
  const named = (held: readonly Role[]) => held.map(({ name }) => name).sort();
  const details = { roles: { from: named(user.roles), to: named(roles) } };
  await record(acting, { event: 'user.roles-changed', target: { type: 'user', id: user.id }, details });
}
