import { Op } from 'sequelize';
import { Approval } from '#models/approval.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { needsSecondPerson } from '#policies/approval.js';
import { TAKING_KINDS } from '#policies/enumerations.js';
import { concernsOthers } from '#policies/permissions.js';
import type { TargetUser } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { decidersOf } from './deciders.js';
import { describeTaking, takingOf } from './taking.js';

/** Who has to approve it first: nobody, somebody here, or an operator of the platform, because nobody else here may. */
export type Approver = 'nobody' | 'here' | 'platform';

/** Who has to approve what the actor would take from this account. The command line and the jobs ask nobody. */
export async function approverOf({ tenant, actor }: TenantContext, target: TargetUser): Promise<Approver> {
  if (actor.kind !== 'user' || ![...target.permissions].some(concernsOthers)) return 'nobody';
  const others = await decidersOf({
    kind: 'access-pass',
    userId: target.id,
    requestedBy: actor.id,
    decidingTenantId: tenant.id,
    target,
  });
  if (!needsSecondPerson(await SecurityPolicy.of(tenant.id), target, others.length)) return 'nobody';
  if (others.length > 0) return 'here';
  // Nobody stands above the platform: its last operator is not shut out, and its owner can undo it.
  return tenant.platform ? 'nobody' : 'platform';
}

/** What waits for a decision about this account, in words. */
export async function waitingAbout(
  { tenant, now }: TenantContext,
  userId: string,
): Promise<{ id: string; what: string }[]> {
  const user = await User.findOne({ where: { tenantId: tenant.id, id: userId }, rejectOnEmpty: true });
  const rows = await Approval.findAll({
    where: { tenantId: tenant.id, userId, state: 'waiting', expiresAt: { [Op.gt]: now }, kind: [...TAKING_KINDS] },
    order: [['id', 'ASC']],
  });
  const described = rows.map(async (row) => ({ id: row.id, what: await describeTaking(user, takingOf(row)) }));
  return (await Promise.all(described)).flatMap(({ id, what }) => (what === null ? [] : [{ id, what }]));
}
