import { Role } from '#models/role.js';
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
