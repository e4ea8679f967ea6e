import { PolicyEntry } from '#models/policy-entry.js';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { slugProblem } from '#policies/names.js';
import { factoryRoles } from '#policies/roles.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import type { Context } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { isReserved, SHORT_NAMES } from './former-name.js';
import { beginLog, record } from '#server/trace/record.js';

export const SLUG_TAKEN = 'Another organisation has this short name. Choose another.';

/** Makes a tenant with all that every tenant has: policy, factory roles, the beginning of its log. Inside a transaction. */
export async function makeTenant(context: Context, { slug, name }: { slug: string; name: string }): Promise<Tenant> {
  const problem = slugProblem(slug);
  if (problem !== null) throw Invalid.field('slug', problem);
  if (await Tenant.findOne({ where: { slug } })) throw Invalid.field('slug', SLUG_TAKEN);
  if (await isReserved(context, SHORT_NAMES, slug))
    throw Invalid.field(
      'slug',
      'An organisation that was removed had this short name, and programs may still know it. Choose another, or free it first, on the command line: tenant free-name',
    );
  return createTenant(context, { slug, name });
}

/** Makes the reserved tenant of the operators, or gives the one there is. Inside a transaction. */
export async function ensurePlatform(context: Context): Promise<Tenant> {
  const slug = 'platform';
  return (await Tenant.findOne({ where: { slug } })) ?? createTenant(context, { slug, name: 'Platform' });
}

async function createTenant(context: Context, { slug, name }: { slug: string; name: string }): Promise<Tenant> {
  const tenant = await Tenant.create({ slug, name, createdAt: context.now });
  await SecurityPolicy.create({ ...DEFAULT_POLICY, tenantId: tenant.id, updatedAt: context.now });
  const { actor, door, now } = context;
  await PolicyEntry.add({ tenantId: tenant.id, actor, door, changedAt: now, way: 'created', state: DEFAULT_POLICY });
  for (const role of factoryRoles(tenant.isPlatform)) {
    const { key, name: roleName, description } = role;
    await Role.create({ tenantId: tenant.id, key, name: roleName, description, createdAt: context.now });
  }
  await beginLog(context, tenant.id);
  await record(context, {
    event: 'tenant.created',
    tenantId: tenant.id,
    target: { type: 'tenant', id: tenant.id },
    details: { slug, name },
  });
  return tenant;
}
