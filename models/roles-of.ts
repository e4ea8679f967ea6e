import { columnsOf, fromValues, rowOf, wholeRow } from './by-hand.js';
import type { Database, Read } from './database.js';
import { Role } from './role.js';
import { readNow } from './transaction.js';
import { UserRole } from './user-role.js';
import { User } from './user.js';

let oneUser = '';

/** The user of this id in this tenant, with the roles they hold, by one read; null for another tenant's. */
export async function readUser(
  read: Read,
  tenantId: string,
  userId: string,
): Promise<(User & { roles: Role[] }) | null> {
  // Roles are joined by the values, and not by the columns of the user: SQLite goes through everybody's else.
  oneUser ||= `SELECT ${columnsOf(User, 'u')}, ${columnsOf(Role, 'r')}
FROM users u LEFT JOIN user_roles h ON h.tenant_id = $1 AND h.user_id = $2
LEFT JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id WHERE u.tenant_id = $1 AND u.id = $2`;
  const rows = await read(oneUser, [tenantId, userId]);
  const user = rows[0] ? rowOf(User, 'u', rows[0]) : null;
  const roles = rows.map((row) => rowOf(Role, 'r', row)).filter((role) => role !== null);
  return user && Object.assign(user, { roles });
}

/** The users of these ids in this tenant, with the roles they hold, by one read. */
export async function readUsers(
  database: Pick<Database, 'dialect' | 'read'>,
  tenantId: string,
  ids: readonly string[],
): Promise<(User & { roles: Role[] })[]> {
  const { dialect } = database;
  const sql = `SELECT u.id AS id, ${wholeRow(dialect, User, 'u')}, r.id AS role_id, ${wholeRow(dialect, Role, 'r')}
${fromValues(dialect, 'users', 'u', 'id')} LEFT JOIN user_roles h ON h.tenant_id = u.tenant_id AND h.user_id = u.id
LEFT JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id`;
  const users = new Map<string, User & { roles: Role[] }>();
  const roles = new Map<string, Role>();
  for (const row of await readNow(database)(sql, [tenantId, JSON.stringify(ids)])) {
    const [id, roleId] = [String(row['id']), String(row['role_id'])];
    const user = users.get(id) ?? withNone(rowOf(User, 'u', row));
    if (!user) continue;
    users.set(id, user);
    const role = roles.get(roleId) ?? rowOf(Role, 'r', row);
    if (!role) continue;
    roles.set(roleId, role);
    user.roles.push(role);
  }
  return [...users.values()];
}

const withNone = (user: User | null): (User & { roles: Role[] }) | null => user && Object.assign(user, { roles: [] });

/**
 * Gives these users of one tenant the roles that they hold. Not as a join with them: for each of them SQLite goes through
 * the roles of everybody.
 */
export async function giveRoles(tenantId: string, users: readonly User[]): Promise<void> {
  const held = await UserRole.findAll({ where: { tenantId, userId: users.map(({ id }) => id) } });
  const roleIds = [...new Set(held.map(({ roleId }) => roleId))];
  const roles = new Map((await Role.findAll({ where: { tenantId, id: roleIds } })).map((role) => [role.id, role]));
  const heldBy = new Map<string, Role[]>(users.map(({ id }) => [id, []]));
  for (const { userId, roleId } of held) {
    const role = roles.get(roleId);
    if (role) heldBy.get(userId)?.push(role);
  }
  for (const user of users) user.roles = heldBy.get(user.id) ?? [];
}
