import { readInTransaction } from '#models/transaction.js';
import { Role } from '#models/role.js';
import { standingOf, type HeldRole } from '#policies/role.js';
import { exceeds } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';

/**
 * To edit a role is to act on everybody who holds it. Throws `Forbidden` when the change from `before` to `after` moves
 * the standing of somebody whom the actor does not exceed, or lifts a demand that binds the actor. Inside a write that
 * holds the organisation.
 */
export async function refuseBeyondReach(
  acting: TenantContext,
  before: HeldRole,
  after: Role,
  demandedBefore: boolean,
): Promise<void> {
  const { actor, services, tenant } = acting;
  if (actor.kind !== 'user') return;
  const demandMoves = demandedBefore !== after.requiresTwoFactor;
  const roles = new Map((await Role.findAll({ where: { tenantId: tenant.id } })).map((role) => [role.id, role]));
  const together = services.database.dialect === 'sqlite' ? 'group_concat' : 'string_agg';
  // However many hold it: as few rows as there are combinations of roles among them.
  const combinations = await readInTransaction(
    `SELECT DISTINCT ids FROM (
      SELECT ${together}(ur.role_id, ' ') AS ids FROM user_roles ur
      WHERE ur.tenant_id = $1 AND ur.user_id IN (SELECT h.user_id FROM user_roles h WHERE h.tenant_id = $1 AND h.role_id = $2)
      GROUP BY ur.user_id
    ) AS held`,
    [tenant.id, after.id],
  );
  for (const { ids } of combinations) {
    const others = String(ids)
      .split(' ')
      .filter((id) => id !== after.id)
      .flatMap((id) => roles.get(id) ?? []);
    const was = standingOf([...others, before]);
    const is = standingOf([...others, after]);
    if (!demandMoves && sameStanding(was, is)) continue;
    if (exceeds(actor, was) || exceeds(actor, is))
      throw new Forbidden(
        'Somebody who holds this role may do more than you, and the change would be one of what they may or must do. Ask somebody who may do as much.',
      );
  }
  if (demandMoves && demandedBefore && (await holds(acting, after.id)))
    throw new Forbidden(
      'This role demands two-factor authentication of you as well. Ask somebody who does not hold it.',
    );
}

function sameStanding(one: ReturnType<typeof standingOf>, other: ReturnType<typeof standingOf>): boolean {
  return (
    one.top === other.top &&
    one.permissions.size === other.permissions.size &&
    [...one.permissions].every((permission) => other.permissions.has(permission))
  );
}

async function holds({ actor, tenant }: TenantContext, roleId: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role_id = $3';
  return (await readInTransaction(sql, [tenant.id, actor.id, roleId])).length > 0;
}
