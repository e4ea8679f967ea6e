import type { Read } from '#models/database.js';
import { Role } from '#models/role.js';
import { standingOf, type HeldRole } from '#policies/role.js';
import { exceeds } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';

/** Those who hold a role together with the same others. */
export interface Combination {
  /** The ids of all they hold, as `HELD` writes them. */
  ids: string;
  people: number;
  /** What they hold beside the role. */
  others: readonly Role[];
}

/** Whoever holds the role $2, with all that they hold. */
export const HELD = `
SELECT ur.user_id, string_agg(ur.role_id, ' ' ORDER BY ur.role_id) AS ids FROM user_roles ur
WHERE ur.tenant_id = $1 AND ur.user_id IN (SELECT h.user_id FROM user_roles h WHERE h.tenant_id = $1 AND h.role_id = $2)
GROUP BY ur.user_id`;

/** However many hold the role: as few rows as there are combinations of roles among them. */
export async function combinationsWith({ tenant }: TenantContext, roleId: string, read: Read): Promise<Combination[]> {
  const roles = new Map((await Role.findAll({ where: { tenantId: tenant.id } })).map((role) => [role.id, role]));
  const rows = await read(`SELECT ids, count(*) AS people FROM (${HELD}) AS held GROUP BY ids ORDER BY ids`, [
    tenant.id,
    roleId,
  ]);
  return rows.map((row) => {
    const ids = String(row['ids']);
    const others = ids
      .split(' ')
      .filter((id) => id !== roleId)
      .flatMap((id) => roles.get(id) ?? []);
    return { ids, people: Number(row['people']), others };
  });
}

/** What a role may demand of who holds it. */
interface Demanding {
  requiresTwoFactor: boolean;
  requiresPhishingResistant: boolean;
}

/**
 * To edit a role is to act on everybody who holds it. Throws `Forbidden` when the change from `before` to `after` moves
 * the standing of somebody whom the actor does not exceed, or lifts a demand that binds the actor. `read` is that of a
 * write that holds the organisation, or of a look at what it would do.
 */
export async function refuseBeyondReach(
  acting: TenantContext,
  before: HeldRole & Demanding,
  after: HeldRole & Demanding,
  read: Read,
): Promise<void> {
  const { actor } = acting;
  if (actor.kind !== 'user') return;
  const passkeyMoves = before.requiresPhishingResistant !== after.requiresPhishingResistant;
  const demandMoves = passkeyMoves || before.requiresTwoFactor !== after.requiresTwoFactor;
  for (const { others } of await combinationsWith(acting, after.id, read)) {
    const was = standingOf([...others, before]);
    const is = standingOf([...others, after]);
    if (!demandMoves && sameStanding(was, is)) continue;
    if (exceeds(actor, was) || exceeds(actor, is))
      throw new Forbidden(
        'Somebody who holds this role may do more than you, and the change would be one of what they may or must do. Ask somebody who may do as much.',
      );
  }
  const lifted =
    (before.requiresTwoFactor && !after.requiresTwoFactor) ||
    (before.requiresPhishingResistant && !after.requiresPhishingResistant);
  if (lifted && (await holds(acting, after.id, read)))
    throw new Forbidden(
      `This role demands ${before.requiresPhishingResistant ? 'a passkey' : 'two-factor authentication'} of you as well. Ask somebody who does not hold it.`,
    );
}

function sameStanding(one: ReturnType<typeof standingOf>, other: ReturnType<typeof standingOf>): boolean {
  return (
    one.top === other.top &&
    one.permissions.size === other.permissions.size &&
    [...one.permissions].every((permission) => other.permissions.has(permission))
  );
}

/** Whether the actor holds the role. */
export async function holds({ actor, tenant }: TenantContext, roleId: string, read: Read): Promise<boolean> {
  const sql = 'SELECT 1 FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role_id = $3';
  return (await read(sql, [tenant.id, actor.id, roleId])).length > 0;
}
