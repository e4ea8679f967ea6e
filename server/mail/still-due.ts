import type { Read, Row } from '#models/database.js';
import type { OutboxMessage } from '#models/outbox-message.js';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions, grantsOf, isTopRole, type FactoryRoleKey } from '#policies/roles.js';

/**
 * Whom alone a mail is for:
 * - a permission: whoever has it
 * - `owner`: the people at the top, owners of an organisation or operators of the platform
 * - `active`: whose account can still be used
 */
export type OnlyFor = Permission | 'owner' | 'active';

// Roles are joined by the values, and not by the columns of the user: SQLite goes through everybody's else.
const HELD = `
SELECT u.email, r.key, r.permissions, r.read_only
FROM users u JOIN tenants t ON t.id = u.tenant_id AND t.status = 'active'
LEFT JOIN user_roles h ON h.tenant_id = $1 AND h.user_id = $2
LEFT JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
WHERE u.tenant_id = $1 AND u.id = $2 AND u.status = 'active'`;

/**
 * Where a mail goes: to whom it was made for, at the address that they have by now; null where that is over, for it may have
 * waited, and they may be disabled, or do another work. What somebody is told of their own account goes where it was
 * written to, whatever has become of it.
 */
export async function addressFor(
  read: Read,
  { tenantId, userId, onlyFor, recipient }: OutboxMessage,
): Promise<string | null> {
  if (onlyFor === null) return recipient;
  const rows = await read(HELD, [tenantId, userId ?? '']);
  const email = String(rows[0]?.['email'] ?? '');
  return email !== '' && isFor(onlyFor as OnlyFor, rows) ? email : null;
}

function isFor(onlyFor: OnlyFor, rows: readonly Row[]): boolean {
  if (onlyFor === 'active') return true;
  const roles = rows
    .filter((row) => row['permissions'] !== null)
    .map((row) => ({ key: row['key'] as FactoryRoleKey | null, permissions: String(row['permissions']), row }));
  if (onlyFor === 'owner') return roles.some(({ key }) => isTopRole(key));
  const held = roles.map(({ row, ...role }) => ({
    grants: grantsOf(role),
    readOnly: row['read_only'] === true || row['read_only'] === 1,
  }));
  return effectivePermissions(held).has(onlyFor);
}
