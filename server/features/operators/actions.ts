import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import type { Context } from '#server/context.js';
import { actingNow } from '#server/identity/acting.js';
import { checkPassword } from '#server/identity/password.js';
import { ensurePlatform } from '#server/identity/make-tenant.js';
import { addUser } from '#server/identity/add-user.js';

export interface NewOperator {
  username: string;
  name: string;
  email: string;
  password: string;
}

/** Makes an operator, and the platform when it is the first. Gives the user's id. */
export async function createOperator(context: Context, { password, ...person }: NewOperator): Promise<string> {
  const { services } = context;
  const there = await Tenant.findOne({ where: { slug: PLATFORM_SLUG } });
  const policy = there ? await SecurityPolicy.of(there.id) : DEFAULT_POLICY;
  await checkPassword(services, policy, { name: 'Platform', slug: PLATFORM_SLUG }, person, password, 'password');
  const passwordHash = await services.passwords.hash(password);
  return actingNow(context, 'tenants:write', async (acting) => {
    const platform = await ensurePlatform(acting);
    const role = await Role.factory(platform.id, 'operator');
    const user = await addUser(acting, { ...person, tenantId: platform.id, passwordHash, roleIds: [role.id] });
    return user.id;
  });
}
