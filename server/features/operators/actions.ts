import { inTransaction } from '#models/transaction.js';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import { can } from '#policies/can.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import type { Context } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { checkPassword } from '#server/identity/password.js';
import { ensurePlatform } from '#server/identity/tenant.js';
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
  if (!can(context.actor, 'tenants:write')) throw new Forbidden();
  const there = await Tenant.findOne({ where: { slug: PLATFORM_SLUG } });
  const policy = there ? await SecurityPolicy.of(there.id) : DEFAULT_POLICY;
  await checkPassword(services, policy, { name: 'Platform', slug: PLATFORM_SLUG }, person, password, 'password');
  const passwordHash = await services.passwords.hash(password);
  return inTransaction(async () => {
    const platform = await ensurePlatform(context);
    const role = await Role.factory(platform.id, 'operator');
    const user = await addUser(context, { ...person, tenantId: platform.id, passwordHash, roleIds: [role.id] });
    return user.id;
  });
}
