import type { Row } from '#models/database.js';
import { Role } from '#models/role.js';
import { HOLDERS_BY_ROLE, HOLDERS_OF_ROLE } from '#models/user-counts.js';
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
  const counts = await services.database.read(HOLDERS_BY_ROLE, [tenant.id]);
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

// What lies between two values that PostgreSQL does not know it takes for little, and so goes by the index of the role.
const OF_ROLE = `ur.tenant_id = $1 AND ur.role_id = $2 AND ur.user_id BETWEEN (SELECT '') AND (SELECT 'z')`;
/** With more than this many, enough of them are met by walking along the names of everybody. */
const MANY = 2000;

// CROSS JOIN: in this very order.
const holdersBy = (from: string): string => `
SELECT u.id, u.name, u.username, u.status, ur.granted_at FROM ${from} ORDER BY u.name_key, u.id LIMIT $3`;
const FEW = holdersBy(
  `user_roles ur CROSS JOIN users u WHERE ${OF_ROLE} AND u.tenant_id = ur.tenant_id AND u.id = ur.user_id`,
);
const AMONG_ALL = holdersBy(
  `users u CROSS JOIN user_roles ur WHERE u.tenant_id = $1 AND ur.user_id = u.id AND ur.role_id = $2`,
);

/** How many hold a role, and the first of them by name. */
export async function holdersOf(
  { tenant, services: { database } }: TenantContext,
  roleId: string,
  limit: number,
): Promise<{ count: number; first: Holder[] }> {
  const [counted] = await database.read(HOLDERS_OF_ROLE, [tenant.id, roleId]);
  const count = Number(counted?.['found']);
  const rows = await database.read(count > MANY ? AMONG_ALL : FEW, [tenant.id, roleId, limit]);
  const first = rows.map((row) => ({
    ...namedOf(row),
    status: row['status'] as User['status'],
    grantedAt: row['granted_at'] === null ? null : Number(row['granted_at']),
  }));
  return { count, first };
}
