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
import { movesOf } from './standing-moves.js';
import { describeTaking, takingOf } from './taking.js';

/**
 * Who has to approve it first: nobody, somebody here, or an operator of the platform, because nobody else here may. `not-yet`:
 * somebody has, and whoever asks has had their rights for too short a time to ask.
 */
export type Approver = 'nobody' | 'here' | 'platform' | 'not-yet';

/** Who has to approve what the actor would take from this account. The command line and the jobs ask nobody. */
export async function approverOf({ tenant, actor, now }: TenantContext, target: TargetUser): Promise<Approver> {
  if (actor.kind !== 'user') return 'nobody';
  const { raised, lowered, lifted } = await movesOf(tenant.id, now);
  const lately = lowered.has(target.id);
  if (!lately && ![...target.permissions].some(concernsOthers)) return 'nobody';
  const requested = {
    kind: 'access-pass',
    userId: target.id,
    requestedBy: actor.id,
    decidingTenantId: tenant.id,
    target,
  } as const;
  const others = await decidersOf({ ...requested, newcomers: new Set() });
  const policy = await SecurityPolicy.of(tenant.id);
  const could = new Set([...others.map(({ id }) => id), ...lowered]);
  for (const id of [target.id, actor.id]) could.delete(id ?? '');
  const wanted = { twoPersonReset: policy.twoPersonReset || lifted };
  if (!needsSecondPerson(wanted, { ...target, lately }, could.size)) return 'nobody';
  if (raised.has(actor.id ?? '')) return 'not-yet';
  if (others.some(({ id }) => !raised.has(id))) return 'here';
  // Nobody stands above the platform: its last operator is not shut out, and its owner can undo it.
  if (tenant.platform) return could.size > 0 || lately ? 'here' : 'nobody';
  return 'platform';
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
