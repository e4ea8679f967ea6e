import { Op } from 'sequelize';
import { SecurityEvent } from '#models/security-event.js';
import { User } from '#models/user.js';
import { STEADY_MS } from '#policies/approval.js';
import type { TenantContext } from '#server/context.js';
import { approverOf } from './approver.js';
import { decidersOf, newcomersOf, targetOfApproval } from './deciders.js';

/**
 * Whether a link for a new password must not be mailed to this account at this person's word (null: at a visitor's), because an
 * administrator has put another address there of late: alone they could read that mail themselves. Asked where a second one is
 * needed to take a factor from the account; whoever could approve that can have the link mailed.
 */
export async function isAddressTooNew(context: TenantContext, userId: string, by: string | null): Promise<boolean> {
  const { tenant, actor, now } = context;
  const mover = await movedBy(context, userId);
  const target = mover === null ? null : await targetOfApproval({ tenantId: tenant.id, userId });
  if (mover === null || !target) return false;
  // As whoever moved it would be answered, asking for a reset.
  const needed = await approverOf({ ...context, actor: { ...actor, kind: 'user', id: mover } }, target);
  if (needed === 'nobody') return false;
  // A puppet's hand, or a program's, is no second person's.
  if (needed === 'not-yet' || by === null || (await isProgram(context, mover))) return true;
  const decidingTenantId = tenant.id;
  const newcomers = await newcomersOf({ decidingTenantId }, now);
  const deciders = await decidersOf({
    kind: 'access-pass',
    userId,
    requestedBy: mover,
    decidingTenantId,
    target,
    newcomers,
  });
  return !deciders.some(({ id }) => id === by);
}

async function movedBy({ tenant, now }: TenantContext, userId: string): Promise<string | null> {
  const change = await SecurityEvent.findOne({
    where: { tenantId: tenant.id, targetId: userId, event: 'email.changed', at: { [Op.gt]: now - STEADY_MS } },
    order: [
      ['at', 'DESC'],
      ['seq', 'DESC'],
    ],
    attributes: ['actorId'],
  });
  return change === null || change.actorId === userId ? null : change.actorId;
}

async function isProgram({ tenant }: TenantContext, id: string): Promise<boolean> {
  return (await User.count({ where: { tenantId: tenant.id, id, kind: 'service' } })) > 0;
}
