import { giveRoles } from '#models/roles-of.js';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { effectivePermissions, isTopRole } from '#policies/roles.js';

/** The people of a tenant who may act on accounts: every active holder of `users:write`, but for `exceptId`. */
export async function adminsOf(tenantId: string, exceptId: string): Promise<User[]> {
  const roles = await Role.findAll({ where: { tenantId } });
  const granting = roles.filter(({ grants }) => grants.includes('users:write')).map(({ id }) => id);
  const held = await UserRole.findAll({
    where: { tenantId, roleId: granting },
    attributes: ['userId'],
    group: ['userId'],
  });
  const users = await User.findAll({
    where: {
      tenantId,
      id: held.map(({ userId }) => userId).filter((id) => id !== exceptId),
      status: 'active',
      kind: 'person',
    },
    order: [['usernameKey', 'ASC']],
  });
  await giveRoles(tenantId, users);
  // A read-only role among the others strips the permission.
  return users.filter((user) => effectivePermissions(user.roles ?? []).has('users:write'));
}

/** The people at the top of a tenant: its owners, or the operators of the platform. */
export async function ownersOf(tenantId: string): Promise<User[]> {
  const roles = await Role.findAll({ where: { tenantId } });
  const top = roles.filter(({ key }) => isTopRole(key)).map(({ id }) => id);
  const held = await UserRole.findAll({ where: { tenantId, roleId: top }, attributes: ['userId'] });
  const id = [...new Set(held.map(({ userId }) => userId))];
  return User.findAll({
    where: { tenantId, id, status: 'active', kind: 'person' },
    order: [['usernameKey', 'ASC']],
  });
}

/** To whom there is to tell of an account: its owner, whatever becomes of them, or the administrators of one that only programs use. */
export async function readersOf(owner: User): Promise<{ to: User; onlyFor: 'users:write' | null }[]> {
  if (owner.kind !== 'service') return [{ to: owner, onlyFor: null }];
  return (await adminsOf(owner.tenantId, owner.id)).map((to) => ({ to, onlyFor: 'users:write' }));
}
