import type { Row } from '#models/database.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { madeOfKinds } from './factor-kind.js';
import {
  PRINCIPAL_ROLES,
  principalColumns,
  rolesOf,
  standingOf,
  type HeldRole,
  type Standing,
} from './principal-row.js';

/** A role of somebody, and when and by whom it was given; null where that is not known. */
export interface GivenRole extends HeldRole {
  givenAt: number | null;
  /** Null with a time: the command line, a job, or somebody who is no longer there. */
  givenBy: { id: string; name: string } | null;
}

/** What is true of a user, whether or not they can sign in. */
export interface StandingOfUser extends Standing {
  status: User['status'];
  given: GivenRole[];
}

const byId = madeOfKinds(
  () => `
SELECT u.status, ur.granted_at, g.id AS giver_id, g.name AS giver_name,${principalColumns()}
FROM users u
JOIN tenants t ON t.id = u.tenant_id
JOIN security_policies p ON p.tenant_id = u.tenant_id${PRINCIPAL_ROLES}
LEFT JOIN users g ON g.tenant_id = u.tenant_id AND g.id = ur.granted_by
WHERE u.tenant_id = $1 AND u.id = $2 ORDER BY r.name_key, r.id`,
);

/** The standing of a user of the tenant, by the rule that every request of theirs is held to; null for who is not there. */
export async function standingOfUser(
  { tenant, services, now }: Pick<TenantContext, 'services' | 'now'> & { tenant: { id: string } },
  userId: string,
): Promise<StandingOfUser | null> {
  const rows = await services.database.read(byId(), [tenant.id, userId]);
  const row = rows[0];
  if (!row) return null;
  const given = rows.flatMap((one) => rolesOf([one]).map((role) => ({ ...role, ...givingOf(one) })));
  return { ...standingOf(rows, row, now, null), status: row['status'] as User['status'], given };
}

function givingOf(row: Row): Pick<GivenRole, 'givenAt' | 'givenBy'> {
  const { granted_at: at, giver_id: id, giver_name: name } = row;
  return {
    givenAt: at === null ? null : Number(at),
    givenBy: typeof id === 'string' ? { id, name: String(name) } : null,
  };
}
