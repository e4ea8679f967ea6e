import type { Row } from '#models/database.js';
import { Role } from '#models/role.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';

export interface RoleWithHolders {
  role: Role;
  holders: number;
}

/** The roles of the tenant with the number of their holders, factory roles first. */
export async function listRoles({ tenant, services }: TenantContext): Promise<RoleWithHolders[]> {
  const roles = await Role.findAll({
    where: { tenantId: tenant.id },
    order: [
      ['createdAt', 'ASC'],
      ['id', 'ASC'],
    ],
  });
  const counts = await services.database.read(
    'SELECT role_id, COUNT(*) AS holders FROM user_roles WHERE tenant_id = $1 GROUP BY role_id',
    [tenant.id],
  );
  const byId = new Map(counts.map((row) => [row['role_id'], Number(row['holders'])]));
  return roles
    .map((role) => ({ role, holders: byId.get(role.id) ?? 0 }))
    .sort((a, b) => Number(a.role.key === null) - Number(b.role.key === null));
}

/** One role of the tenant. */
export async function findRole({ tenant }: Pick<TenantContext, 'tenant'>, id: string): Promise<Role> {
  const role = await Role.findOne({ where: { tenantId: tenant.id, id } });
  if (!role) throw new NotFound();
  return role;
}

/** Somebody as a page names them. */
export interface NamedPerson {
  id: string;
  name: string;
  username: string;
}

/** The person of a row. */
export function namedOf(row: Row): NamedPerson {
  return { id: String(row['id']), name: String(row['name']), username: String(row['username']) };
}

/** Somebody who holds a role. */
export interface Holder extends NamedPerson {
  status: User['status'];
  grantedAt: number | null;
}

const HOLDERS = `
SELECT u.id, u.name, u.username, u.status, ur.granted_at FROM user_roles ur
JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
WHERE ur.tenant_id = $1 AND ur.role_id = $2 ORDER BY u.name_key, u.id LIMIT $3`;

/** Who holds a role, the first of them by name. */
export async function firstHolders(
  { tenant, services }: TenantContext,
  roleId: string,
  limit: number,
): Promise<Holder[]> {
  const rows = await services.database.read(HOLDERS, [tenant.id, roleId, limit]);
  return rows.map((row) => ({
    ...namedOf(row),
    status: row['status'] as User['status'],
    grantedAt: row['granted_at'] === null ? null : Number(row['granted_at']),
  }));
}
