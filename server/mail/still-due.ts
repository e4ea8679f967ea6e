import type { OutboxMessage } from '#models/outbox-message.js';
import { giveRoles } from '#models/roles-of.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions, isTopRole } from '#policies/roles.js';

/**
 * Whom alone a mail is for:
 * - a permission: whoever has it
 * - `owner`: the people at the top, owners of an organisation or operators of the platform
 * - `active`: whose account can still be used
 */
export type OnlyFor = Permission | 'owner' | 'active';

/**
 * Whether a mail may still go to whom it was made for: it may have waited, and they may be disabled, or do another work by
 * now. What somebody is told of their own account goes to them whatever has become of it.
 */
export async function isStillDue({ tenantId, userId, onlyFor }: OutboxMessage): Promise<boolean> {
  if (onlyFor === null) return true;
  const user = await User.findOne({ where: { tenantId, id: userId ?? '', status: 'active' } });
  if (!user || (await Tenant.count({ where: { id: tenantId, status: 'active' } })) === 0) return false;
  if (onlyFor === 'active') return true;
  await giveRoles(tenantId, [user]);
  const roles = user.roles ?? [];
  if (onlyFor === 'owner') return roles.some(({ key }) => isTopRole(key));
  return effectivePermissions(roles).has(onlyFor as Permission);
}
