import { Role } from '#models/role.js';
import { giveRoles } from '#models/roles-of.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { canonicalName, canonicalSlug } from '#policies/names.js';
import type { TenantInContext } from '#server/context.js';
import { Invalid, NotFound } from '#server/errors.js';
import { inContext } from '#server/identity/tenant.js';
import type { UserAddress } from './arguments.js';

/** The organisations, as the command line names them. */
export async function findTenants(): Promise<TenantInContext[]> {
  const tenants = await Tenant.findAll({ order: [['slug', 'ASC']] });
  return tenants.map(inContext);
}

/** Organisations that have been removed: of them there is the security log, and a number. */
export async function removedTenants(): Promise<{ id: string; slug: string }[]> {
  const kept = new Set((await Tenant.findAll({ attributes: ['id'] })).map(({ id }) => id));
  const heads = await SecurityLogHead.findAll({ attributes: ['tenantId'], order: [['tenantId', 'ASC']] });
  return heads
    .filter(({ tenantId }) => !kept.has(tenantId))
    .map(({ tenantId }) => ({ id: tenantId, slug: `${tenantId} (removed)` }));
}

export async function findTenant(slug: string): Promise<TenantInContext> {
  const tenant = await Tenant.findOne({ where: { slug: canonicalSlug(slug) } });
  if (!tenant) throw new NotFound(`There is no organisation ${slug}. See: tenant list`);
  return inContext(tenant);
}

/** The user of this address, with roles. */
export async function findUser({
  organization,
  username,
}: UserAddress): Promise<{ tenant: TenantInContext; user: User & { roles: Role[] } }> {
  const tenant = await findTenant(organization);
  const user = await User.called(tenant.id, username);
  if (!user) throw new NotFound(`There is no user ${username} in ${organization}. See: user list ${organization}`);
  await giveRoles(tenant.id, [user]);
  return { tenant, user: user as User & { roles: Role[] } };
}

/** The role of this name, in any case. Throws `Invalid` against `field`, with the names there are. */
export async function findRole({ tenant }: { tenant: TenantInContext }, name: string, field = 'role'): Promise<Role> {
  const roles = await Role.findAll({ where: { tenantId: tenant.id }, order: [['nameKey', 'ASC']] });
  const role = roles.find(({ nameKey }) => nameKey === canonicalName(name));
  if (!role)
    throw Invalid.field(field, `There is no role ${name}. There are ${roles.map((one) => one.name).join(', ')}.`);
  return role;
}
