import type { Approval } from '#models/approval.js';
import { standingOf } from '#policies/role.js';
import { mayActOnAnother } from '#policies/user.js';
import type { Context } from '#server/context.js';
import { standingOfUser } from './standing-of.js';
import type { UserWithRoles } from './user.js';

/** Whether what an approval stands on is as it was: the account, and whoever asked, who may still do it themselves. */
export async function stillStands(
  { services, now }: Pick<Context, 'services' | 'now'>,
  { tenantId, requestedBy, requesterEpoch, epoch }: Approval,
  user: UserWithRoles,
): Promise<boolean> {
  if (user.epoch !== epoch) return false;
  const standing = await standingOfUser({ services, now, tenant: { id: tenantId } }, requestedBy ?? '');
  if (standing?.status !== 'active' || standing.duty !== null || standing.user.epoch !== requesterEpoch) return false;
  return mayActOnAnother(standing.actor, 'users:two-factor', { id: user.id, tenantId, ...standingOf(user.roles) });
}
