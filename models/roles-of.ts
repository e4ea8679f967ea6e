import { Role } from './role.js';
import { UserRole } from './user-role.js';
import type { User } from './user.js';

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
