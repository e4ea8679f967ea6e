import type { OutboxMessage } from '#models/outbox-message.js';
import type { Role } from '#models/role.js';
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
 * Where a mail goes: to whom it was made for, at the address that they have by now; null where that is over, for it may have
 * waited, and they may be disabled, or do another work. What somebody is told of their own account goes where it was
 * written to, whatever has become of it.
 */
export async function addressFor({ tenantId, userId, onlyFor, recipient }: OutboxMessage): Promise<string | null> {
  if (onlyFor === null) return recipient;
  const user = await User.findOne({ where: { tenantId, id: userId ?? '', status: 'active' } });
  if (!user || (await Tenant.count({ where: { id: tenantId, status: 'active' } })) === 0) return null;
  await giveRoles(tenantId, [user]);
  return user.email !== '' && isFor(onlyFor as OnlyFor, user.roles ?? []) ? user.email : null;
}

function isFor(onlyFor: OnlyFor, roles: readonly Role[]): boolean {
  if (onlyFor === 'active') return true;
  if (onlyFor === 'owner') return roles.some(({ key }) => isTopRole(key));
  return effectivePermissions(roles).has(onlyFor);
}
